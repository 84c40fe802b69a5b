"""Every call of the correlation protocol, its conditions met and broken, on both engines."""

import json
from typing import Any
from zlib import crc32

import pytest
from botocore.exceptions import ClientError

from choreography_insights.runtime import due_index
from choreography_insights.runtime.claims import claimed_as, element, key_of
from choreography_insights.runtime.decision import MOST_KEPT_BYTES, is_full
from choreography_insights.runtime.due_index import DUE_SHARDS, MOST_DUE, Due, Overdue
from choreography_insights.runtime.journey import (
    EventRow,
    Journey,
    KeptEvent,
    OpenWait,
    Snapshot,
    Status,
    event_row,
    journey_from,
)
from choreography_insights.runtime.steps import Deviation, Question
from choreography_insights.runtime.table import JourneyTable

from .samples import EXECUTION, NOW, ORDER, SETTINGS, VERSION, event, write_own_wait, write_wait

#: On one engine: moto copies the whole table for each transaction.
many_rows = pytest.mark.parametrize("dynamodb", ["dynamodb_local"], indirect=True)

KEY = "order#o-1"
DAY = 86_400
DEVIATION = Deviation("UnexpectedEvent", "in words", (("WaitForConfirmation", ("Order Confirmed",)),))
SHARD = crc32(KEY.encode()) % DUE_SHARDS


def as_kept(event_id: str = "e-1", name: str = "Order Confirmed", deadline: float = NOW + 180) -> KeptEvent:
    """What the journey's row says of the event."""
    return KeptEvent(event_id, event().time, NOW, deadline, name)


E_1 = as_kept()


def started(table: JourneyTable) -> OpenWait:
    """A journey whose execution waits for Order Confirmed."""
    assert table.claim_start(Journey(KEY), event("Order Placed", "e-0"), EXECUTION, ORDER, NOW, now=NOW, was_kept=False)
    table.record_started(KEY, "e-0")
    write_wait(table)
    (wait,) = journey_of(table).waits
    return wait


def kept(table: JourneyTable, event_id: str = "e-1", *, due_at: float | None = None) -> None:
    """An early event that is kept."""
    assert table.keep(journey_of(table), event(event_id=event_id), ORDER, as_kept(event_id), due_at=due_at)


def start_kept(table: JourneyTable) -> KeptEvent:
    """A start event that is kept, since a journey runs."""
    one = as_kept("e-9", "Order Placed")
    assert table.keep(journey_of(table), event("Order Placed", "e-9"), ORDER, one, is_start=True)
    return one


def claimed(table: JourneyTable, wait: OpenWait, *, was_kept: bool = False) -> bool:
    """Whether e-1 could be claimed."""
    return table.claim(journey_of(table), event(), wait, E_1, now=NOW, variant=0, was_kept=was_kept)


def journey_of(table: JourneyTable) -> Journey:
    return table.read_journey(KEY).journey


def row_of(table: JourneyTable, event_id: str = "e-1") -> EventRow:
    row = table.read_with(KEY, [event_id]).row(event_id)
    assert row is not None
    return row


# ---- reading --------


def test_a_journey_that_never_was_reads_as_empty(table: JourneyTable) -> None:
    assert table.read_journey(KEY).journey == Journey(KEY)
    assert table.read_all(KEY).rows == {}
    assert table.read_with(KEY, ["e-1"]).rows == {}


def test_what_was_asked_for_is_known_to_be_read_whether_it_is_there_or_not(table: JourneyTable) -> None:
    started(table)
    kept(table)
    some = table.read_with(KEY, ["e-1", "e-7", "e-1"])
    assert (set(some.rows), set(some.read), some.is_whole) == ({"e-1"}, {"e-1", "e-7"}, False)
    assert some.journey == journey_of(table)
    whole = table.read_all(KEY)
    assert (set(whole.rows), whole.is_whole, whole.journey) == ({"e-0", "e-1"}, True, some.journey)
    assert table.read_rows(KEY, ["e-1", "e-7"]) == [some.rows["e-1"]]


@many_rows
def test_more_rows_are_read_than_one_call_takes(table: JourneyTable) -> None:
    ids = [f"e-{number}" for number in range(101)]
    for event_id in ids:
        kept(table, event_id)
    assert sorted(table.read_with(KEY, ids).rows) == sorted(ids)


@many_rows
def test_the_widest_waits_fit_beside_all_that_may_be_kept(table: JourneyTable) -> None:
    started(table)
    widest, journey = "🚚" * 128, journey_of(table)
    for number in range(2_000):
        one = as_kept(f"{number:0>256}", widest)
        if is_full(Question("event", event(widest, one.event_id), ORDER, Snapshot(journey), NOW)):
            break
        journey = journey._replace(kept={**journey.kept, one.event_id: one})
    table.client.update_item(
        TableName=table.name,
        Key=key_of(KEY, "JOURNEY"),
        UpdateExpression="ADD kept :kept",
        ExpressionAttributeValues={
            ":kept": {"SS": [text for one in journey.kept.values() for text in element(one)["SS"]]}
        },
    )
    for number in range(40):
        names = tuple(f"{event_number:r>128}" for event_number in range(20))
        write_wait(table, f"{number:s>80}", f"{number:t>728}", accepts=names)
    found = journey_of(table)
    assert (len(found.waits), found.kept) == (41, journey.kept)
    assert len(found.kept) == MOST_KEPT_BYTES // as_kept("i" * 256, widest).size


