"""Whether the compiler holds the right events: small choreographies, all series, every order of their events.

What can be seen of a journey must be the same in every order, for series in which each event is accepted as it happens:
that is what holding is for. Nothing is delivered here; `test_properties` and `test_disorder` do that.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from choreography_insights.diagnostics.problem import InvalidWorkflow
from choreography_insights.model.workflow import Workflow, may_leave_lines
from correlation.orders import Hold, Letter, goes_wrong, holds
from support.definitions import workflow_of
from support.exploring import times


def every_choreography_of_two_states_and_two_events(names: Sequence[str] = "ab") -> list[Workflow]:
    """Each state may accept either event, or both, and go anywhere."""
    found = []
    accepted = [dict(zip(names, ways, strict=True)) for ways in product(["A", "B", "Done", "Failed", None], repeat=2)]
    for one, other in product(accepted, repeat=2):
        states: dict[str, Any] = {
            name: {"await": {event: to for event, to in ways.items() if to}}
            for name, ways in (("A", one), ("B", other))
        }
        targets = {*one.values(), *other.values()}
        states |= {name: how for name, how in (("Done", "succeed"), ("Failed", "fail")) if name in targets}
        try:
            found.append(workflow_of(states))
        except InvalidWorkflow:
            continue
    return found


def test_just_those_events_are_held_whose_order_matters_in_every_choreography_of_two_states_and_two_events() -> None:
    letters: list[Letter] = [("a", {}), ("b", {})]
    choreographies = every_choreography_of_two_states_and_two_events()
    assert len(choreographies) == 164
    for workflow in choreographies:
        held = holds(workflow)
        assert goes_wrong(workflow, letters, 4, held) is None, workflow
        for one in (key for key, hold in held.items() if hold is not Hold.NOT):
            assert goes_wrong(workflow, letters, 4, {**held, one: Hold.NOT}) is not None, (workflow, one)


def every_choreography_that_counts() -> list[Workflow]:
    """One state counts one event or both, and leads to a state that may await them too."""
    ways = [None, "B", "Done", "A"]
    counts: list[dict[str, Any]] = [{}, {"times": 2}, {"times": 2, "distinct": "$.detail.k"}]
    entries = [None, *({"next": way, **count} for way, count in product(ways[1:], counts))]
    found = []
    for one, other, then in product(entries, entries, ("Done", "A", None)):
        accepted = {event: [entry] for event, entry in (("a", one), ("b", other)) if entry}
        if not any("times" in entry for (entry,) in accepted.values()):
            continue
        states: dict[str, Any] = {
            "A": {"await": accepted},
            "B": {"await": {"c": "Done", **({"a": then} if then else {})}},
        }
        states |= {"Done": "succeed", "Failed": "fail"}
        states = {name: states[name] for name in _reached(states)}
        try:
            found.append(workflow_of(states))
        except InvalidWorkflow:
            continue
    return found


def test_just_those_events_are_held_whose_order_matters_where_events_are_counted() -> None:
    letters: list[Letter] = [("a", {"k": 1}), ("a", {"k": 2}), ("b", {"k": 1}), ("c", {})]
    choreographies = every_choreography_that_counts()
    assert len(choreographies) == 216
    for workflow in choreographies:
        assert goes_wrong(workflow, letters, 4, holds(workflow)) is None, workflow


def every_choreography_of_two_lines() -> list[Workflow]:
    """What leads to a line's end may also lead round, or on, or to the end of all lines."""
    found = []
    left = [dict(zip("ab", ways, strict=True)) for ways in product(["L", "LEnd", "Bad", None], repeat=2)]
    right = [{"c": way} for way in ("R", "REnd", "T", "Worse")]
    for one, other in product(left, right):
        ways = {event: to for event, to in one.items() if to}
        lines = {
            "Left": {"L": {"await": {**ways, "f": "LEnd"}}, "LEnd": "succeed", "Bad": "fail"},
            "Right": {
                "R": {"await": {**other, "e": "REnd"}},
                "T": {"await": {"d": "REnd"}},
                "REnd": "succeed",
                "Worse": "fail",
            },
        }
        parallel = {
            line: {"states": {name: states[name] for name in _reached(states)}} for line, states in lines.items()
        }
        try:
            found.append(workflow_of({"P": {"parallel": parallel, "next": "Done"}, "Done": "succeed"}))
        except InvalidWorkflow:
            continue
    return found


