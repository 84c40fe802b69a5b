"""The flow of a definition: each kind of state in it, its version, and the ways that take no time."""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.model.flow import flow_of
from choreography_insights.model.graph import reachable
from choreography_insights.model.workflow import nested
from choreography_insights.replay.automaton import Automaton
from choreography_insights.views.flow import Flow, FlowState, Passage, Way
from support.definitions import EXAMPLES, GOOD, name_of, read, workflow_of

RESULT = {"result": ["Good"]}
PLAN = {"plan": ["Gold"]}


def flow(states: dict[str, Any], **settings: Any) -> Flow:
    return flow_of(workflow_of(states, **settings))


def test_each_kind_of_state_has_its_form() -> None:
    found = flow(
        {
            "A": {
                "await": {
                    "Paid": [
                        {"when": RESULT, "remember": {"plan": "$.detail.plan"}, "next": "C"},
                        {"remember": {"plan": "$.detail.plan"}, "next": "P"},
                    ]
                },
                "timeout": {"after": "1h", "next": "F"},
            },
            "C": {"choose": [{"when": RESULT, "remembered": PLAN, "next": "M"}, {"otherwise": "W"}]},
            "M": {"all": {"X": "Sent", "Y": "Filed"}, "next": "W"},
            "P": {"parallel": {"one": {"states": {"B1": {"await": {"Cleaned": "D1"}}, "D1": "succeed"}}}, "next": "E"},
            "E": {
                "each": {
                    "items": "$.detail.lines",
                    "item": "$.detail.line",
                    "states": {"B2": {"await": {"Packed": "D2"}}, "D2": "succeed"},
                },
                "next": "M",
            },
            "W": {"wait": "2m", "next": "U"},
            "U": {"wait": {"until": "$.detail.at"}, "next": "O"},
            "O": {"pass": "S"},
            "S": "succeed",
            "F": {"fail": {"error": "Unpaid", "cause": "no money came"}},
        },
        start={"Begun": {"remember": {"plan": "$.detail.plan"}}, "Opened": {}},
        expected="1d",
    )
    assert found.first == "A"
    assert found.starts == ("Begun", "Opened")
    assert found.awaited == ("Cleaned", "Filed", "Packed", "Paid", "Sent")
    assert found.expected == 86_400
    assert found.remember == {"Begun": {"plan": "$.detail.plan"}}
    assert found.known == {*found.starts, *found.awaited}
    assert [*found.states.values()] == [
        FlowState("A", "await", "", (Way("C", "Paid", RESULT), Way("P", "Paid")), (3_600, "F")),
        FlowState("C", "choose", "", (Way("M", "", RESULT, PLAN), Way("W"))),
        FlowState("M", "all", "", (Way("W"),)),
        FlowState("M.X", "part", "M", (Way("W", "Sent"),)),
        FlowState("M.Y", "part", "M", (Way("W", "Filed"),)),
        FlowState("P", "parallel", "", (Way("E"),), begins=("B1",)),
        FlowState("B1", "await", "P", (Way("D1", "Cleaned"),)),
        FlowState("D1", "succeed", "P"),
        FlowState("E", "each", "", (Way("M"),), begins=("B2",)),
        FlowState("B2", "await", "E", (Way("D2", "Packed"),)),
        FlowState("D2", "succeed", "E"),
        FlowState("W", "wait", "", (Way("U"),), until=120),
        FlowState("U", "wait", "", (Way("O"),), until="$.detail.at"),
        FlowState("O", "pass", "", (Way("S"),)),
        FlowState("S", "succeed"),
        FlowState("F", "fail", error="Unpaid"),
    ]
    assert found.around("B2") == ["B2", "E"]
    assert found.parts("M") == ["M.X", "M.Y"]
    assert [one.name for one in found.states.values() if one.is_end] == ["D1", "D2", "S", "F"]


@pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)
def test_the_flow_has_what_replay_reads_of_the_definition(folder: Path) -> None:
    workflow = read(folder)
    found, automaton = flow_of(workflow), Automaton.of(workflow)
    assert found.first == automaton.first
    assert found.known == automaton.known
    assert [name for name, one in found.states.items() if one.owner == name] == [*automaton.places]
    for name, place in automaton.places.items():
        assert found.states[name].timeout == place.timeout
        if place.keeps:
            assert found.parts(name) == [wait.name for wait in place.waits]
        assert found.states[name].expected == automaton.expected.get(name)
        watch = found.watch(name)
        assert (watch and watch.name) == (place.watch and place.watch.name)
        for wait in place.all_waits if not place.keeps else (place.watch,) if place.watch else ():
            ways = found.states[wait.name].ways
            for event, transitions in wait.ways.items():
                assert [way.next for way in ways if way.event == event] == [one.next for one in transitions]