# ---- a start event --------


def test_a_start_event_turns_the_journey_to_its_execution(table: JourneyTable) -> None:
    started(table)
    journey = journey_of(table)
    assert (journey.execution, journey.status, journey.started_at, journey.lives) == (EXECUTION, "RUNNING", NOW, 1)
    assert journey.expires_at == int(NOW) + DAY + 45 * DAY
    assert row_of(table, "e-0").status is Status.DONE


def test_a_second_claim_of_the_same_start_event_is_refused(table: JourneyTable) -> None:
    started(table)
    again = event("Order Placed", "e-0")
    assert not table.claim_start(journey_of(table), again, EXECUTION + "-2", ORDER, NOW, now=NOW, was_kept=False)
    assert journey_of(table).execution == EXECUTION


def test_two_start_events_cannot_both_begin_on_the_same_reading(table: JourneyTable) -> None:
    nothing = journey_of(table)
    assert table.claim_start(nothing, event("Order Placed", "e-0"), EXECUTION, ORDER, NOW, now=NOW, was_kept=False)
    assert not table.claim_start(
        nothing, event("Order Placed", "e-9"), EXECUTION + "9", ORDER, NOW, now=NOW, was_kept=False
    )
    assert table.read_all(KEY).row("e-9") is None


def test_two_start_events_cannot_both_begin_in_place_of_the_same_ended_journey(table: JourneyTable) -> None:
    started(table)
    table.close(KEY, EXECUTION, "FAILED", NOW)
    old = journey_of(table)
    assert table.claim_start(
        old, event("Order Placed", "e-8"), EXECUTION + "8", ORDER, NOW + 9, now=NOW, was_kept=False
    )
    assert not table.claim_start(
        old, event("Order Placed", "e-9"), EXECUTION + "9", ORDER, NOW + 9, now=NOW, was_kept=False
    )
    assert journey_of(table).execution == EXECUTION + "8"


def test_a_new_journey_takes_the_old_waits_away_in_the_write_that_begins_it(table: JourneyTable) -> None:
    started(table)
    write_wait(table, "Beside", "token-2")
    table.close(KEY, EXECUTION, "TIMED_OUT", NOW)
    old = journey_of(table)
    assert (old.is_over, old.may_be_redriven, old.ended_at) == (True, True, NOW)
    assert [wait.state for wait in old.waits] == ["Beside", "WaitForConfirmation"]
    assert table.claim_start(
        old, event("Order Placed", "e-9"), EXECUTION + "9", ORDER, NOW + 9, now=NOW, was_kept=False
    )
    new = journey_of(table)
    assert (new.execution, new.status, new.waits) == (EXECUTION + "9", "RUNNING", ())
    assert (new.started_at, new.ended_at, new.lives) == (NOW + 9, 0.0, 2)


def test_a_kept_start_event_leaves_starts_when_its_journey_begins(table: JourneyTable) -> None:
    started(table)
    one = start_kept(table)
    assert (journey_of(table).starts, journey_of(table).kept) == ({"e-9": one}, {})
    assert row_of(table, "e-9").is_start
    table.set_due(KEY, "e-9", NOW + 1000)
    start = event("Order Placed", "e-9")
    assert not table.claim_start(journey_of(table), start, EXECUTION + "9", ORDER, NOW, now=NOW, was_kept=False)
    assert table.claim_start(journey_of(table), start, EXECUTION + "9", ORDER, NOW, now=NOW, was_kept=True)
    assert journey_of(table).starts == {}
    assert (row_of(table, "e-9").status, row_of(table, "e-9").due_at) == (Status.STARTING, None)


# ---- claims --------


def test_a_claim_takes_the_wait_away_and_remembers_its_token(table: JourneyTable) -> None:
    assert claimed(table, started(table))
    assert (journey_of(table).waits, journey_of(table).claimed) == ((), {})  # nobody needs to be told of it
    row = row_of(table)
    assert (row.status, row.token, row.wait, row.execution) == (
        Status.CLAIMED,
        "token-1",
        "WaitForConfirmation",
        EXECUTION,
    )
    assert (row.arrived_at, row.payload) == (NOW, None)


def test_an_event_is_claimed_once(table: JourneyTable) -> None:
    assert claimed(table, started(table))
    write_wait(table, token="token-2", entered="2027-01-15T09:00:00")
    (second,) = journey_of(table).waits
    assert not claimed(table, second)
    assert journey_of(table).waits == (second,)


def test_a_wait_is_claimed_once(table: JourneyTable) -> None:
    wait = started(table)
    assert claimed(table, wait)
    other = event(event_id="e-2")
    assert not table.claim(journey_of(table), other, wait, as_kept("e-2"), now=NOW, variant=0)
    assert table.read_with(KEY, ["e-2"]).rows == {}


def test_a_wait_that_was_entered_anew_is_not_claimed_by_its_old_token(table: JourneyTable) -> None:
    old = started(table)
    write_wait(table, token="token-2", entered="2027-01-15T09:00:00")
    assert not claimed(table, old)


