"""Every call of the correlation protocol, its conditions met and broken, on both engines."""

import pytest
from botocore.exceptions import ClientError

from choreography_insights.runtime.decision import Deviation
from choreography_insights.runtime.journey import EventRow, Journey, Status
from choreography_insights.runtime.table import MOST_OVERDUE, JourneyTable, Overdue

from .samples import EXECUTION, NOW, ORDER, SETTINGS, event, write_wait

KEY = "order#o-1"
DAY = 86_400
DEVIATION = Deviation("UnexpectedEvent", "in words", (("WaitForConfirmation", ("Order Confirmed",)),))


def started(table: JourneyTable) -> None:
    """A journey whose execution waits for Order Confirmed."""
    assert table.claim_start(Journey(KEY), event("Order Placed", "e-0"), EXECUTION, ORDER, NOW, was_kept=False)
    table.record_started(KEY, "e-0")
    write_wait(table)


def kept(table: JourneyTable, event_id: str = "e-1") -> None:
    """An early event that is kept."""
    journey = table.read_journey(KEY).journey
    assert table.keep(journey, event(event_id=event_id), ORDER, arrived_at=NOW, deadline=NOW + 60)


def row_of(table: JourneyTable, event_id: str = "e-1") -> EventRow:
    row = table.read_all(KEY).row(event_id)
    assert row is not None
    return row


def test_a_journey_that_never_was_reads_as_empty(table: JourneyTable) -> None:
    assert table.read_journey(KEY).journey == Journey(KEY)
    assert table.read_all(KEY).rows == {}


def test_a_start_event_turns_the_journey_to_its_execution(table: JourneyTable) -> None:
    started(table)
    journey = table.read_journey(KEY).journey
    assert (journey.execution_arn, journey.status) == (EXECUTION, "RUNNING")
    assert journey.expires_at == int(NOW) + DAY + 45 * DAY
    assert row_of(table, "e-0").status is Status.DONE


def test_a_second_claim_of_the_same_start_event_is_refused(table: JourneyTable) -> None:
    started(table)
    again = event("Order Placed", "e-0")
    journey = table.read_journey(KEY).journey
    assert not table.claim_start(journey, again, EXECUTION + "-2", ORDER, NOW, was_kept=False)
    assert table.read_journey(KEY).journey.execution_arn == EXECUTION


def test_two_start_events_cannot_both_begin_on_the_same_reading(table: JourneyTable) -> None:
    nothing = table.read_journey(KEY).journey
    assert table.claim_start(nothing, event("Order Placed", "e-0"), EXECUTION, ORDER, NOW, was_kept=False)
    assert not table.claim_start(nothing, event("Order Placed", "e-9"), EXECUTION + "9", ORDER, NOW, was_kept=False)
    assert table.read_all(KEY).row("e-9") is None


def test_a_new_journey_takes_the_old_waits_away(table: JourneyTable) -> None:
    started(table)
    table.close(KEY, EXECUTION, "TIMED_OUT", NOW)
    old = table.read_journey(KEY).journey
    assert old.is_over
    assert [wait.state for wait in old.waits] == ["WaitForConfirmation"]
    assert table.claim_start(old, event("Order Placed", "e-9"), EXECUTION + "9", ORDER, NOW, was_kept=False)
    new = table.read_journey(KEY).journey
    assert (new.execution_arn, new.status, new.waits) == (EXECUTION + "9", "RUNNING", ())


def test_a_claim_takes_the_wait_away_and_remembers_its_token(table: JourneyTable) -> None:
    started(table)
    (wait,) = table.read_journey(KEY).journey.open_waits
    assert table.claim(KEY, event(), wait, NOW, NOW + 60)
    assert table.read_journey(KEY).journey.waits == ()
    row = row_of(table)
    assert (row.status, row.token, row.wait, row.execution) == (
        Status.CLAIMED,
        "token-1",
        "WaitForConfirmation",
        EXECUTION,
    )
    assert (row.arrived_at, row.deadline, row.payload) == (NOW, NOW + 60, None)


def test_an_event_is_claimed_once(table: JourneyTable) -> None:
    started(table)
    (wait,) = table.read_journey(KEY).journey.open_waits
    assert table.claim(KEY, event(), wait, NOW, NOW + 60)
    write_wait(table, token="token-2", version="2027-01-15T09:00:00.000Z#0")
    (second,) = table.read_journey(KEY).journey.open_waits
    assert not table.claim(KEY, event(), second, NOW, NOW + 60)
    assert table.read_journey(KEY).journey.open_waits == (second,)


