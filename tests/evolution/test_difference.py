"""What is other between two definitions, and what of it strands journeys: the whole value, for small definitions."""

from dataclasses import replace
from typing import Any

import pytest

from choreography_insights.evolution.definition import Definition, settings_in
from choreography_insights.evolution.difference import Change, Detail, Difference, difference, stranding
from choreography_insights.evolution.losses import Loss
from choreography_insights.evolution.needs import Needs, Stand, Stranded, needs, stands
from choreography_insights.evolution.told import verdict
from choreography_insights.insights.rows import JourneyFound
from support.definitions import workflow_of

STATES = {"A": {"await": {"a": "B"}}, "B": {"await": {"b": "Done", "c": "Done"}}, "Done": "succeed"}


def definition(states: Any = STATES, **settings: Any) -> Definition:
    return Definition.of(workflow_of(states, **{"source": "s", "start": "S", "capture": "known", **settings}))


def between(older: Definition, newer: Definition) -> Difference:
    """Return the difference, which must be none where nothing changes."""
    assert difference(older, older).is_empty
    assert difference(newer, newer).is_empty
    return difference(older, newer)


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 journey that runs still needs what"), (2, "2 journeys that run still need what")]
)
def test_what_it_comes_to_is_said_of_one_as_of_many(count: int, said: str) -> None:
    found = replace(
        between(definition(), definition({**STATES, "B": {"await": {"b": "Done"}}})),
        stranded=(Stranded(Stand("", "A", count, 0.0, ("1",)), ("c",), ()),),
    )
    assert verdict(found).startswith(said)


def test_an_event_that_nothing_captures_any_more_strands_those_who_wait_for_it() -> None:
    found = between(definition(), definition({**STATES, "B": {"await": {"b": "Done"}}}))
    assert found.states == (Change("B", "changed", (Detail("accepts", before="c"),)),)
    assert found.events == (Change("c", "went"),)
    assert found.lost == (Loss("c", "s", "not captured"),)
    assert found.dropped == ()
    assert found.strands


def test_ids_of_their_own_that_are_elsewhere_are_told_and_strand_nobody() -> None:
    found = between(definition(), definition(events={"b": {"id": "$.detail.message"}}))
    assert found.events == (Change("b", "changed", (Detail("id", None, "$.detail.message"),)),)
    assert (found.lost, found.strands) == ((), False)


def test_an_event_that_is_retired_strands_nobody() -> None:
    newer = definition({**STATES, "B": {"await": {"b": "Done"}}}, events={"c": {"retired": True}})
    found = between(definition(), newer)
    assert found.events == (Change("c", "changed", (Detail("does", "moves one", "retired"),)),)
    assert (found.lost, found.dropped, found.strands) == ((), (), False)


def test_an_event_that_goes_where_all_are_captured_strands_nobody_and_is_unexpected_from_then_on() -> None:
    older, newer = (definition(states, capture="all") for states in (STATES, {**STATES, "B": {"await": {"b": "Done"}}}))
    found = between(older, newer)
    assert (found.lost, found.dropped, found.strands) == ((), ("c",), False)


def test_states_that_go_and_come_strand_nobody() -> None:
    newer = {"A": {"await": {"a": "New"}}, "New": {"await": {"b": "Done", "c": "Done", "d": "Done"}}, "Done": "succeed"}
    found = between(definition(), definition(newer))
    assert found.states == (
        Change("A", "changed", (Detail("next by a", "B", "New"),)),
        Change("B", "went"),
        Change("New", "came"),
    )
    assert found.events == (Change("d", "came"),)
    assert not found.strands


