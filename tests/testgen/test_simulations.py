"""The simulations of a definition: few, and together they take every way that events can take."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.core.fields import read_id
from choreography_insights.model.workflow import Await, Succeed, Workflow
from choreography_insights.project.folders import generate
from choreography_insights.project.simulating import simulated
from choreography_insights.testgen import simulations
from choreography_insights.testgen.routes import Edge, coverable, fewest_walks
from support.definition_strategies import definitions
from support.definitions import EXAMPLES, GOOD, name_of, read, workflow_of
from support.walking import Step, walk, ways_by_event


def assert_each_ends_as_expected(workflow: Workflow) -> set[Step]:
    """Walk every simulation and return the ways that they take together."""
    taken: set[Step] = set()
    for simulation in simulations(workflow).series:
        document = simulation.document
        ((entity, expected),) = document["expect"].items()
        end, steps = walk(workflow, document["events"])
        success = any(isinstance(state, Succeed) and state.name.text == end for state in workflow.states)
        assert expected == {
            "choreography": workflow.name.text,
            "status": "SUCCEEDED" if success else "FAILED",
            "state": end,
        }
        assert {whose(workflow, event) for event in document["events"]} == {entity}
        assert [event["wait"] for event in document["events"]] == ["0", *["1"] * (len(document["events"]) - 1)]
        taken.update(steps)
    return taken


def whose(workflow: Workflow, event: dict[str, Any]) -> str | None:
    """The entity that an event of a simulation is about."""
    return read_id(workflow.entity_of(event["detailType"], event["detail"]), event)


@given(definitions())
def test_every_simulation_ends_as_it_says_and_together_they_take_every_way(states: dict[str, Any]) -> None:
    workflow = workflow_of(states, start=["Begun", "Imported"])
    left = {(one.state, one.target) for one in simulations(workflow).left if not one.way.startswith("after ")}
    taken = assert_each_ends_as_expected(workflow)
    by_name = {state.name.text: state for state in workflow.states}
    for name, position in set(ways_by_event(workflow)) - taken:
        state = by_name[name]
        target = state.variants[position].next.text if isinstance(state, Await) else state.next.text  # type: ignore[union-attr]
        assert (name, target) in left


@given(definitions())
def test_no_two_simulations_share_a_file_or_an_entity(states: dict[str, Any]) -> None:
    series = simulations(workflow_of(states)).series
    assert len({simulation.name for simulation in series}) == len(series)
    assert len({entity for simulation in series for entity in simulation.document["expect"]}) == len(series)


@given(definitions())
def test_what_is_generated_is_the_same_every_time(states: dict[str, Any]) -> None:
    assert generate(workflow_of(states)) == generate(workflow_of(json.loads(json.dumps(states))))


def test_the_examples_are_simulated_by_these_series() -> None:
    found = {folder.name: {one.name: one.events for one in simulations(read(folder)).series} for folder in EXAMPLES}
    assert found == {
        "order": {
            "order-completed": ("Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered"),
            "order-canceled-after-order-accepted": (
                *("Order Placed", "Order Confirmed", "Order Accepted", "Order Canceled"),
            ),
            "order-canceled-after-order-rejected": (
                *("Order Placed", "Order Confirmed", "Order Rejected", "Order Canceled"),
            ),
        },
        "car-dealer": {
            "rejected": ("Car Announced", "Inspection Completed"),
            "completed": (
                *("Car Announced", "Inspection Completed", "Car Cleaned", "Car Repaired", "Car Priced"),
                *("Car Published", "Car Unpublished", "Car Published", "Car Reserved", "Car Unreserved"),
                *("Car Reserved", "Car Sold", "Car Delivered", "Invoice Sent"),
            ),
        },
        "ingest": {
            "ingested": ("Object Created", "Batch Job State Change", "Result Published"),
            "job-failed": ("Object Created", "Batch Job State Change"),
        },
        "shop-order": {
            "fulfilled": ("shopifyWebhook",) * 3,
            "shopify-webhook-in-unpaid-to-canceled": ("shopifyWebhook",) * 2,
            "shopify-webhook-in-refunding": ("shopifyWebhook",) * 4,
        },
    }
    for folder in EXAMPLES:
        workflow = read(folder)
        assert assert_each_ends_as_expected(workflow) == set(ways_by_event(workflow))


@pytest.mark.parametrize("folder", EXAMPLES, ids=name_of)
def test_every_simulation_beside_an_example_ends_as_it_says_those_written_by_hand_too(folder: Path) -> None:
    for path in sorted((folder / "simulations").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        ((entity, expected),) = document["expect"].items()
        workflow = read(folder)
        assert walk(workflow, document["events"])[0] == expected["state"]
        assert {whose(workflow, event) for event in document["events"]} == {entity}


def test_what_lines_beside_a_failure_need_to_begin_is_there() -> None:
    folder = next(folder for folder in GOOD if folder.name == "fails-beside-a-list")
    (stopped,) = [one for one in simulations(read(folder)).series if one.end == "Stopped"]
    begun, _ = stopped.document["events"]
    assert begun["detail"] == {
        "id": "campaign-stopped-1",
        "films": ["item-1"],
        "embargo": True,
        "until": "2020-01-01T00:00:00Z",
    }


def test_the_key_of_an_item_says_whose_it_is_where_one_field_says_both() -> None:
    folder = next(folder for folder in GOOD if folder.name == "video-by-renditions")
    (online,) = [one for one in simulations(read(folder)).series if one.end == "Online"]
    *_, listed, checked, published = (event["detail"] for event in online.document["events"])
    key = "renditions/video-online-1/item-1"
    assert (listed["keys"], checked["key"], published["key"]) == ([key], key, key)


def test_an_event_that_is_only_noted_comes_in_a_series_that_goes_on_as_it_would() -> None:
    folder = next(folder for folder in GOOD if folder.name == "noted-anytime")
    (done, _) = simulations(read(folder)).series
    assert done.events == (
        *("Order Placed", "Order Rated", "Order Canceled", "Order Checked", "Order Rated", "Order Canceled"),
        *("Stock Photographed", "Stock Picked", "Stock Photographed", "Payment Taken", "Parcel Weighed", "Parcel Sent"),
        "Order Rated",
    )


def test_an_event_is_noted_in_the_longest_pause_if_that_is_long_enough() -> None:
    def events(*pauses: str) -> list[tuple[str, ...]]:
        states = {f"P{at}": {"wait": pause, "next": f"P{at + 1}"} for at, pause in enumerate(pauses)}
        workflow = workflow_of({**states, f"P{len(pauses)}": "succeed"}, start="Begun", anytime={"Rated": "stay"})
        return [
            (*one.events, *(event["wait"] for event in one.document["events"])) for one in simulated(workflow).series
        ]

    assert events("3s", "1h", "9s") == [("Begun", "Rated", "0", "4")]
    assert events("3s", "5s") == [("Begun", "0")]


FOUND = {
    "parallel": {
        side: {
            "states": {
                side: {"await": {f"{side} Found": [{"remember": {"part": "detail.part"}, "next": f"{side}Done"}],
                                 f"{side} Empty": f"{side}Done"}},
                f"{side}Done": "succeed",
            }
        }
        for side in ("Left", "Right")
    },
    "remember": {"parts": {"list": "part"}},
    "next": "Sending",
}  # fmt: skip
SENT = {
    "each": {
        "items": "$.remembered.parts",
        "item": "$.detail.sent",
        "states": {"S": {"await": {"Sent": "SDone", "Lost": "SDone", "Burnt": "SDone", "Stolen": "Stolen"}}}
        | {"SDone": "succeed", "Stolen": "fail"},
    },
    "next": "Done",
}


def test_a_list_that_was_handed_out_is_gone_through_as_long_as_it_is() -> None:
    """Two branches hand out two parts at most, so that three ways through take two series; a fourth fails, alone."""
    found = simulated(workflow_of({"Looking": FOUND, "Sending": SENT, "Done": "succeed"}, start="Begun"))
    assert found.left == ()
    told = [
        tuple(
            event["detailType"]
            + "".join(f" {event['detail'][key]}" for key in ("part", "sent") if key in event["detail"])
            for event in one.document["events"][1:]
        )
        for one in found.series
    ]
    assert told == [
        ("Left Found item-1", "Right Found item-2", "Sent item-1", "Lost item-2"),
        ("Left Found item-1", "Right Found item-2", "Burnt item-1", "Sent item-2"),
        ("Left Found item-1", "Right Empty", "Stolen item-1"),
        ("Left Empty", "Right Empty"),
    ]


def test_a_list_of_what_has_a_key_is_gone_through_too() -> None:
    found: Any = json.loads(json.dumps({"Looking": FOUND, "Sending": SENT, "Done": "succeed"}))
    found["Sending"]["each"] |= {"key": "$.number"}
    series = simulated(workflow_of(found, start="Begun")).series
    parts = [event["detail"]["part"] for one in series for event in one.document["events"] if "part" in event["detail"]]
    assert parts == [{"number": f"item-{number}"} for number in (1, 2, 1, 2, 1)]


def test_what_replay_contradicts_is_not_simulated() -> None:
    states = {
        "P": {
            "parallel": {
                "A": {
                    "states": {
                        "Pause": {"wait": "1h", "next": "Late"},
                        "Late": {"await": {"On": "ADone"}},
                        "ADone": "succeed",
                    }
                },
                "B": {"states": {"Soon": {"await": {"Off": "BDone"}}, "BDone": "succeed"}},
            },
            "next": "Good",
            "timeout": {"after": "5m", "next": "Over"},
        },
        "Good": "succeed",
        "Over": "fail",
    }
    found = simulated(workflow_of(states))
    assert found.series == ()
    assert [(one.state, one.target, one.reason) for one in found.left if "after" not in one.way] == [
        ("P", "Good", CONTRADICTED),
        ("Late", "ADone", CONTRADICTED),
        ("Soon", "BDone", CONTRADICTED),
    ]


CONTRADICTED = "the series that were found for it end in another way"


def test_names_say_what_happens_in_a_series_alone() -> None:
    def names(states: dict[str, Any]) -> list[str]:
        return [one.name for one in simulations(workflow_of(states)).series]

    canceled = {
        "Paying": {"await": {"Paid": "Packing", "Canceled": "Canceled"}},
        "Packing": {"await": {"Packed": "Done", "Canceled": "Canceled"}},
        "Done": "succeed",
        "Canceled": "succeed",
    }
    assert names(canceled) == ["done", "canceled", "canceled-after-paid"]
    told_by_data = {
        "Paying": {
            "await": {
                "Paid": [
                    {"when": {"by": ["card"]}, "remember": {"by": "detail.by"}, "next": "Done"},
                    {"when": {"by": ["cash"]}, "next": "Done"},
                    {"otherwise": "Done"},
                ],
            }
        },
        "Done": "succeed",
    }
    assert names(told_by_data) == [
        "paid-by-is-card-in-paying",
        "paid-by-is-cash-in-paying",
        "paid-otherwise-in-paying",
    ]
    twice = {
        "Paying": {"await": {"Paid": [{"when": {"by": ["card"]}, "next": "Done"}, {"otherwise": "Unclear"}]}},
        "Unclear": {"await": {"Paid": [{"when": {"by": ["cash"]}, "next": "Done"}, {"otherwise": "Failed"}]}},
        "Done": "succeed",
        "Failed": "fail",
    }
    assert names(twice) == ["paid-in-paying-to-done", "paid-in-unclear-to-done", "failed"]


REMEMBERING = {"when": {"x": [1]}, "remember": {"one": "detail.x"}, "next": "B"}


def test_a_way_that_hangs_on_what_was_remembered_long_before_is_found() -> None:
    states = {
        "A": {
            "await": {"On": [{"when": {"x": [1]}, "remember": {"one": "detail.x"}, "next": "B"}, {"otherwise": "B"}]}
        },
        "B": {"await": {"Back": "A", "On": "C", "Off": "Bad"}},
        "C": {"choose": [{"remembered": {"one": [{"exists": True}]}, "next": "Good"}, {"otherwise": "Bad"}]},
        "Good": "succeed",
        "Bad": "fail",
    }
    found = simulations(workflow_of(states))
    assert found.left == ()
    assert {(one.events, one.end) for one in found.series} == {
        (("Begun", "On", "Off"), "Bad"),
        (("Begun", "On", "On"), "Bad"),
        (("Begun", "On", "Back", "On", "On"), "Good"),
    }


def test_a_way_that_no_memory_leads_to_is_named() -> None:
    states = {
        "A": {
            "await": {"On": [{"when": {"x": [1]}, "remember": {"one": "detail.x"}, "next": "B"}, {"otherwise": "B"}]}
        },
        "B": {"await": {"On": [{"remembered": {"one": [2]}, "next": "Good"}, {"otherwise": "Bad"}]}},
        "Good": "succeed",
        "Bad": "fail",
    }
    (left,) = simulations(workflow_of(states)).left
    assert (left.state, left.target) == ("B", "Good")
    assert left.reason == "no series of events was found after which its 'remembered' holds"


graphs = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5)).map(lambda ends: Edge(f"n{ends[0]}", f"n{ends[1]}")), max_size=9
)


@given(graphs)
def test_walks_begin_at_the_origin_end_at_an_end_and_take_every_edge_with_as_few_as_can_be(edges: list[Edge]) -> None:
    all_edges = [Edge("", "n0"), *edges]
    wanted = [all_edges[i] for i in coverable(all_edges, "", ["n5"])]
    walks = fewest_walks(wanted, "", ["n5"])
    for one in walks:
        steps = [wanted[i] for i in one]
        assert (steps[0].origin, steps[-1].target) == ("", "n5")
        assert all(before.target == after.origin for before, after in pairwise(steps))
    assert {i for one in walks for i in one} == set(range(len(wanted)))
    assert len(walks) == largest_set_that_no_walk_shares(wanted)


def largest_set_that_no_walk_shares(edges: list[Edge]) -> int:
    """Return how many edges there are of which no walk takes two: so many walks are needed, and no more (Dilworth)."""
    after = {edge.target: {edge.target} for edge in edges} | {edge.origin: {edge.origin} for edge in edges}
    for _ in after:
        for edge in edges:
            after[edge.origin] |= after[edge.target]
    apart = [[not (b.origin in after[a.target] or a.origin in after[b.target]) for b in edges] for a in edges]

    def largest(chosen: list[int], rest: list[int]) -> int:
        if not rest:
            return len(chosen)
        first, *others = rest
        without = largest(chosen, others)
        return max(without, largest([*chosen, first], [i for i in others if apart[first][i]]))

    return largest([], list(range(len(edges))))
