"""What docs/operations-and-design/figures.md promises, as far as it can be counted; times are measured, not tested."""

import json
import re
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest

import bench
from benchmarks import bursts
from benchmarks.calls import calls_per_event
from benchmarks.disturbances import DISTURBANCES
from benchmarks.transitions import JOURNEYS, transitions
from benchmarks.verdicts import verdicts
from benchmarks.workloads import COMPARISONS
from build_lambda import zip_bytes
from choreography_insights.runtime.batch import TimeLeft, process_batch
from choreography_insights.runtime.messages import Message
from choreography_insights.runtime.redelivery import Redelivery
from documents.markdown import figures

_SETTINGS = {
    "name": "order",
    "stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:insights-order",
    "entity": "$.detail.id",
    "earlySeconds": 60,
    "settleSeconds": 2,
    "timeoutSeconds": 60,
}


pytestmark = pytest.mark.usefixtures("no_log")


@pytest.mark.parametrize("length", ["10", "1,000"])
def test_an_awaited_event_takes_four_aws_calls_however_long_its_journey_is(length: str) -> None:
    comparison = COMPARISONS[f"awaited, in a journey of {length} events"]
    assert calls_per_event(comparison) == {"dynamodb": 3, "stepfunctions": 1, "sqs": 0, "events": 0}


@pytest.mark.parametrize(
    ("comparison", "calls"),
    [
        ("early: arrives before the start event", 10),  # three changes of the journey were looked at meanwhile
        ("early: overtakes the event before it", 10),
        ("contested: held until it is settled", 8),
    ],
)
def test_an_event_that_has_to_wait_for_its_turn_takes_a_few_aws_calls_more(comparison: str, calls: int) -> None:
    assert calls_per_event(COMPARISONS[comparison]) == {"dynamodb": calls, "stepfunctions": 1, "sqs": 1, "events": 0}


def test_held_events_that_came_early_take_messages_by_the_square_of_their_number() -> None:
    assert [bursts.calls(events)[0] for events in (3, 6)] == [2 * 3**2 - 1, 2 * 6**2 - 1]


def test_no_journey_takes_more_state_transitions_than_the_original_samples() -> None:
    counted = {name: transitions(series) for name, (series, _) in JOURNEYS.items()}
    assert counted == {
        "order completed": 6,
        "order rejected and canceled": 5,
        "car, happy path": 15,
        "car with one unpublish and one unreserve": 22,
    }
    assert all(counted[name] <= sample for name, (_, sample) in JOURNEYS.items())


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_every_disturbed_journey_ends_right(disturbance: str) -> None:
    found = verdicts(DISTURBANCES[disturbance], 30, Random(7))  # noqa: S311 - to be repeated, not to be secret
    assert found == {"right": 30}


def test_ten_journeys_of_a_batch_are_handled_at_the_same_time() -> None:
    all_ten = threading.Barrier(10)

    def handle(_message: Message) -> None:
        all_ten.wait(timeout=20)

    assert process_batch(
        {"Records": [record(number) for number in range(10)]},
        handle,
        redelivery=Redelivery(None, (), 60),
        time_left=TimeLeft.of(None),
    ) == {"batchItemFailures": []}


def record(number: int) -> dict[str, Any]:
    event = {"id": f"e-{number}", "detail-type": "Order Confirmed", "time": "2026-01-01T00:00:00Z"}
    body = {"choreography": _SETTINGS, "event": {**event, "detail": {"id": str(number)}}}
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "0"}
    return {"messageId": f"m-{number}", "body": json.dumps(body), "attributes": attributes, "eventSource": "aws:sqs"}


def test_the_zip_stays_small() -> None:
    assert len(zip_bytes()) < 640_000  # uncompressed, and half of it are views; the original sample's has 174,000


def test_the_page_has_a_place_for_each_table() -> None:
    places = re.findall(r"^<!-- generated: ([\w-]+) -->$", bench.PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert places == list(bench.TABLES)


def test_what_is_measured_takes_the_place_of_what_was_and_leaves_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "figures.md"
    page.write_text(
        "# Figures\n\n<!-- generated: a -->\n\nold\n\n<!-- end -->\n\nBy hand.\n\n"
        "<!-- generated: b -->\nold\n<!-- end -->\n"
    )
    monkeypatch.setattr(bench, "PAGE", page)
    monkeypatch.setattr(bench, "TABLES", {"a": lambda: figures(("what", "how much"), [("a", 1), ("b", "2 %")])})
    monkeypatch.setattr(sys, "argv", ["bench.py", "--write", "a"])
    assert bench.main() == 0
    table = "| what | how much |\n| --- | ---: |\n| a | 1 |\n| b | 2 % |"
    assert page.read_text() == (
        f"# Figures\n\n<!-- generated: a -->\n\n{table}\n\n<!-- end -->\n\nBy hand.\n\n"
        "<!-- generated: b -->\nold\n<!-- end -->\n"
    )