def test_done_forgets_the_token_and_is_recorded_once(table: JourneyTable) -> None:
    assert claimed(table, started(table))
    table.record_done(KEY, event(), "another token", None)
    assert row_of(table).status is Status.CLAIMED
    table.record_done(KEY, event(), "token-1", None)
    table.record_done(KEY, event(), "token-1", None)
    assert (row_of(table).status, row_of(table).token) == (Status.DONE, None)


def test_a_kept_event_stands_in_claimed_until_it_is_done(table: JourneyTable) -> None:
    wait = started(table)
    kept(table, due_at=NOW + 1000)
    assert (journey_of(table).kept, journey_of(table).claimed) == ({"e-1": E_1}, {})
    assert not claimed(table, wait)  # by somebody who has not seen that it is kept
    assert claimed_as(journey_of(table), wait, E_1, was_kept=True) == E_1
    assert claimed(table, wait, was_kept=True)
    assert (journey_of(table).kept, journey_of(table).claimed) == ({}, {"e-1": E_1})
    row = row_of(table)
    assert (row.arrived_at, row.deadline, row.due_at) == (NOW, NOW + 180, None)
    assert row.payload == event().payload
    table.record_done(KEY, event(), "token-1", E_1)
    assert journey_of(table).claimed == {}
    assert (row_of(table).status, row_of(table).payload) == (Status.DONE, None)


def test_an_event_leaves_kept_even_if_the_journey_was_seen_before_it_was_there(table: JourneyTable) -> None:
    wait = started(table)
    before = journey_of(table)
    kept(table)
    assert claimed_as(before, wait, E_1, was_kept=True) == E_1
    assert table.claim(before, event(), wait, row_of(table).as_kept, now=NOW, variant=0, was_kept=True)
    assert (journey_of(table).kept, journey_of(table).claimed) == ({}, {"e-1": E_1})


def test_of_a_claim_for_a_tracked_wait_the_journey_tells_until_it_is_recorded(table: JourneyTable) -> None:
    wait = started(table)._replace(tracked=True)
    assert claimed_as(journey_of(table), wait, E_1, was_kept=False) == E_1
    assert claimed(table, wait)
    assert journey_of(table).claimed == {"e-1": E_1}
    table.record_done(KEY, event(), "another token", E_1)
    assert journey_of(table).claimed == {"e-1": E_1}
    table.record_done(KEY, event(), "token-1", E_1)
    assert journey_of(table).claimed == {}


def test_a_claim_that_is_given_back_is_kept_again(table: JourneyTable) -> None:
    assert claimed(table, started(table))
    table.give_back(KEY, event(), "another token", ORDER, E_1, None)
    assert row_of(table).status is Status.CLAIMED
    table.give_back(KEY, event(), "token-1", ORDER, E_1, None)
    row = row_of(table)
    assert (row.status, row.token, row.wait, row.execution) == (Status.KEPT, None, None, None)
    assert (row.deadline, row.payload, row.choreography) == (NOW + 180, event().payload, SETTINGS)
    assert (journey_of(table).kept, journey_of(table).claimed) == ({"e-1": E_1}, {})


def test_a_claim_that_is_given_back_leaves_claimed(table: JourneyTable) -> None:
    wait = started(table)
    kept(table)
    assert claimed(table, wait, was_kept=True)
    table.give_back(KEY, event(), "token-1", ORDER, E_1, E_1)
    assert (journey_of(table).kept, journey_of(table).claimed) == ({"e-1": E_1}, {})


# ---- keeping --------


def test_an_event_is_kept_once(table: JourneyTable) -> None:
    kept(table)
    later = as_kept(deadline=NOW + 999)._replace(arrived_at=NOW + 9)
    assert not table.keep(journey_of(table), event(), ORDER, later)
    row = row_of(table)
    assert (row.arrived_at, row.deadline, row.choreography, row.due_at) == (NOW, NOW + 180, SETTINGS, None)
    assert row.as_kept == E_1 == journey_of(table).kept["e-1"]


def test_an_event_that_no_wait_can_ask_for_touches_its_own_row_alone(table: JourneyTable) -> None:
    started(table)
    before = journey_of(table)
    unknown = event("Order # Painted", "e-2")
    one = as_kept("e-2", "Order # Painted", before.expires_at + 5.0)
    assert table.keep(before, unknown, ORDER, one, listed=False)
    assert not table.keep(before, unknown, ORDER, one, listed=False)
    assert row_of(table, "e-2").as_kept == one
    assert journey_of(table) == before
    assert table.claim_report(before, unknown, DEVIATION, NOW, was_kept=True)
    table.record_reported(KEY, unknown, None, now=NOW)
    assert row_of(table, "e-2").status is Status.REPORTED
    assert journey_of(table) == before


def test_a_name_with_the_lists_own_separator_is_read_whole(table: JourneyTable) -> None:
    one = as_kept("e-2", "Order # Painted#")
    assert table.keep(journey_of(table), event("Order # Painted#", "e-2"), ORDER, one)
    assert journey_of(table).kept == {"e-2": one}


def test_keeping_an_event_lets_the_journeys_row_outlive_its_deadline(table: JourneyTable) -> None:
    kept(table)
    first = journey_of(table)
    assert first.expires_at == int(NOW) + 180 + 45 * DAY
    later = event(event_id="e-2")
    assert table.keep(first, later, ORDER, as_kept("e-2", deadline=first.expires_at + 5.0))
    assert journey_of(table).expires_at > first.expires_at + 5
    # A worker that saw the row before it was prolonged must look again instead of shortening its life.
    third = as_kept("e-3", deadline=first.expires_at - 0.5 * DAY)
    assert not table.keep(first, event(event_id="e-3"), ORDER, third)


