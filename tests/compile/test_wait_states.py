"""What a wait writes of itself: of its surroundings, of when it was entered, and how long it goes on trying."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.compile import state_machine
from choreography_insights.compile.templates import as_template
from choreography_insights.compile.wait_states import Accepted, Surroundings, persistent_retry, wait_task
from choreography_insights.project.definitions import load_workflow
from fake_aws.clock import iso_milliseconds
from fake_aws.dynamodb import DynamoDbClient
from fake_aws.table import Table
from fake_aws.templates import template
from support.moto_readings import filled_in

HEAD = "choreography: test\nsource: test\nstart: S\nstates:\n"


def waits(states: str) -> dict[str, Mapping[str, Any]]:
    """Return what each wait of the choreography with *states* writes, by the state's name."""
    machine = json.loads(as_template(state_machine(load_workflow(HEAD + states, "workflow.yaml"))))
    return dict(_waits(machine))


def _waits(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, state in machine["States"].items():
        if state["Type"] == "Task" and state["Resource"].endswith(".waitForTaskToken"):
            yield name, state["Parameters"]["ExpressionAttributeValues"][":wait"]["M"]
        for inner in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())):
            yield from _waits(inner)


def those_that_are(flag: str, states: str) -> set[str]:
    """Return the waits that say *flag* of themselves; none says that it is not so."""
    found = waits(states)
    assert {json.dumps(wait[flag]) for wait in found.values() if flag in wait} <= {'{"BOOL": true}'}
    return {name for name, wait in found.items() if flag in wait}


# ---- lines beside it --------


def test_waits_are_beside_others_in_branches_items_and_lists_of_events_and_nowhere_else() -> None:
    states = """
  A: {await: {a: P}}
  P:
    parallel:
      One: {states: {O: {await: {o: OE}}, OE: succeed}}
      Two: {states: {L: {all: {x: x, y: y}, next: LE}, LE: succeed}}
    next: E
  E:
    each: {items: $.detail.ps, item: $.detail.p, states: {I: {await: {i: IE}}, IE: succeed}}
    next: M
  M: {all: {v: v, w: w}, next: B}
  B: {await: {b: Done}, timeout: {after: 1h, next: Done}}
  Done: succeed
"""
    assert set(waits(states)) == {"A", "O", "L.x", "L.y", "I", "M.v", "M.w", "B"}
    assert those_that_are("beside", states) == {"O", "L.x", "L.y", "I", "M.v", "M.w"}


# ---- claims that show in the journey's row --------

BRANCHES = "{One: {states: {O: {await: {o: OE}}, OE: succeed}}, Two: {states: {T: {await: {t: TE}}, TE: succeed}}}"
TRACKED = {
    "an event that may come after another": "  A: {await: {n: A, q: B}}\n  B: {await: {b: Done}}\n  Done: succeed",
    "one that ends what is beside it": (
        "  A: {await: {a: P}}\n"
        "  P: {parallel: {One: {states: {O: {await: {o: OE, x: Out}}, OE: succeed, Out: fail}},"
        " Two: {states: {T: {await: {t: TE}}, TE: succeed}}}, next: Done}\n  Done: succeed"
    ),
}
UNTRACKED = {
    "a state's timeout": (
        "  A: {await: {a: B}}\n  B: {await: {b: Done}, timeout: {after: 1h, next: Done}}\n  Done: succeed"
    ),
    "a timeout of several events": (
        "  A: {await: {a: B}}\n  B: {all: {x: x, y: y}, next: Done, timeout: {after: 1h, next: Done}}\n  Done: succeed"
    ),
    "a timeout of branches": (
        f"  A: {{await: {{a: B}}}}\n  B: {{parallel: {BRANCHES}, next: Done, timeout: {{after: 1h, next: Done}}}}\n"
        "  Done: succeed"
    ),
    "a timeout of items": (
        "  A: {await: {a: B}}\n  B: {each: {items: $.detail.ps, item: $.detail.p,"
        " states: {I: {await: {i: IE}}, IE: succeed}}, next: Done, timeout: {after: 1h, next: Done}}\n  Done: succeed"
    ),
    "one after the other": "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed",
    "one of two": "  A: {await: {a: B, c: Done}}\n  B: {await: {b: Done}}\n  Done: succeed",
    "branches and pauses": (
        f"  A: {{await: {{a: B}}}}\n  B: {{parallel: {BRANCHES}, next: C}}\n  C: {{wait: 1h, next: D}}\n"
        "  D: {all: {x: x, y: y}, next: Done}\n  Done: succeed"
    ),
}


