"""Eight workers at the same time, on Amazon's DynamoDB Local: its transactions, conditions and stream."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from choreography_insights.runtime.journey import Status
from choreography_insights.runtime.log import logger
from choreography_insights.runtime.table import JourneyTable
from fake_aws import deployable

from .crowd import Crowd

WORKERS = 8
PATIENCE_SECONDS = 240

#: Events of one name compete for each state; a copy of any of them finds the next state open too.
LENGTH = 16
#: Then eight in any order: their waits are open at the same time, in one row.
BRANCHES = "abcdefgh"


def choreography(length: int, branches: str) -> str:
    """So many states that await the event ``n``, then one that awaits an event for each of the branches."""
    line = [f"  N{number}: {{await: {{n: N{number + 1}}}}}\n" for number in range(1, length + 1)]
    branching = f"{{all: {{{', '.join(f'{one}: {one}' for one in branches)}}}, next: Done}}" if branches else "succeed"
    return (
        "choreography: crowded\nsource: s\nstart: S\nunexpected: fail\nstates:\n"
        + "".join(line)
        + f"  N{length + 1}: {branching}\n"
        + ("  Done: succeed\n" if branches else "")
    )


@pytest.fixture
def few_words() -> Iterator[None]:
    """Only what went wrong is logged."""
    level = logger.log_level
    logger.setLevel("ERROR")
    yield
    logger.setLevel(level)


@pytest.fixture
def crowd(
    aws_client: Any, dynamodb_local: str, journeys_on_dynamodb_local: JourneyTable, few_words: None
) -> Callable[[str], Crowd]:
    """A crowd of eight over a table of its own."""

    def make(yaml: str) -> Crowd:
        def new_client(service: str) -> Any:
            return aws_client(service, dynamodb_local)

        return Crowd(deployable(yaml), journeys_on_dynamodb_local.name, new_client, workers=WORKERS)

    return make


def moved(crowd: Crowd) -> Counter[str]:
    """How often each event began or moved a journey."""
    return Counter(
        event["eventId"]
        for execution in crowd.stepfunctions.executions.values()
        for event in (execution.input["event"], *execution.history.answers())
    )


def work_until_all_have_ended(crowd: Crowd, journeys: int) -> None:
    """Let the crowd work until all journeys have ended and every message that is due has been handled."""
    began = time.monotonic()
    with crowd.at_work():
        while True:
            with crowd.lock:
                ended = sum(one.status != "RUNNING" for one in crowd.stepfunctions.executions.values())
                due = sum(
                    one.visible_at <= time.time() + 2 for queue in crowd.queues.values() for one in queue.messages
                )
            if ended == journeys and due == 0:
                return
            assert time.monotonic() - began < PATIENCE_SECONDS, f"{ended} of {journeys} ended, {due} messages are due"
            time.sleep(0.02)


def every_event_moved_once(crowd: Crowd, table: JourneyTable, events: dict[str, list[str]]) -> None:
    """Each event of each journey moved it once, is on record as done, and nothing is left or reported."""
    assert moved(crowd) == Counter(event for ids in events.values() for event in ids)
    assert {one.status for one in crowd.stepfunctions.executions.values()} == {"SUCCEEDED"}
    for entity, ids in events.items():
        snapshot = table.read_all(f"{crowd.choreography.name}#{entity}")
        assert {row.event_id: row.status for row in snapshot.rows.values()} == dict.fromkeys(ids, Status.DONE)
        assert (snapshot.journey.kept, snapshot.journey.claimed, snapshot.journey.waits) == ({}, {}, ())
    assert crowd.events.put == []
    assert [one for queue in crowd.queues.values() for one in queue.dead_letters] == []


def test_eight_workers_on_one_journey_move_it_once_by_each_event(
    crowd: Callable[[str], Crowd], journeys_on_dynamodb_local: JourneyTable
) -> None:
    one = crowd(choreography(LENGTH, BRANCHES))
    events = ["S", *["n"] * LENGTH, *BRANCHES]
    for position, name in enumerate(events):
        one.publish(name, "1", f"{position}-{name}", at=time.time() + position, copies=2)
    work_until_all_have_ended(one, 1)
    ids = [f"{position}-{name}" for position, name in enumerate(events)]
    every_event_moved_once(one, journeys_on_dynamodb_local, {"1": ids})


def test_eight_workers_on_two_hundred_journeys_move_each_once_by_each_event(
    crowd: Callable[[str], Crowd], journeys_on_dynamodb_local: JourneyTable
) -> None:
    many = crowd(choreography(2, ""))
    events = {str(number): [f"{number}-{position}" for position in range(3)] for number in range(200)}
    for entity, ids in events.items():
        for position, (name, event_id) in enumerate(zip("Snn", ids, strict=True)):
            many.publish(name, entity, event_id, at=time.time() + position, copies=1 + position % 2)
    work_until_all_have_ended(many, len(events))
    every_event_moved_once(many, journeys_on_dynamodb_local, events)