# ---- deviations --------


def test_a_failure_takes_event_and_wait_out_of_play(table: JourneyTable) -> None:
    wait = started(table)
    kept(table, due_at=NOW + 1000)
    journey = journey_of(table)
    assert table.claim_failure(journey, row_of(table), wait, DEVIATION)
    assert not table.claim_failure(journey, row_of(table), wait, DEVIATION)
    row = row_of(table)
    assert (row.status, row.token, row.execution, row.due_at) == (Status.FAILING, "token-1", EXECUTION, None)
    assert row.deviation == {
        "reason": "UnexpectedEvent",
        "cause": "in words",
        "states": [["WaitForConfirmation", ["Order Confirmed"]]],
        "policy": None,
    }
    journey = journey_of(table)
    assert (journey.waits, journey.kept, journey.claimed) == ((), {}, {"e-1": E_1})
    table.record_reported(KEY, event(), E_1, now=NOW)
    assert row_of(table).status is Status.REPORTED
    assert journey_of(table).claimed == {}


def test_a_failure_that_is_given_back_is_kept_again(table: JourneyTable) -> None:
    wait = started(table)
    kept(table)
    table.claim_failure(journey_of(table), row_of(table), wait, DEVIATION)
    table.give_back_failure(KEY, row_of(table), "another token", E_1)
    assert journey_of(table).claimed == {"e-1": E_1}
    table.give_back_failure(KEY, row_of(table), "token-1", E_1)
    row = row_of(table)
    assert (row.status, row.token, row.deviation, row.payload) == (Status.KEPT, None, None, event().payload)
    assert (journey_of(table).kept, journey_of(table).claimed) == ({"e-1": E_1}, {})


def test_a_start_event_goes_from_starts_to_claimed_and_back(table: JourneyTable) -> None:
    wait = started(table)
    one = start_kept(table)
    assert table.claim_failure(journey_of(table), row_of(table, "e-9"), wait, DEVIATION)
    assert (journey_of(table).starts, journey_of(table).claimed) == ({}, {"e-9": one})
    table.give_back_failure(KEY, row_of(table, "e-9"), "token-1", one)
    assert (journey_of(table).starts, journey_of(table).kept, journey_of(table).claimed) == ({"e-9": one}, {}, {})


def test_an_event_is_reported_once_and_leaves_kept_first(table: JourneyTable) -> None:
    kept(table, due_at=NOW + 1000)
    assert table.claim_report(journey_of(table), event(), DEVIATION, NOW, was_kept=True)
    assert not table.claim_report(journey_of(table), event(), DEVIATION, NOW, was_kept=True)
    assert (row_of(table).status, row_of(table).due_at) == (Status.REPORTING, None)
    assert journey_of(table).kept == {}
    table.record_reported(KEY, event(), None, now=NOW)
    assert row_of(table).status is Status.REPORTED


def test_an_event_too_old_to_be_kept_is_reported_without_a_journey(table: JourneyTable) -> None:
    assert table.claim_report(Journey(KEY), event(), DEVIATION, NOW, was_kept=False)
    assert not table.claim_report(Journey(KEY), event(), DEVIATION, NOW, was_kept=False)
    assert journey_of(table) == Journey(KEY)


def test_nothing_makes_a_journeys_row_again_that_has_expired(table: JourneyTable) -> None:
    kept(table)
    seen = journey_of(table)
    table.client.delete_item(TableName=table.name, Key={"journey": {"S": KEY}, "item": {"S": "JOURNEY"}})
    assert not table.claim_report(seen, event(), DEVIATION, NOW, was_kept=True)
    table.close(KEY, EXECUTION, "FAILED", NOW)
    assert journey_of(table) == Journey(KEY)


# ---- the end --------


def test_only_its_own_execution_closes_a_journey(table: JourneyTable) -> None:
    started(table)
    assert table.close(KEY, EXECUTION + "-other", "FAILED", NOW) is None
    assert not journey_of(table).is_over
    assert table.close(KEY, EXECUTION, "FAILED", NOW) == journey_of(table)
    assert journey_of(table).status == "FAILED"


def test_what_cannot_be_redriven_keeps_no_waits_and_does_not_live_as_if_it_ran(table: JourneyTable) -> None:
    (wait,) = (started(table),)
    table.close(KEY, EXECUTION, "ABORTED", NOW + 5)
    assert (journey_of(table).waits, journey_of(table).expires_at) == ((wait,), int(NOW) + DAY + 45 * DAY)
    table.close(KEY, EXECUTION, "SUCCEEDED", NOW + 5)
    assert (journey_of(table).waits, journey_of(table).expires_at) == ((), int(NOW) + 5 + 45 * DAY)


def test_a_wait_is_dropped_only_if_its_token_is_still_that_one(table: JourneyTable) -> None:
    old = started(table)
    write_wait(table, token="token-2", entered="2027-01-15T09:00:00")
    table.drop_wait(KEY, old)
    (new,) = journey_of(table).waits
    assert new.token == "token-2"
    table.drop_wait(KEY, new)
    assert journey_of(table).waits == ()