@pytest.mark.parametrize("states", TRACKED.values(), ids=TRACKED)
def test_where_an_event_is_contested_all_claims_show(states: str) -> None:
    assert those_that_are("tracked", states) == set(waits(states))


@pytest.mark.parametrize("states", UNTRACKED.values(), ids=UNTRACKED)
def test_elsewhere_no_claim_has_to_show(states: str) -> None:
    assert those_that_are("tracked", states) == set()


# ---- when it was entered, and in which try --------

MOMENTS = st.integers(0, 3_000).map(lambda milliseconds: 1_767_225_600 + milliseconds / 1_000)
VERSION = {"v": wait_task("A", (), Surroundings())["Parameters"]["ExpressionAttributeValues"][":v"]}
OF_INPUT = json.loads(json.dumps(VERSION).replace("$$.State.EnteredTime", "$.entered"))


@given(MOMENTS, MOMENTS)
def test_text_orders_as_the_moments_do_of_which_it_tells(one: float, other: float) -> None:
    """AWS leaves out the fraction of a whole second: '…06Z' would sort behind '…06.100Z'."""
    first, second = (iso_milliseconds(moment).partition("Z")[0] for moment in (one, other))
    assert (first < second, first == second) == (one < other, one == other)


@pytest.mark.parametrize("milliseconds", [0, 1, 100, 999])
def test_the_moment_is_written_without_its_z_by_moto_and_by_the_fake_aws(milliseconds: int) -> None:
    at = datetime(2026, 1, 1, 0, 0, 6, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    entered = iso_milliseconds(at.timestamp())
    assert entered == ("2026-01-01T00:00:06Z" if milliseconds == 0 else f"2026-01-01T00:00:06.{milliseconds:03}Z")
    expected = {"v": {"S": entered.removesuffix("Z")}}
    assert filled_in(OF_INPUT, {"entered": entered}) == expected
    assert template(VERSION)({}, {"State": {"EnteredTime": entered}}) == expected


ENTRIES = [("06Z", 0), ("06Z", 1), ("06Z", 9), ("06Z", 10), ("06.001Z", 0), ("06.100Z", 2), ("07Z", 0), ("10Z", 0)]


@pytest.mark.parametrize("second", range(len(ENTRIES)))
@pytest.mark.parametrize("first", range(len(ENTRIES)))
def test_a_later_entry_and_a_later_try_write_over_an_earlier_and_never_the_other_way_round(
    first: int, second: int
) -> None:
    client = DynamoDbClient(Table())
    key = {"journey": {"S": "test#1"}, "item": {"S": "JOURNEY"}}
    row = {**key, "execution": {"S": "one"}, "waits": {"M": {}}}
    client.put_item(TableName="journeys", Item=row)
    assert _is_taken(client, *ENTRIES[first])
    assert _is_taken(client, *ENTRIES[second]) is (first <= second)
    stored = client.get_item(TableName="journeys", Key=key, ConsistentRead=True)["Item"]["waits"]["M"]["A"]["M"]
    entered, retries = ENTRIES[max(first, second)]
    assert (stored["v"], stored["r"]) == ({"S": f"2026-01-01T00:00:{entered[:-1]}"}, {"N": str(retries)})


def _is_taken(client: DynamoDbClient, entered: str, retries: int) -> bool:
    task = json.loads(as_template({"A": wait_task("A", [Accepted("a")], Surroundings())}))["A"]
    context = {
        "Execution": {"Name": "one", "Input": {"journey": "test#1"}},
        "State": {"EnteredTime": f"2026-01-01T00:00:{entered}", "RetryCount": retries},
        "Task": {"Token": "token"},
    }
    parameters = template(task["Parameters"])({}, context)
    try:
        client.update_item(**{**parameters, "TableName": "journeys"})
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


# ---- trying again --------


def test_an_hour_without_dynamodb_is_outlasted_even_where_jitter_halves_the_pauses() -> None:
    final, persistent = persistent_retry()
    pauses = [
        min(persistent["MaxDelaySeconds"], persistent["IntervalSeconds"] * persistent["BackoffRate"] ** number)
        for number in range(persistent["MaxAttempts"])
    ]
    *_, altogether = accumulate(pause / 2 for pause in pauses)
    assert altogether > 3_600 * 1.5
    assert persistent["JitterStrategy"] == "FULL"  # thousands of journeys do not come back all at once
    assert final == {
        "ErrorEquals": ["UnexpectedEvent", "DynamoDb.ConditionalCheckFailedException", "States.Timeout"],
        "MaxAttempts": 0,
    }