def test_just_those_events_are_held_whose_order_matters_in_every_choreography_of_two_lines() -> None:
    letters: list[Letter] = [(name, {}) for name in "abcdef"]
    choreographies = every_choreography_of_two_lines()
    assert len(choreographies) == 64
    for workflow in choreographies:
        held = holds(workflow)
        assert goes_wrong(workflow, letters, 3, held) is None, workflow
        for one in (key for key, hold in held.items() if hold is not Hold.NOT):
            for less in (Hold.NOT, Hold.SETTLES):
                if held[one] is not less:
                    assert goes_wrong(workflow, letters, 3, {**held, one: less}) is not None, (workflow, one, less)


def every_choreography_with_an_event_at_any_time() -> list[Workflow]:
    """What ends a group of two lines leads back into it, on, or to a state that awaits what its lines await."""
    found = []
    left, right = ("L", "LEnd", "Bad"), ("R", "REnd")
    for one, other, off, behind in product(left, right, ("P", "Q", "Done"), ("a", "b", "d")):
        lines = {
            "Left": {"L": {"await": {"a": one, "f": "LEnd"}}, "LEnd": "succeed", "Bad": "fail"},
            "Right": {"R": {"await": {"b": other, "e": "REnd"}}, "REnd": "succeed"},
        }
        parallel = {
            line: {"states": {name: states[name] for name in _reached(states)}} for line, states in lines.items()
        }
        states = {
            "P": {"parallel": parallel, "anytime": {"c": off}, "next": "Done"},
            "Q": {"await": {behind: "Done"}},
            "Done": "succeed",
        }
        found.append(workflow_of({name: states[name] for name in _reached(states)}))
    return found


def test_just_those_events_are_held_whose_order_matters_where_an_event_is_accepted_at_any_time() -> None:
    letters: list[Letter] = [(name, {}) for name in "abcdef"]
    choreographies = every_choreography_with_an_event_at_any_time()
    assert len(choreographies) == 54
    for workflow in choreographies:
        held = holds(workflow)
        assert goes_wrong(workflow, letters, 3, held) is None, workflow
        for one in (key for key, hold in held.items() if hold is not Hold.NOT):
            assert goes_wrong(workflow, letters, 4, {**held, one: Hold.NOT}) is not None, (workflow, one)


def every_choreography_of_which_not_all_lines_are_needed() -> list[Workflow]:
    """Two lines of which the first that is done ends the other, or one only watches; or two of three events."""
    found = []
    left, right = ("L", "LEnd", "M", "Bad", None), ("R", "REnd", "T", "Worse")
    for one, two, other, behind, first in product(left, ("LEnd", "Bad", None), right, "acdz", ({}, {"first": True})):
        lines = {
            "Left": {
                "L": {"await": {event: to for event, to in (("a", one), ("b", two)) if to}},
                "M": {"await": {"e": "LEnd"}},
                "LEnd": "succeed",
                "Bad": "fail",
            },
            "Right": {"R": {"await": {"c": other}}, "T": {"await": {"d": "REnd"}}, "REnd": "succeed", "Worse": "fail"},
        }
        parallel = {
            line: {"states": {name: states[name] for name in _reached(states)}} for line, states in lines.items()
        }
        states = {
            "P": {"parallel": parallel, **first, "next": "Q"},
            "Q": {"await": {behind: "Done"}},
            "Done": "succeed",
        }
        try:
            workflow = workflow_of(states)
        except InvalidWorkflow:
            continue
        found += [workflow] if may_leave_lines(workflow.states[0]) else []
    for need, behind, back in product((1, 2), "abcd", ("Done", "P")):
        group = {"all": {"A": "a", "B": "b", "C": "c"}, "need": need, "next": "Q"}
        found.append(workflow_of({"P": group, "Q": {"await": {behind: "Done", "e": back}}, "Done": "succeed"}))
    return found


def test_no_order_changes_a_journey_where_not_all_lines_are_needed() -> None:
    letters: list[Letter] = [(name, {}) for name in "abcdez"]
    choreographies = every_choreography_of_which_not_all_lines_are_needed()
    assert len(choreographies) == 156
    for workflow in choreographies:
        assert goes_wrong(workflow, letters, 4, holds(workflow)) is None, workflow