# ---- waits, as Step Functions writes them --------


def test_a_wait_of_another_execution_is_refused(table: JourneyTable) -> None:
    started(table)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_wait(table, token="stale", execution=EXECUTION + "-old", entered="2027-01-16T00:00:00")
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_wait(table, "Another", token="stale", execution=EXECUTION + "-old")


def test_a_late_write_of_an_earlier_wait_is_refused(table: JourneyTable) -> None:
    started(table)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_wait(table, token="late", entered="2027-01-15T07:59:59.999", retries=3)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_wait(table, token="late", entered="2027-01-15T08:00:00", retries=3)  # AWS leaves out a fraction of nought


@pytest.mark.parametrize(
    ("entered", "retries"), [("2027-01-15T08:00:00.101", 0), ("2027-01-15T08:00:01", 0), ("2027-01-15T08:00:00.100", 1)]
)
def test_a_later_entry_or_a_later_try_of_the_same_wins(table: JourneyTable, entered: str, retries: int) -> None:
    started(table)
    write_wait(table, token="token-2", entered=entered, retries=retries)
    (wait,) = journey_of(table).waits
    assert (wait.token, wait.retries) == ("token-2", retries)


def test_an_entry_at_a_whole_second_is_before_one_at_a_fraction_of_it(table: JourneyTable) -> None:
    started(table)
    for token, entered in (("token-2", "2027-01-15T08:00:06"), ("token-3", "2027-01-15T08:00:06.100")):
        write_wait(table, token=token, entered=entered)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_wait(table, token="token-2", entered="2027-01-15T08:00:06")
    (wait,) = journey_of(table).waits
    assert (wait.token, wait.entered_at) == ("token-3", NOW + 6.1)


def test_an_earlier_try_does_not_come_after_a_later_one(table: JourneyTable) -> None:
    started(table)
    write_wait(table, token="token-10", retries=10)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_wait(table, token="token-9", retries=9)


def test_the_very_same_write_of_a_wait_again_changes_nothing(table: JourneyTable) -> None:
    started(table)
    before = table.read_all(KEY)
    write_wait(table)
    assert table.read_all(KEY) == before


# ---- waits that have rows of their own --------


def rows_named(table: JourneyTable) -> list[str]:
    """The names of all rows of the journey."""
    key = {":journey": {"S": KEY}}
    answer = table.client.query(
        TableName=table.name, KeyConditionExpression="journey = :journey", ExpressionAttributeValues=key
    )
    return [str(item["item"]["S"]) for item in answer["Items"]]


def started_with_items(table: JourneyTable, *items: str) -> list[OpenWait]:
    """A journey that waits for Order Confirmed of each item, and for itself."""
    started(table)
    for number, item in enumerate(items, 2):
        write_own_wait(table, item, f"token-{number}")
    return [wait for wait in journey_of(table).waits if wait.own_row is not None]


def test_a_wait_of_an_item_is_read_with_the_journey_and_called_by_its_key(table: JourneyTable) -> None:
    one, two = started_with_items(table, "one", "a # b]")
    assert {wait.state for wait in journey_of(table).waits} == {"WaitForConfirmation", "Sent[one]", "Sent[a # b]]"}
    assert (two.state, two.token, two.state_name, two.entered_at) == ("Sent[one]", "token-2", "Sent", NOW + 0.1)
    assert two.accepts[0].items == (("$.detail.item", "one"),)
    assert (one.beside, one.retries, one.memory) == (True, 0, None)
    kept(table)
    for read in (table.read_journey(KEY), table.read_with(KEY, ["e-1"]), table.read_all(KEY)):
        assert read.journey.waits == journey_of(table).waits
    assert [wait.own_row for wait in table.read_row(KEY).waits] == [None]


def test_who_asks_for_no_wait_reads_the_journeys_row_and_rows_of_events_alone(table: JourneyTable) -> None:
    started_with_items(table, "one")
    kept(table)
    starting = table.without_waits
    assert [wait.own_row for wait in starting.read_journey(KEY).journey.waits] == [None]
    assert starting.read_with(KEY, ["e-1"]) == table.read_with(KEY, ["e-1"])._replace(journey=table.read_row(KEY))


def test_more_waits_are_read_than_one_page_has(journeys_on_dynamodb_local: JourneyTable) -> None:
    table = journeys_on_dynamodb_local
    started(table)
    for number in range(12):
        write_own_wait(table, str(number), "t" * 100_000)
    assert len(journey_of(table).waits) == 13


def test_keys_of_any_length_and_with_any_sign_are_told_apart(table: JourneyTable) -> None:
    items = ["x" * 2_000, "x" * 2_001, "#", "##", '"', '","', "\\", "\N{GRINNING FACE}", " "]
    assert {wait.state for wait in started_with_items(table, *items)} == {f"Sent[{item}]" for item in items}


def test_a_claim_takes_the_row_of_its_wait_away_and_leaves_the_journeys_alone(table: JourneyTable) -> None:
    one, two = sorted(started_with_items(table, "one", "two"))
    before = table.read_row(KEY)
    assert claimed(table, one)
    assert not claimed(table, two)  # the event is another's now
    assert table.read_row(KEY) == before
    assert [wait.token for wait in journey_of(table).waits] == [two.token, "token-1"]
    assert (row_of(table).token, row_of(table).wait) == ("token-2", "Sent[one]")