def test_a_wait_is_claimed_once(table: JourneyTable) -> None:
    started(table)
    (wait,) = table.read_journey(KEY).journey.open_waits
    assert table.claim(KEY, event(), wait, NOW, NOW + 60)
    assert not table.claim(KEY, event(event_id="e-2"), wait, NOW, NOW + 60)
    assert table.read_all(KEY).row("e-2") is None


def test_a_wait_that_was_entered_anew_is_not_claimed_by_its_old_token(table: JourneyTable) -> None:
    started(table)
    (old,) = table.read_journey(KEY).journey.open_waits
    write_wait(table, token="token-2", version="2027-01-15T09:00:00.000Z#0")
    assert not table.claim(KEY, event(), old, NOW, NOW + 60)


def test_done_forgets_the_token_and_is_recorded_once(table: JourneyTable) -> None:
    started(table)
    (wait,) = table.read_journey(KEY).journey.open_waits
    table.claim(KEY, event(), wait, NOW, NOW + 60)
    table.record_done(KEY, event(), "another token", in_kept=False)
    assert row_of(table).status is Status.CLAIMED
    table.record_done(KEY, event(), "token-1", in_kept=False)
    table.record_done(KEY, event(), "token-1", in_kept=False)
    assert (row_of(table).status, row_of(table).token) == (Status.DONE, None)


def test_a_kept_event_is_in_kept_until_it_is_done(table: JourneyTable) -> None:
    started(table)
    kept(table)
    assert table.read_journey(KEY).journey.kept == {"e-1": "Order Confirmed"}
    (wait,) = table.read_journey(KEY).journey.open_waits
    assert not table.claim(KEY, event(), wait, NOW + 5, NOW + 65)  # by somebody who has not seen that it is kept
    assert table.claim(KEY, event(), wait, NOW + 5, NOW + 65, was_kept=True)
    assert table.read_journey(KEY).journey.kept == {"e-1": "Order Confirmed"}
    claimed = row_of(table)
    assert (claimed.arrived_at, claimed.deadline) == (NOW, NOW + 60)
    assert claimed.payload == event().payload
    table.record_done(KEY, event(), "token-1", in_kept=True)
    assert table.read_journey(KEY).journey.kept == {}
    assert (row_of(table).status, row_of(table).payload) == (Status.DONE, None)


def test_an_event_is_kept_once(table: JourneyTable) -> None:
    kept(table)
    journey = table.read_journey(KEY).journey
    assert not table.keep(journey, event(), ORDER, arrived_at=NOW + 9, deadline=NOW + 99)
    row = row_of(table)
    assert (row.arrived_at, row.deadline, row.choreography) == (NOW, NOW + 60, SETTINGS)


def test_keeping_an_event_lets_the_journeys_row_outlive_its_deadline(table: JourneyTable) -> None:
    kept(table)
    first = table.read_journey(KEY).journey
    assert first.expires_at > NOW + 60
    later = event(event_id="e-2")
    assert table.keep(first, later, ORDER, arrived_at=NOW, deadline=first.expires_at + 5.0)
    assert table.read_journey(KEY).journey.expires_at > first.expires_at + 5
    # A worker that saw the row before it was prolonged must look again instead of shortening its life.
    assert not table.keep(first, event(event_id="e-3"), ORDER, arrived_at=NOW, deadline=first.expires_at - 0.5 * DAY)


def test_a_claim_that_is_given_back_is_kept_again(table: JourneyTable) -> None:
    started(table)
    (wait,) = table.read_journey(KEY).journey.open_waits
    table.claim(KEY, event(), wait, NOW, NOW + 60)
    table.give_back(KEY, event(), "another token", ORDER)
    assert row_of(table).status is Status.CLAIMED
    table.give_back(KEY, event(), "token-1", ORDER)
    row = row_of(table)
    assert (row.status, row.token, row.payload) == (Status.KEPT, None, event().payload)
    assert table.read_journey(KEY).journey.kept == {"e-1": "Order Confirmed"}


def test_a_failure_takes_event_and_wait_out_of_play(table: JourneyTable) -> None:
    started(table)
    kept(table)
    (wait,) = table.read_journey(KEY).journey.open_waits
    assert table.claim_failure(KEY, "e-1", wait, DEVIATION)
    assert not table.claim_failure(KEY, "e-1", wait, DEVIATION)
    row = row_of(table)
    assert (row.status, row.token) == (Status.FAILING, "token-1")
    assert row.deviation == {
        "reason": "UnexpectedEvent",
        "cause": "in words",
        "states": [["WaitForConfirmation", ["Order Confirmed"]]],
        "policy": None,
    }
    assert table.read_journey(KEY).journey.waits == ()
    table.record_reported(KEY, event(), in_kept=True)
    assert row_of(table).status is Status.REPORTED
    assert table.read_journey(KEY).journey.kept == {}


