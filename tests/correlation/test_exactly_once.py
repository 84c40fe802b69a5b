"""One event moves a journey at most once, however often and however late it is delivered."""

from typing import Any

import pytest

from correlation.definitions import LOOP, ORDER, SALE
from correlation.playing import nothing_is_left, play
from fake_aws import Deployed, FakeAws
from fake_aws.errors import client_error
from fake_aws.gates import Fault

ORDER_SERIES = ["Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered"]


@pytest.mark.parametrize(
    ("choreography", "series", "end"),
    [
        (ORDER, ORDER_SERIES, "OrderCompleted"),
        (LOOP, ["S", "n", "n", "n", "q"], "Done"),
        (SALE, ["S", "r", "u", "r", "u", "r", "s"], "Sold"),
    ],
    ids=["order", "loop", "sale"],
)
@pytest.mark.parametrize("late", [0.0, 2.5, 7.0, 12.0, 900.0])
def test_an_event_delivered_again_at_once_or_later_moves_its_journey_once(
    choreography: Deployed, series: list[str], end: str, late: float
) -> None:
    aws = FakeAws(choreography)
    for position, name in enumerate(series):
        for delay in (position * 5.0, position * 5.0 + late):
            aws.publish(name, "1", event_id=f"e{position}", time=position * 5.0, delay=delay)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", end)]
    moved = [event["eventId"] for event in aws.executions[0].history.answers()]
    assert moved == [f"e{position}" for position in range(1, len(series))]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_a_delivery_of_an_event_that_is_done_is_dropped_and_counted() -> None:
    aws = FakeAws(LOOP)
    for at, event_id in [(0.0, "n1"), (5.0, "n1"), (10.0, "n1"), (15.0, "n2")]:
        aws.publish("n", "1", event_id=event_id, delay=at + 1.0)
    aws.publish("S", "1")
    aws.run()
    assert aws.metrics is not None
    assert aws.metrics.counts["EventsDuplicated"] == 2
    assert aws.metrics.counts["EventsDelivered"] == 2
    assert nothing_is_left(aws)


def test_a_wait_that_step_functions_writes_twice_is_one_wait() -> None:
    aws = FakeAws(ORDER)
    aws.stepfunctions.repeats_writes = True
    play(ORDER, ORDER_SERIES, aws=aws)
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert nothing_is_left(aws)


def test_a_repeated_start_event_starts_one_journey() -> None:
    aws = FakeAws(ORDER)
    for delay in (0.0, 0.0, 1.0, 400.0, 1000.0):
        aws.publish("Order Placed", "1", event_id="placed", delay=delay)
    aws.run(seconds=10)
    for name in ORDER_SERIES[1:]:
        aws.publish(name, "1")
        aws.run(seconds=3)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert aws.deviations() == []
    assert aws.metrics is not None
    assert aws.metrics.counts["EventsDuplicated"] == 4
    assert nothing_is_left(aws)


def test_an_event_repeated_for_weeks_after_its_journey_ended_is_still_known() -> None:
    aws = FakeAws(ORDER)
    for name in ORDER_SERIES:
        aws.publish(name, "1", event_id=name)
        aws.run(seconds=5)
    for _ in range(4):
        aws.run(seconds=7 * 86_400)
        aws.table.expire(aws.clock.now)
        for name in ORDER_SERIES:
            aws.publish(name, "1", event_id=name, time=-28 * 86_400.0)
        aws.settle()
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


# ---- what is noted of it, for those who look --------


def _row(aws: FakeAws, key: str, event_id: str) -> dict[str, Any]:
    return dict(aws.table.get((key, f"EVENT#{event_id}")) or {})


def _notes(aws: FakeAws) -> int:
    return sum(call.site == "JourneyTable.note_repeated" for call in aws.keeper.calls)


def _refuses_notes(parameters: dict[str, Any]) -> None:
    if "repeats" in parameters["UpdateExpression"]:
        raise client_error("ProvisionedThroughputExceededException", "too fast", "UpdateItem")