def test_a_wait_of_an_item_is_claimed_once_and_by_its_own_token_only(table: JourneyTable) -> None:
    (old,) = started_with_items(table, "one")
    write_own_wait(table, "one", "token-9", entered="2027-01-15T09:00:00")
    assert not claimed(table, old)
    table.drop_wait(KEY, old)
    (new,) = (wait for wait in journey_of(table).waits if wait.own_row is not None)
    assert claimed(table, new)
    assert not table.claim(journey_of(table), event(event_id="e-2"), new, as_kept("e-2"), now=NOW, variant=0)
    assert table.read_with(KEY, ["e-2"]).rows == {}


@pytest.mark.parametrize("tracked", [False, True])
def test_where_a_list_changes_the_journeys_row_does_too(table: JourneyTable, *, tracked: bool) -> None:
    wait = started_with_items(table, "one")[0]._replace(tracked=tracked)
    if not tracked:
        kept(table)
    assert claimed(table, wait, was_kept=not tracked)
    assert (journey_of(table).kept, journey_of(table).claimed) == ({}, {"e-1": E_1})
    table.record_done(KEY, event(), "token-2", E_1)
    assert journey_of(table).claimed == {}


def test_a_failure_takes_the_row_of_its_wait_away(table: JourneyTable) -> None:
    (wait,) = started_with_items(table, "one")
    kept(table)
    assert table.claim_failure(journey_of(table), row_of(table), wait, DEVIATION)
    assert [wait.own_row for wait in journey_of(table).waits] == [None]
    assert journey_of(table).claimed == {"e-1": E_1}


def test_a_wait_of_an_item_is_dropped_whatever_holds_its_row_for_a_moment(table: JourneyTable) -> None:
    (wait,) = started_with_items(table, "one")
    table.drop_wait(KEY, wait)
    table.drop_wait(KEY, wait)
    assert [name for name in rows_named(table) if name.startswith("WAIT#")] == []


def test_the_rows_of_waits_are_those_of_their_execution_alone(table: JourneyTable) -> None:
    (old,) = started_with_items(table, "one")
    table.close(KEY, EXECUTION, "TIMED_OUT", NOW + 5)
    new = EXECUTION + "9"
    start = event("Order Placed", "e-9")
    assert table.claim_start(journey_of(table), start, new, ORDER, NOW + 9, now=NOW, was_kept=False)
    assert journey_of(table).waits == ()
    write_own_wait(table, "two", "stale", entered="2027-01-16T00:00:00")  # no refusal, and nobody reads it
    assert journey_of(table).waits == ()
    write_own_wait(table, "one", "token-9", execution=new)
    (wait,) = journey_of(table).waits
    assert (wait.token, wait.state, wait.own_row == old.own_row) == ("token-9", "Sent[one]", False)


def test_a_journey_that_succeeded_has_no_waits_whatever_was_left(table: JourneyTable) -> None:
    started_with_items(table, "one")
    table.close(KEY, EXECUTION, "SUCCEEDED", NOW - 5)
    assert (journey_of(table).waits, journey_of(table).is_over) == ((), True)


@pytest.mark.parametrize(("ended", "runs"), [(0.05, True), (0.1, False), (5.0, False)])
def test_a_wait_entered_after_the_end_says_that_the_journey_was_redriven(
    table: JourneyTable, ended: float, *, runs: bool
) -> None:
    started_with_items(table, "one")
    table.close(KEY, EXECUTION, "FAILED", NOW + ended)
    assert journey_of(table).is_over is not runs
    assert table.without_waits.read_journey(KEY).journey.may_be_redriven


def test_what_is_left_of_a_wait_goes_by_itself(table: JourneyTable) -> None:
    (wait,) = started_with_items(table, "one")
    assert wait.own_row is not None
    row = table.client.get_item(TableName=table.name, Key={"journey": {"S": KEY}, "item": {"S": wait.own_row}})["Item"]
    assert row["expiresAt"] == {"N": str(int(NOW) + 9)}


def test_a_late_write_of_an_earlier_wait_of_an_item_is_refused(table: JourneyTable) -> None:
    started_with_items(table, "one")
    for entered, retries in (("2027-01-15T07:59:59.999", 3), ("2027-01-15T08:00:00", 3)):
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            write_own_wait(table, "one", "late", entered=entered, retries=retries)
    write_own_wait(table, "one", "token-2")  # the very same again
    write_own_wait(table, "one", "token-3", retries=1)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        write_own_wait(table, "one", "token-2")
    assert {wait.token for wait in journey_of(table).waits} == {"token-1", "token-3"}


# ---- kept events that are due --------


def test_kept_events_are_due_those_due_longest_first_in_the_shard_of_their_journey(table: JourneyTable) -> None:
    for event_id, at in (("e-1", NOW + 3000), ("e-2", NOW + 1000.5), ("e-3", NOW + 2000)):
        kept(table, event_id, due_at=at)
    kept(table, "e-4")  # whose message is on its way
    assert table.due(SHARD, NOW + 2000) == [Due(KEY, "e-2", NOW + 1000.5), Due(KEY, "e-3", NOW + 2000)]
    assert [table.due(other, NOW + 9000) for other in range(DUE_SHARDS) if other != SHARD] == [[]] * (DUE_SHARDS - 1)
    assert table.overdue(NOW + 9000) == []