@pytest.mark.parametrize(
    ("before", "after", "loss"),
    [
        ({}, {"entity": "$.detail.other"}, Loss("c", "s", "entity", "$.detail.id", "$.detail.other")),
        ({}, {"where": {"k": [1]}}, Loss("c", "s", "where", None, {"k": [1]})),
        ({"where": {"k": [2]}}, {"where": {"k": [1]}}, Loss("c", "s", "where", {"k": [2]}, {"k": [1]})),
        ({"source": ["s", "t"]}, {"source": "t"}, Loss("c", "s", "not captured")),
    ],
)
def test_an_event_that_is_read_otherwise_does_not_find_those_who_wait_for_it(
    before: dict[str, Any], after: dict[str, Any], loss: Loss
) -> None:
    found = between(definition(events={"c": before} if before else {"b": {"time": "$.detail.at"}}), _reading(after))
    assert found.lost == (loss,)
    assert found.strands


def _reading(own: dict[str, Any]) -> Definition:
    return definition(events={"b": {"time": "$.detail.at"}, "c": own})


def test_more_events_of_a_name_and_another_clock_strand_nobody() -> None:
    older = definition(events={"c": {"where": {"k": [1]}, "source": "s"}})
    found = between(older, definition(events={"c": {"source": ["s", "t"], "time": "$.detail.at"}}))
    assert found.events == (
        Change(
            "c",
            "changed",
            (
                Detail("source", "s", "s, t"),
                Detail("time", "$.time", "$.detail.at"),
                Detail("where", {"k": [1]}, None),
            ),
        ),
    )
    assert not found.strands


def test_an_event_that_begins_journeys_moves_none_any_more() -> None:
    newer = {**STATES, "B": {"await": {"b": "Done"}}}
    assert between(definition(), definition(newer, start=["S", "c"])).lost == (Loss("c", "s", "begins journeys"),)
    divided = definition(start={"S": {}, "c": {"when": {"k": [1]}}})
    assert between(definition(), divided).lost == (Loss("c", "s", "some begin journeys", None, {"k": [1]}),)


def test_another_name_is_another_choreography() -> None:
    found = between(definition(), definition(choreography="other"))
    assert (found.renamed, found.strands, found.is_empty) == (("test", "other"), True, False)


def test_settings_and_policies_are_compared() -> None:
    changed = {
        **STATES,
        "A": {"await": {"a": "B"}, "unexpected": "report", "early": "5s", "timeout": {"after": "2h", "next": "B"}},
    }
    found = between(definition(), definition(changed, unexpected="fail", early="90s", capture="all"))
    assert found.settings == (
        Detail("earlySeconds", 60, 90),
        Detail("unexpected", "report", "fail"),
        Detail("capture", "known", "all"),
    )
    details = (Detail("timeout", None, "2h to B"), Detail("unexpected", None, "report"), Detail("early", None, 5))
    assert found.states == (Change("A", "changed", details),)
    assert not found.strands


def test_what_is_deployed_says_nothing_of_the_policies_of_single_states() -> None:
    older = definition()
    assert settings_in({"unexpected": "ignore", "name": "test"}) == {"unexpected": "report"}  # as it was called once
    deployed = Definition(older.name, older.flow, older.starts, older.moves, older.settings)
    newer = definition({**STATES, "A": {"await": {"a": "B"}, "unexpected": "fail"}})
    assert difference(deployed, newer).is_empty
    assert not difference(older, newer).is_empty


KINDS = {
    "P": {"parallel": {"x": {"states": {"X": {"await": {"x": "XDone"}}, "XDone": "succeed"}}}, "next": "All"},
    "All": {"all": {"one": "a", "two": "b"}, "next": "C", "timeout": {"after": "1h", "next": "Late"}},
    "C": {"choose": [{"when": {"k": [1]}, "next": "W"}, {"otherwise": "Done"}]},
    "W": {"wait": "5m", "next": "Done"},
    "Late": {"fail": {"error": "Late"}},
    "Done": "succeed",
}