def test_nothing_is_held_in_vain_of_what_is_behind_lines_of_which_one_is_enough() -> None:
    """Each of two branches may end the other; what leads nowhere is held if it may still come behind them."""
    letters: list[Letter] = [(name, {}) for name in "abcx"]
    for behind in ("b", "c"):
        lines = {
            "Left": {"states": {"L": {"await": {"a": "LEnd"}}, "LEnd": "succeed"}},
            "Right": {"states": {"R": {"await": {"b": "T"}}, "T": {"await": {"x": "REnd"}}, "REnd": "succeed"}},
        }
        states = {"P": {"parallel": lines, "first": True, "next": "Q"}, "Q": {"await": {behind: "Done"}}}
        workflow = workflow_of({**states, "Done": "succeed"})
        held = holds(workflow)
        assert (held["R", "b", 0] is Hold.NOT) == (behind == "c")
        for one in [key for key in (("L", "a", 0), ("R", "b", 0)) if held[key] is not Hold.NOT]:
            assert goes_wrong(workflow, letters, 4, {**held, one: Hold.NOT}) is not None, (behind, one)


# ---- all that tells events apart, or keeps something of them, or ends the lines beside --------

_PAST = "1970-01-01T00:00:00Z"


@st.composite
def choreographies(draw: st.DrawFn) -> tuple[Workflow, list[Letter]]:
    """Two to four states and their events: patterns, memory, choices, events in any order, branches, items, pauses."""
    events = draw(st.sampled_from([["a"], ["a", "b"], ["a", "b", "c"]]))
    names = [f"S{number}" for number in range(draw(st.integers(2, 4)))]
    remembers = draw(st.booleans())
    states = draw(_states(names, ["Done", "Failed"], events, remembers=remembers))
    states |= {"Done": "succeed", "Failed": draw(st.sampled_from(["fail", {"fail": {"error": "$.detail.k"}}]))}
    states = {name: states[name] for name in _reached(states)}
    settings: dict[str, Any] = {"start": {"Begun": {"remember": {"items": "detail.items", "k": "detail.k"}}}}
    if draw(st.booleans()) and "'a'" in str(states):
        settings["events"] = {"a": {"item": "$.detail.k"}}
    if len(events) < 3 and draw(st.booleans()):
        events = [*events, "z"]
        settings["anytime"] = {"z": draw(_entries(st.sampled_from(list(states)), remembers=remembers, counts=False))}
    details = [{"k": 1, "i": 1}, {"k": 2, "i": 2}]
    details += draw(
        st.sampled_from([[], [{"k": 1, "i": 2}], [{"k": 2, "i": 1, "at": _PAST}], [{"k": 1, "items": [1]}]])
    )
    try:
        return workflow_of(states, **settings), [(event, detail) for event in events for detail in details]
    except InvalidWorkflow:
        assume(False)  # no way out, or only one that no event takes
        raise


@st.composite
def _states(
    draw: st.DrawFn, names: Sequence[str], ends: Sequence[str], events: Sequence[str], *, remembers: bool
) -> dict[str, Any]:
    anywhere = st.sampled_from([*names, *ends])
    return {name: draw(_state(name, anywhere, events, remembers=remembers)) for name in names}