def test_no_more_is_due_than_can_be_taken_at_once(journeys_on_dynamodb_local: JourneyTable) -> None:
    table = journeys_on_dynamodb_local
    for number in range(MOST_DUE + 1):
        one = as_kept(f"e-{number}")
        assert table.keep(Journey(KEY), event(event_id=one.event_id), ORDER, one, due_at=NOW - number, listed=False)
    found = table.due(SHARD, NOW)
    assert [one.event_id for one in found] == [f"e-{number}" for number in range(MOST_DUE, 0, -1)]


def test_what_is_due_is_leased_once(table: JourneyTable) -> None:
    kept(table, due_at=NOW)
    (due,) = table.due(SHARD, NOW)
    row = table.lease(due, NOW + 900)
    assert row == row_of(table)
    assert row is not None
    assert (row.due_at, row.choreography) == (NOW + 900, SETTINGS)
    assert table.lease(due, NOW + 901) is None
    assert table.due(SHARD, NOW + 899) == []
    assert table.due(SHARD, NOW + 900) == [due._replace(due_at=NOW + 900)]


def test_what_is_kept_no_more_is_not_leased(table: JourneyTable) -> None:
    wait = started(table)
    kept(table, due_at=NOW)
    (due,) = table.due(SHARD, NOW)
    assert claimed(table, wait, was_kept=True)
    assert table.lease(due, NOW + 900) is None
    assert table.due(SHARD, NOW + 9000) == []
    table.set_due(KEY, "e-1", NOW + 5)
    assert (table.due(SHARD, NOW + 9000), row_of(table).due_at) == ([], None)


def test_nothing_is_leased_or_due_that_was_forgotten(table: JourneyTable) -> None:
    assert table.lease(Due(KEY, "e-1", NOW), NOW + 900) is None
    table.set_due(KEY, "e-1", NOW + 5)
    assert table.read_all(KEY).rows == {}


def test_a_kept_event_that_is_due_later_lives_long_enough_for_that(table: JourneyTable) -> None:
    kept(table)
    table.set_due(KEY, "e-1", NOW + 100 * DAY)
    assert table.due(SHARD, NOW + 100 * DAY) == [Due(KEY, "e-1", NOW + 100 * DAY)]
    key = {"journey": {"S": KEY}, "item": {"S": "EVENT#e-1"}}
    row = table.client.get_item(TableName=table.name, Key=key)["Item"]
    assert int(row["expiresAt"]["N"]) == int(NOW) + 145 * DAY


# ---- journeys that are overdue --------

HASTY = ORDER._replace(expected_seconds=3600.0)


def expected(table: JourneyTable, key: str, at: float) -> None:
    """A journey that was started so that it is due at this time."""
    start = event("Order Placed", f"start-{at}")
    journey = table.read_journey(key).journey
    assert table.claim_start(journey, start, f"x-{key}", HASTY, at - 3600, now=NOW, was_kept=False)


@many_rows
def test_overdue_journeys_are_found_in_all_shards_those_due_longest_first(table: JourneyTable) -> None:
    keys = [f"order#{number}" for number in range(40)]
    assert len({crc32(key.encode()) % DUE_SHARDS for key in keys}) == DUE_SHARDS
    for number, key in enumerate(keys):
        expected(table, key, NOW - 5 - number)
    for key, at in (("order#c/#1", NOW - 100), ("order#later", NOW + 5)):
        expected(table, key, at)
    started(table)  # of a choreography that expects nothing
    found = table.overdue(NOW)
    assert found[0] == Overdue("order#c/#1", "x-order#c/#1", NOW - 100)
    assert (found[0].choreography, found[0].entity_id) == ("order", "c/#1")
    assert [(one.key, one.due_at) for one in found[1:]] == [(keys[n], NOW - 5 - n) for n in range(39, -1, -1)]
    assert [table.due(shard, NOW) for shard in range(DUE_SHARDS)] == [[]] * DUE_SHARDS


def test_a_journey_that_has_ended_is_not_overdue(table: JourneyTable) -> None:
    expected(table, KEY, NOW - 5)
    table.close(KEY, f"x-{KEY}", "SUCCEEDED", NOW)
    assert table.overdue(NOW) == []


def test_the_next_journey_is_due_as_its_own_choreography_expects(table: JourneyTable) -> None:
    expected(table, KEY, NOW - 5)
    start = event("Order Placed", "e-9")
    assert table.claim_start(journey_of(table), start, EXECUTION, ORDER, NOW, now=NOW, was_kept=False)
    assert table.overdue(NOW) == []


def test_no_more_overdue_journeys_are_told_than_can_be_looked_at(
    table: JourneyTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_index, "MOST_OVERDUE", 7)
    for number in range(8):
        expected(table, f"order#{number}", NOW - 1 - number)
    assert [one.entity_id for one in table.overdue(NOW)] == list("7654321")


# ---- for those who look --------

AT = f"order#{SHARD}"
ENTERED = "2027-01-15T08:00:00.100"


def item_of(table: JourneyTable, item: str = "JOURNEY") -> dict[str, Any]:
    """The item as it stands there."""
    key = {"journey": {"S": KEY}, "item": {"S": item}}
    found: dict[str, Any] = table.client.get_item(TableName=table.name, Key=key, ConsistentRead=True)["Item"]
    return found