def test_how_often_an_event_came_again_and_when_last_is_noted_in_its_row_whatever_has_become_of_it() -> None:
    aws = FakeAws(ORDER, watching=True)
    begun = aws.clock.now
    for event_id, name, moments in [
        ("placed", "Order Placed", (0.0, 1.0)),
        ("kept", "Order Accepted", (5.0, 6.0, 50.0)),  # early
        ("done", "Order Confirmed", (30.0,)),
        ("odd", "Odd", (40.0, 41.0, 900.0)),  # unexpected
    ]:
        for at in moments:
            aws.publish(name, "1", event_id=event_id, time=moments[0], delay=at)
    aws.run()
    rows = {one: _row(aws, "order#1", one) for one in ("placed", "kept", "done", "odd")}
    assert {one: row["status"]["S"] for one, row in rows.items()} == {
        "placed": "DONE",
        "kept": "DONE",
        "done": "DONE",
        "odd": "REPORTED",
    }
    noted = {one: (row["repeats"]["N"], row["repeatedAt"]["N"]) for one, row in rows.items() if "repeats" in row}
    assert noted == {
        "placed": ("1", repr(begun + 1.0)),
        "kept": ("2", repr(begun + 50.0)),
        "odd": ("2", repr(begun + 900.0)),
    }
    assert _notes(aws) == 5


def test_an_event_that_comes_once_has_no_call_for_it_not_even_if_its_message_comes_again() -> None:
    whole = play(ORDER, ORDER_SERIES, aws=FakeAws(ORDER, watching=True))
    assert _notes(whole) == 0
    died = next(call for call in whole.keeper.calls if call.site == "Claims.record_done")
    aws = play(ORDER, ORDER_SERIES, aws=FakeAws(ORDER, watching=True, fault=Fault(died.number, "die after")))
    assert aws.metrics is not None
    assert aws.metrics.counts["EventsDuplicated"] == 1
    assert _notes(aws) == 0


def test_a_row_that_has_expired_is_not_brought_back_by_what_is_noted_and_none_lives_longer() -> None:
    aws = FakeAws(ORDER)
    aws.publish("Order Placed", "1", event_id="placed")
    aws.run(seconds=5)
    before = _row(aws, "order#1", "placed")
    aws.publish("Order Placed", "1", event_id="placed")
    aws.run(seconds=5)
    assert {
        one: value for one, value in _row(aws, "order#1", "placed").items() if not one.startswith("repeat")
    } == before
    aws.keeper.interludes["update_item"] = lambda: aws.table.expire(float(before["expiresAt"]["N"]) + 1)
    aws.publish("Order Placed", "1", event_id="placed")
    aws.run(seconds=5)
    assert "update_item" not in aws.keeper.interludes
    assert _row(aws, "order#1", "placed") == {}


def test_no_message_comes_again_because_that_could_not_be_noted() -> None:
    aws = FakeAws(ORDER)
    aws.keeper.refusals["update_item"] = _refuses_notes
    for delay in (0.0, 1.0):
        for position, name in enumerate(ORDER_SERIES):
            aws.publish(name, "1", event_id=name, time=position * 5.0, delay=position * 5.0 + delay)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert aws.metrics is not None
    assert aws.metrics.counts["EventsDuplicated"] == 4
    assert nothing_is_left(aws)


def test_a_note_whose_answer_is_lost_counts_once() -> None:
    def played(fault: Fault | None = None) -> FakeAws:
        aws = FakeAws(ORDER, watching=True, fault=fault)
        for delay in (0.0, 1.0):
            aws.publish("Order Placed", "1", event_id="placed", delay=delay)
        aws.run(seconds=10)
        return aws

    note = next(call for call in played().keeper.calls if call.site == "JourneyTable.note_repeated")
    assert _row(played(Fault(note.number, "repeat")), "order#1", "placed")["repeats"] == {"N": "1"}