def test_every_kind_of_state_is_compared() -> None:
    newer = {
        "P": {"parallel": {"x": {"states": {"X": {"await": {"y": "XDone"}}, "XDone": "succeed"}}}, "next": "All"},
        "All": {"all": {"one": "a", "three": "d"}, "next": "W", "timeout": {"after": "2h", "next": "Late"}},
        "C": {"choose": [{"when": {"k": [2]}, "next": "W"}, {"otherwise": "Done"}]},
        "W": {"wait": "6m", "next": "C"},
        "Late": {"fail": {"error": "TooLate"}},
        "Done": {"pass": "End"},
        "End": "succeed",
    }
    found = difference(definition(KINDS), definition(newer))
    assert found.states == (
        Change("X", "changed", (Detail("accepts", before="x"), Detail("accepts", after="y"))),
        Change(
            "All",
            "changed",
            (
                Detail("accepts", before="b"),
                Detail("accepts", after="d"),
                Detail("next", "C", "W"),
                Detail("timeout", "1h to Late", "2h to Late"),
            ),
        ),
        Change("C", "changed", (Detail("when", [{"when": {"k": [1]}}, {}], [{"when": {"k": [2]}}, {}]),)),
        Change("W", "changed", (Detail("next", "Done", "C"), Detail("until", 300, 360))),
        Change("Late", "changed", (Detail("error", "Late", "TooLate"),)),
        Change("Done", "changed", (Detail("kind", "succeed", "pass"),)),
        Change("End", "came"),
    )


def test_what_ends_a_group_and_when_and_what_is_remembered_behind_it_is_compared() -> None:
    def group(done: bool, **more: Any) -> Definition:
        await_a = {"await": {"a": {"next": "L", "remember": {"m": "detail.m"}}, "x": "LEnd"}}
        lines = {"L": {**await_a, **({"done": True} if done else {})}, "LEnd": "succeed"}
        all_of = {"all": {"C": "c", "D": "d"}, "next": "Done", **more.pop("all", {"instead": {"e": "Done"}})}
        return definition({"P": {"parallel": {"B": {"states": lines}}, **more}, "Q": all_of, "Done": "succeed"})

    found = between(group(done=True, until={"k": "Q"}), group(done=False, anytime={"k": "Q"}, next="Q"))
    assert found.states == (
        Change("P", "changed", (Detail("only by k", "when all are done", "at any time"),)),
        Change("L", "changed", (Detail("done", True, None),)),
    )
    before = group(done=False, next="Q", remember={"n": {"count": "m"}})
    assert between(before, group(done=False, next="Q", remember={"n": {"any": "m"}})).states == (
        Change("P", "changed", (Detail("learned", {"n": "count of m"}, {"n": "any of m"}),)),
    )
    assert between(before, group(done=False, next="Q", all={"anytime": {"e": "Done"}})).states == (
        Change("P", "changed", (Detail("learned", {"n": "count of m"}, None),)),
        Change("Q", "changed", (Detail("only by e", "before any of them", "at any time"),)),
    )


# ---- who needs what --------


def test_how_many_events_it_takes_is_compared() -> None:
    def counting(**more: Any) -> Definition:
        return definition({**STATES, "A": {"await": {"a": {"next": "B", **more}}}})

    found = between(counting(times=2), counting(times=3, distinct="$.detail.by"))
    assert found.states == (Change("A", "changed", (Detail("times by a", "2", "3 by $.detail.by"),)),)
    assert between(counting(), counting(times=2)).states == (
        Change("A", "changed", (Detail("times by a", None, "2"),)),
    )


def test_a_journey_needs_what_is_awaited_where_it_is_and_perhaps_what_is_behind() -> None:
    flow = definition(KINDS).flow
    assert needs(flow, "P") == Needs(frozenset("x"), frozenset("ab"))
    assert needs(flow, "All") == Needs(frozenset("ab"), frozenset())
    assert needs(flow, "W") == Needs(frozenset(), frozenset())
    assert needs(definition().flow, "A") == Needs(frozenset("a"), frozenset("bc"))
    around = {"First": {"await": {"f": "P"}, "timeout": {"after": "1h", "next": "Escalated"}}, **KINDS}
    escalated = {**around, "Escalated": {"await": {"e": "P"}}}
    assert needs(definition(escalated).flow, "First") == Needs(frozenset("f"), frozenset("abex"))


def _journey(entity: str, state: str, since: float, version: str | None, status: Any = "RUNNING") -> JourneyFound:
    return JourneyFound(f"test#{entity}", "e", status, 0.0, None, state, since, version)