def of(item: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those of its attributes that are there."""
    return {name: _value(**item[name]) for name in names if name in item}


def _value(*, S: str = "", N: str = "") -> str | float:
    return float(N) if N else S


def listed_in(table: JourneyTable, index: str, partition: str) -> list[dict[str, Any]]:
    """What an index has of the journeys of a shard."""
    items: list[dict[str, Any]] = table.client.query(
        TableName=table.name,
        IndexName=index,
        KeyConditionExpression=f"{partition} = :at",
        ExpressionAttributeNames={"#at": "at"} if partition == "#at" else {"#in": "deviatedIn"},
        ExpressionAttributeValues={":at": {"S": AT}},
    )["Items"]
    return items


WHEREABOUTS = ("at", "since", "version", "lapsed")


def test_a_journey_is_found_by_where_it_is_until_it_ends(table: JourneyTable) -> None:
    started(table)
    here = {"at": AT, "since": f"WaitForConfirmation#{ENTERED}", "version": VERSION}
    assert of(item_of(table), *WHEREABOUTS) == here
    assert [of(one, "journey", *WHEREABOUTS) for one in listed_in(table, "waiting", "#at")] == [
        {"journey": KEY, "at": AT, "since": here["since"]}
    ]
    table.close(KEY, EXECUTION, "FAILED", NOW)
    assert of(item_of(table), *WHEREABOUTS) == {"version": VERSION}
    assert listed_in(table, "waiting", "#at") == []


def test_the_next_journey_knows_nothing_of_where_the_last_was(table: JourneyTable) -> None:
    wait = started(table)
    table.drop_wait(KEY, wait)
    assert of(item_of(table), *WHEREABOUTS).keys() == set(WHEREABOUTS)
    start = event("Order Placed", "e-9")
    assert table.claim_start(journey_of(table), start, EXECUTION + "9", ORDER, NOW + 9, now=NOW + 8, was_kept=False)
    assert of(item_of(table), *WHEREABOUTS) == {}
    assert of(item_of(table, "EVENT#e-9"), "usedAt", "entered", "variant") == {"usedAt": NOW + 8}


def test_an_event_that_is_claimed_says_when_and_as_what_until_it_is_given_back(table: JourneyTable) -> None:
    wait = started(table)
    wait = wait._replace(accepts=wait.accepts * 4)
    kept(table)
    assert table.claim(journey_of(table), event(), wait, E_1, now=NOW + 5, variant=3, was_kept=True)
    use = {"usedAt": NOW + 5, "entered": ENTERED, "variant": 3}
    assert of(item_of(table, "EVENT#e-1"), *use) == use
    table.give_back(KEY, event(), wait.token, ORDER, E_1, E_1)
    assert of(item_of(table, "EVENT#e-1"), *use) == {}


def test_what_is_done_says_for_ever_how_it_was_used(table: JourneyTable) -> None:
    wait = started(table)
    assert claimed(table, wait)
    table.record_done(KEY, event(), wait.token, None)
    assert of(item_of(table, "EVENT#e-1"), "usedAt", "entered", "variant") == {
        "usedAt": NOW,
        "entered": ENTERED,
        "variant": 0,
    }


def test_a_wait_that_is_removed_without_an_event_leaves_its_name(table: JourneyTable) -> None:
    wait = started(table)
    table.drop_wait(KEY, wait._replace(token="another"))
    assert of(item_of(table), "lapsed") == {}
    table.drop_wait(KEY, wait)
    assert of(item_of(table), "lapsed") == {"lapsed": f"WaitForConfirmation#{ENTERED}"}


def test_a_report_is_found_by_its_choreography_and_time_once_it_is_made(table: JourneyTable) -> None:
    kept(table)
    assert table.claim_report(journey_of(table), event(), DEVIATION, NOW, was_kept=True)
    assert listed_in(table, "deviations", "#in") == []
    table.record_reported(KEY, event(), None, now=NOW + 7)
    (found,) = listed_in(table, "deviations", "#in")
    told = {"item": "EVENT#e-1", "deviatedIn": AT, "deviatedAt": NOW + 7, "name": "Order Confirmed"}
    assert of(found, *told) == told
    assert json.loads(found["deviation"]["S"])["reason"] == "UnexpectedEvent"
    assert "payload" not in found
    table.record_reported(KEY, event(), None, now=NOW + 99)  # again: its time stays
    assert of(item_of(table, "EVENT#e-1"), "deviatedAt") == {"deviatedAt": NOW + 7}


def test_nothing_of_it_is_in_what_is_read_to_decide(table: JourneyTable) -> None:
    wait = started(table)
    kept(table)
    assert table.claim(journey_of(table), event(), wait, E_1, now=NOW + 5, variant=0, was_kept=True)
    write_wait(table, "Beside", "token-2")
    table.drop_wait(KEY, wait._replace(token="token-2", state="Beside"))
    for_those_who_look = {*WHEREABOUTS, "usedAt", "entered", "variant"}
    journey, row = item_of(table), item_of(table, "EVENT#e-1")
    assert for_those_who_look <= journey.keys() | row.keys()
    without = [{name: one[name] for name in one.keys() - for_those_who_look} for one in (journey, row)]
    assert (journey_from(KEY, journey), event_row(row)) == (journey_from(KEY, without[0]), event_row(without[1]))