LIGHT = {"A": {"await": {"Paid": "B"}}, "B": "succeed"}


def test_the_version_is_of_where_states_lead_and_not_of_how_they_are_described() -> None:
    before = flow(LIGHT)
    canonical = (
        '{"awaited":["Paid"],"first":"A","starts":["Begun"],"states":'
        '[{"kind":"await","name":"A","ways":[{"event":"Paid","next":"B"}]},{"kind":"succeed","name":"B"}]}'
    )
    assert before.version == hashlib.sha256(canonical.encode()).hexdigest()[:12]
    assert flow(LIGHT, description="Other words").version == before.version
    expecting = flow({**LIGHT, "A": {"await": {"Paid": "B"}, "expected": "1h"}}, expected="1d")
    assert (expecting.expected, expecting.states["A"].expected) == (86_400, 3_600)
    assert expecting.version == before.version
    assert flow({**LIGHT, "A": {"await": {"Paid": "B"}, "timeout": {"after": "1h", "next": "B"}}}).version != (
        before.version
    )
    assert flow({**LIGHT, "A": {"await": {"Paid": [{"when": RESULT, "next": "B"}]}}}).version != before.version


CHOOSING: dict[str, Any] = {
    "A": {"await": {"Paid": [{"remember": {"plan": "$.detail.plan"}, "next": "One"}]}},
    "One": {"choose": [{"remembered": PLAN, "next": "Two"}, {"when": RESULT, "next": "Mark"}, {"otherwise": "B"}]},
    "Two": {"choose": [{"when": RESULT, "next": "Mark"}, {"when": {"result": ["Bad"]}, "next": "B"}]},
    "Mark": {"pass": "C"},
    "B": {"await": {"Sent": "Done"}},
    "C": {"wait": "1h", "next": "Done"},
    "Done": "succeed",
}
THROUGH_ONE = Passage(("One", "Mark"), "C")
THROUGH_TWO = Passage(("One", "Two", "Mark"), "C")
STRAY = Passage(("One",), "Two")


def test_what_takes_time_or_ends_is_come_to_at_once() -> None:
    found = flow(CHOOSING)
    assert [*found.passages("B")] == [Passage((), "B")]
    assert [*found.passages("Done")] == [Passage((), "Done")]


@pytest.mark.parametrize(
    ("memory", "detail", "expected"),
    [
        (None, None, [STRAY, Passage(("One",), "B"), THROUGH_ONE]),
        ({"plan": "Iron"}, None, [Passage(("One",), "B"), THROUGH_ONE]),
        ({"plan": "Gold"}, None, [STRAY, Passage(("One", "Two"), "B"), THROUGH_TWO]),
        ({"plan": "Gold"}, {"result": "Good"}, [THROUGH_TWO]),
        ({"plan": "Gold"}, {"result": "Odd"}, [STRAY]),
        ({}, {"result": "Odd"}, [Passage(("One",), "B")]),
    ],
)
def test_what_is_known_of_a_journey_rules_ways_out(
    memory: dict[str, Any] | None, detail: dict[str, Any] | None, expected: list[Passage]
) -> None:
    found = flow(CHOOSING)
    known = {} if detail is None else {"detail": detail}
    assert [*found.passages("One", memory, **known)] == expected


def test_branches_may_take_time_so_a_parallel_is_where_a_journey_comes_to() -> None:
    branches = {"x": {"states": {"X": {"pass": "Y"}, "Y": "succeed"}}, "z": {"states": {"Z": "succeed"}}}
    states = {"P": {"parallel": branches, "next": "B"}, "B": "succeed"}
    assert [*flow(states).passages("P")] == [Passage((), "P")]


def test_a_choose_on_the_way_may_ask_for_the_detail() -> None:
    found = flow(CHOOSING)
    assert [name for name in found.states if found.asks_detail(name)] == ["One", "Two"]
    found = flow({**CHOOSING, "Two": {"choose": [{"remembered": PLAN, "next": "B"}, {"otherwise": "Mark"}]}})
    assert [name for name in found.states if found.asks_detail(name)] == ["One"]


@pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)
def test_passages_lead_along_the_ways_of_the_flow(folder: Path) -> None:
    found = flow_of(read(folder))
    ways = {
        name: [*(way.next for way in one.leaving), *([one.timeout[1]] if one.timeout else [])]
        for name, one in found.states.items()
    }
    for state in nested(read(folder).states):
        origin = state.name.text
        passages = [*found.passages(origin)]
        assert passages
        assert len({one.to for one in passages}) == len(passages)
        for one in passages:
            steps = [*one.through, one.to]
            assert steps[0] == origin
            assert all(after in ways[before] for before, after in pairwise(steps))
            assert one.to in reachable(ways, [origin])