@st.composite
def _state(
    draw: st.DrawFn, name: str, anywhere: st.SearchStrategy[str], events: Sequence[str], *, remembers: bool
) -> dict[str, Any]:
    kinds = ["await"] * 6 + ["choose", "pass", "wait"] + (["all"] if len(events) > 1 else [])
    kinds += ["parallel"] * 2 if len(events) > 1 and len(name) < 5 else []
    kinds += ["each"] if len(name) < 5 else []
    match draw(st.sampled_from(kinds)):
        case "choose":
            asked = draw(st.sampled_from(["when", "remembered"] if remembers else ["when"]))
            otherwise = [{"otherwise": draw(anywhere)}] if draw(st.booleans()) else []
            return {"choose": [{asked: {"k": [1]}, "next": draw(anywhere)}, *otherwise]}
        case "pass":
            return {"pass": draw(anywhere)}
        case "wait":
            return {"wait": {"until": "$.detail.at"}, "next": draw(anywhere)}
        case "all":
            off = draw(_anytime(events[2:], anywhere, remembers=remembers))
            need = draw(st.sampled_from([{}, {"need": 1}]))
            return {"all": {f"i{event}": event for event in events[:2]}, "next": draw(anywhere), **need, **off}
        case "parallel":
            off = draw(_anytime(events[2:], anywhere, remembers=remembers))
            events = events[:2] if off else events
            cut = draw(st.integers(1, len(events) - 1))
            lines = {
                line: {"states": draw(_line(line, own, remembers=remembers))}
                for line, own in ((f"{name}L", events[:cut]), (f"{name}R", events[cut:]))
            }
            first = draw(st.sampled_from([{}, {"first": True}]))
            return {"parallel": lines, "next": draw(anywhere), **first, **off}
        case "each":
            items = draw(st.sampled_from(["$.remembered.items", "$.remembered.items", "$.detail.items"]))
            item = draw(st.sampled_from(["$.detail.i", "$.detail.k"]))
            off = draw(_anytime(events[1:], anywhere, remembers=remembers))
            line = draw(_line(f"{name}E", events[:1] if off else events, remembers=remembers))
            need = draw(st.sampled_from([{}, {"need": 1}]))
            return {"each": {"items": items, "item": item, "states": line}, "next": draw(anywhere), **need, **off}
        case _:
            accepted = draw(st.lists(st.sampled_from(events), min_size=1, max_size=2, unique=True))
            return {"await": {event: draw(_entries(anywhere, remembers=remembers)) for event in accepted}}


@st.composite
def _anytime(
    draw: st.DrawFn, events: Sequence[str], anywhere: st.SearchStrategy[str], *, remembers: bool
) -> dict[str, Any]:
    """Perhaps one of *events*, which no line awaits, ends them all."""
    if not events or not draw(st.booleans()):
        return {}
    return {"anytime": {draw(st.sampled_from(events)): draw(_entries(anywhere, remembers=remembers, counts=False))}}


@st.composite
def _line(draw: st.DrawFn, line: str, events: Sequence[str], *, remembers: bool) -> dict[str, Any]:
    """The states of a branch, or of an item."""
    names = [f"{line}{number}" for number in range(draw(st.integers(1, 2)))]
    states = draw(_states(names, [f"{line}2", f"{line}2", f"{line}3"], events, remembers=remembers))
    states |= {f"{line}2": "succeed", f"{line}3": "fail"}
    return {name: states[name] for name in _reached(states)}


@st.composite
def _entries(
    draw: st.DrawFn, anywhere: st.SearchStrategy[str], *, remembers: bool, counts: bool = True
) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = draw(
        st.sampled_from(
            [
                [{}],
                [{"when": {"k": [1]}}, {"when": {"k": [2]}}],
                [{"when": {"k": [1]}}, {}],
                [{"when": {"k": [2]}}],
                *([[{"remembered": {"k": [1]}}, {}]] if remembers else []),
            ]
        )
    )
    kept = {"remember": {"k": "detail.k"}}
    found = [{**one, "next": draw(anywhere), **(kept if remembers and draw(st.booleans()) else {})} for one in asked]
    if counts and draw(st.integers(0, 3)) == 0:
        found[-1] |= {"times": 2, **draw(st.sampled_from([{}, {"distinct": "$.detail.k"}, {"distinct": "$.detail.i"}]))}
    return found


def _reached(states: dict[str, Any]) -> list[str]:
    """The names of those of *states* that the first leads to: the others are of no use."""
    found, open_ends = [], [next(iter(states))]
    while open_ends:
        name = open_ends.pop()
        if name not in found:
            found.append(name)
            open_ends += [one for one in states if f"'{one}'" in str(states[name])]
    return found


@settings(max_examples=times(100), suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(choreographies())
def test_no_order_of_their_events_changes_a_journey_where_the_compiler_holds_those_that_it_says(
    chosen: tuple[Workflow, list[Letter]],
) -> None:
    workflow, letters = chosen
    assert goes_wrong(workflow, letters, 3 if len(letters) > 6 else 4, holds(workflow)) is None


def test_just_those_events_are_held_whose_order_matters_where_the_start_event_is_awaited_too() -> None:
    letters: list[Letter] = [("Begun", {}), ("a", {})]
    choreographies = every_choreography_of_two_states_and_two_events(("Begun", "a"))
    assert len(choreographies) == 164
    for workflow in choreographies:
        held = holds(workflow)
        assert goes_wrong(workflow, letters, 4, held) is None, workflow