def test_a_failure_that_is_given_back_is_kept_again(table: JourneyTable) -> None:
    started(table)
    kept(table)
    (wait,) = table.read_journey(KEY).journey.open_waits
    table.claim_failure(KEY, "e-1", wait, DEVIATION)
    table.give_back_failure(KEY, event(), "token-1")
    row = row_of(table)
    assert (row.status, row.token, row.deviation, row.payload) == (Status.KEPT, None, None, event().payload)


def test_an_event_is_reported_once_and_leaves_kept_first(table: JourneyTable) -> None:
    kept(table)
    assert table.claim_report(KEY, event(), DEVIATION, NOW, was_kept=True)
    assert not table.claim_report(KEY, event(), DEVIATION, NOW, was_kept=True)
    assert row_of(table).status is Status.REPORTING
    assert table.read_journey(KEY).journey.kept == {}
    table.record_reported(KEY, event(), in_kept=False)
    assert row_of(table).status is Status.REPORTED


def test_an_event_too_old_to_be_kept_is_reported_without_a_journey(table: JourneyTable) -> None:
    assert table.claim_report(KEY, event(), DEVIATION, NOW, was_kept=False)
    assert not table.claim_report(KEY, event(), DEVIATION, NOW, was_kept=False)
    assert table.read_journey(KEY).journey == Journey(KEY)


def test_only_its_own_execution_closes_a_journey(table: JourneyTable) -> None:
    started(table)
    table.close(KEY, EXECUTION + "-other", "FAILED", NOW)
    assert not table.read_journey(KEY).journey.is_over
    table.close(KEY, EXECUTION, "FAILED", NOW)
    assert table.read_journey(KEY).journey.status == "FAILED"


def test_a_wait_of_another_execution_is_refused(table: JourneyTable) -> None:
    started(table)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_wait(table, token="stale", execution=EXECUTION + "-old", version="2027-01-16T00:00:00.000Z#0")


def test_a_late_write_of_an_earlier_wait_is_refused(table: JourneyTable) -> None:
    started(table)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_wait(table, token="late", version="2027-01-15T07:59:59.999Z#3")


def test_the_very_same_write_of_a_wait_again_changes_nothing(table: JourneyTable) -> None:
    started(table)
    before = table.read_all(KEY)
    write_wait(table)
    assert table.read_all(KEY) == before


# ---- journeys that are overdue --------

HASTY = ORDER._replace(expected_seconds=3600.0)


def due(table: JourneyTable, key: str, at: float) -> None:
    """A journey that was started so that it is due at this time."""
    start = event("Order Placed", f"start-{at}")
    arn = f"{EXECUTION}-{key}"
    assert table.claim_start(table.read_journey(key).journey, start, arn, HASTY, at - 3600, was_kept=False)


def test_overdue_journeys_are_found_those_due_longest_first(table: JourneyTable) -> None:
    for key, at in (("order#b", NOW - 5), ("order#c/#1", NOW - 10), ("order#later", NOW + 5)):
        due(table, key, at)
    started(table)  # of a choreography that expects nothing
    found = table.overdue(NOW)
    assert found == [
        Overdue("order#c/#1", f"{EXECUTION}-order#c/#1", NOW - 10),
        Overdue("order#b", f"{EXECUTION}-order#b", NOW - 5),
    ]
    assert [(one.choreography, one.entity_id) for one in found] == [("order", "c/#1"), ("order", "b")]


def test_a_journey_that_has_ended_is_not_overdue(table: JourneyTable) -> None:
    due(table, KEY, NOW - 5)
    table.close(KEY, f"{EXECUTION}-{KEY}", "SUCCEEDED", NOW)
    assert table.overdue(NOW) == []


def test_the_next_journey_is_due_as_its_own_choreography_expects(table: JourneyTable) -> None:
    due(table, KEY, NOW - 5)
    journey = table.read_journey(KEY).journey
    assert table.claim_start(journey, event("Order Placed", "e-9"), EXECUTION, ORDER, NOW, was_kept=False)
    assert table.overdue(NOW) == []


def test_no_more_overdue_journeys_are_told_than_can_be_looked_at(table: JourneyTable) -> None:
    for number in range(MOST_OVERDUE + 1):
        due(table, f"order#{number}", NOW - 1 - number)
    found = table.overdue(NOW)
    assert [one.entity_id for one in found] == [str(number) for number in range(MOST_OVERDUE, 0, -1)]