def test_journeys_stand_together_by_state_and_version_the_longest_first() -> None:
    some = [_journey(f"{number}", "B", 50.0 + number, "v1") for number in range(7)]
    others = [_journey("x", "B", 10.0, "v2"), _journey("y", "A", 20.0, None), _journey("z", "A", 5.0, "v1", "FAILED")]
    assert stands([*reversed(some), *others]) == [
        Stand("v2", "B", 1, 10.0, ["x"]),
        Stand("", "A", 1, 20.0, ["y"]),
        Stand("v1", "B", 7, 50.0, ["0", "1", "2", "3", "4"]),
    ]


def test_those_are_stranded_who_still_need_what_is_lost() -> None:
    oldest = {"A": {"await": {"z": "B"}}, "B": {"await": {"b": "Done"}}, "Done": "succeed"}
    older = definition(events={"z": {"retired": True}})
    newer = definition({**STATES, "B": {"await": {"b": "Done"}}})
    flows = {"v0": definition(oldest).flow, "v1": older.flow}
    at = [Stand("v1", "B", 3, 10.0, ["1"]), Stand("v1", "A", 2, 11.0, ["2"]), Stand("v0", "A", 1, 12.0, ["3"])]
    beside = [Stand("v0", "B", 4, 13.0, ["4"]), Stand("", "A", 1, 14.0, ["5"])]
    found = stranding(older, newer, [*at, *beside], flows, unseen=0)
    assert [(one.event, one.why) for one in found.lost] == [("c", "not captured"), ("z", "not captured")]
    assert found.stranded == (
        Stranded(at[0], ("c",), ()),
        Stranded(at[1], (), ("c",)),
        Stranded(at[2], ("z",), ()),
        Stranded(beside[1], (), ("c", "z"), known=False),
    )
    assert found.strands


def test_what_is_lost_strands_nobody_if_nobody_needs_it_and_all_were_looked_at() -> None:
    older, newer = definition(), definition({**STATES, "B": {"await": {"b": "Done"}}})
    gone = [Stand("v2", "A", 1, 0.0, ["1"])]
    flows = {"v2": definition({"A": {"await": {"b": "Done"}}, "Done": "succeed"}).flow}
    assert not stranding(older, newer, gone, flows, unseen=0).strands
    assert stranding(older, newer, gone, flows, unseen=1).strands
    assert not stranding(older, older, gone, flows, unseen=1).strands


def test_what_is_accepted_at_any_time_is_told_as_the_states_own_and_needed_in_it_and_before() -> None:
    group = {"all": {"b": "b", "c": "c"}, "next": "Done"}
    states = {"A": {"await": {"a": "B"}}, "B": {**group, "anytime": {"off": "Done"}}, "Done": "succeed"}
    older, newer = definition(states), definition({**states, "B": group})
    found = between(older, newer)
    assert found.states == (Change("B", "changed", (Detail("accepts", before="off"),)),)
    assert (found.events, found.lost) == ((Change("off", "went"),), (Loss("off", "s", "not captured"),))
    assert needs(older.flow, "B") == Needs(frozenset({"b", "c", "off"}), frozenset())
    assert needs(older.flow, "A") == Needs(frozenset({"a"}), frozenset({"b", "c", "off"}))


def test_what_is_accepted_everywhere_is_told_of_every_state_in_which_a_journey_waits() -> None:
    found = between(definition(), definition(anytime={"off": "Done"}))
    assert found.states == tuple(Change(name, "changed", (Detail("accepts", after="off"),)) for name in "AB")


def test_an_event_that_begins_journeys_now_and_still_moves_those_that_run_strands_nobody() -> None:
    found = between(definition(), definition(start=["S", "c"]))
    (change,) = [one for one in found.events if one.name == "c"]
    assert change.details[0] == Detail("does", "moves one", "begins a journey and moves one")
    assert (found.lost, found.strands) == ((), False)
    assert between(definition(start=["S", "c"]), definition()).lost == ()
