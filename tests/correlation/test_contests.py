"""Whether the compiler holds the right events: small choreographies, all series, every order of their events.

What can be seen of a journey must be the same in every order, for series in which each event is accepted as it happens:
that is what holding is for. Nothing is delivered here; `test_properties` and `test_disorder` do that.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from choreography_insights.authoring.problems import InvalidWorkflow
from choreography_insights.authoring.workflow import Workflow
from correlation.orders import Letter, goes_wrong, holds
from support.definitions import workflow_of
from support.exploring import times


def every_choreography_of_two_states_and_two_events() -> list[Workflow]:
    """Each state may accept either event, or both, and go anywhere."""
    found = []
    accepted = [dict(zip("ab", ways, strict=True)) for ways in product(["A", "B", "Done", "Failed", None], repeat=2)]
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
        for one in (key for key, is_held in held.items() if is_held):
            assert goes_wrong(workflow, letters, 4, {**held, one: False}) is not None, (workflow, one)


# ---- all that tells events apart, or keeps something of them --------


@st.composite
def choreographies(draw: st.DrawFn) -> tuple[Workflow, list[str]]:
    """Two to four states and their events: patterns, memory, choices, events in any order, branches."""
    events = draw(st.sampled_from([["a"], ["a", "b"], ["a", "b", "c"]]))
    names = [f"S{number}" for number in range(draw(st.integers(2, 4)))]
    states = draw(_states(names, ["Done", "Failed"], events, remembers=draw(st.booleans())))
    states |= {"Done": "succeed", "Failed": draw(st.sampled_from(["fail", {"fail": {"error": "$.detail.k"}}]))}
    try:
        return workflow_of({name: states[name] for name in _reached(states)}), events
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
    kinds = ["await"] * 5 + ["choose", "pass"] + (["all"] if len(events) > 1 else [])
    kinds += ["parallel"] if len(events) > 2 and len(name) == 2 else []
    match draw(st.sampled_from(kinds)):
        case "choose":
            asked = draw(st.sampled_from(["when", "remembered"] if remembers else ["when"]))
            return {"choose": [{asked: {"k": [1]}, "next": draw(anywhere)}, {"otherwise": draw(anywhere)}]}
        case "pass":
            return {"pass": draw(anywhere)}
        case "all":
            return {"all": {f"i{event}": event for event in events[:2]}, "next": draw(anywhere)}
        case "parallel":
            lines = {}
            for line, own in ((f"{name}L", events[:1]), (f"{name}R", events[1:])):
                inside = draw(_states([f"{line}0", f"{line}1"], [f"{line}2", f"{line}3"], own, remembers=remembers))
                inside[f"{line}2"] = "succeed"
                inside[f"{line}3"] = "fail"
                lines[line] = {"states": {one: inside[one] for one in _reached(inside)}}
            return {"parallel": lines, "next": draw(anywhere)}
        case _:
            accepted = draw(st.lists(st.sampled_from(events), min_size=1, max_size=2, unique=True))
            return {"await": {event: draw(_entries(anywhere, remembers=remembers)) for event in accepted}}


@st.composite
def _entries(draw: st.DrawFn, anywhere: st.SearchStrategy[str], *, remembers: bool) -> list[dict[str, Any]]:
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
    return [{**one, "next": draw(anywhere), **(kept if remembers and draw(st.booleans()) else {})} for one in asked]


def _reached(states: dict[str, Any]) -> list[str]:
    """The names of those of *states* that the first leads to: the others are of no use."""
    found, open_ends = [], [next(iter(states))]
    while open_ends:
        name = open_ends.pop()
        if name not in found:
            found.append(name)
            open_ends += [one for one in states if f"'{one}'" in str(states[name])]
    return found


@settings(max_examples=times(400), suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(choreographies())
def test_no_order_of_their_events_changes_a_journey_where_the_compiler_holds_those_that_it_says(
    chosen: tuple[Workflow, list[str]],
) -> None:
    workflow, events = chosen
    letters: list[Letter] = [(event, {"k": k}) for event in events for k in (1, 2)]
    assert goes_wrong(workflow, letters, 3 if len(events) > 2 else 4, holds(workflow)) is None
