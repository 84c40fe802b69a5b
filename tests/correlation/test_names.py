"""Ids that change on the way: an event teaches another name of its entity, and others come under that."""

from itertools import permutations
from typing import Any

import pytest

from correlation.definitions import NAMED, NAMED_OWN, NAMED_PATIENT, NAMED_SALE
from correlation.playing import Played, named, nothing_is_left, play
from fake_aws import FakeAws, Randomly

T: dict[str, Any] = {"t": "T-1"}
SERIES: list[Played] = ["S", ("a", T), ("b", T), ("c", T)]


def _names(aws: FakeAws) -> dict[str, str]:
    """Whose each name is, by partition and row."""
    return {
        f"{key} {item}": row["entity"]["S"]
        for key, rows in aws.table.partitions.items()
        for item, row in rows.items()
        if "entity" in row
    }


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_a_journey_goes_on_under_its_other_name_in_whatever_order_its_events_come(order: tuple[int, ...]) -> None:
    aws = play(NAMED, SERIES, apart=1.0, arrivals=[float(order.index(i)) for i in range(4)])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert _names(aws) == {"named/#T-1 NAME#ticket": "1"}
    assert nothing_is_left(aws)


@pytest.mark.parametrize("seed", range(40))
def test_any_interleaving_within_the_grace_period_ends_as_the_order_of_time(seed: int) -> None:
    strategy = Randomly(seed)
    series: list[Played] = [("S", T), "r", ("u", T), "r", ("s", T)]
    arrivals = [position + strategy.random.uniform(0, 1.9) for position in range(len(series))]
    aws = play(NAMED_SALE, series, apart=1.0, arrivals=arrivals, strategy=strategy)
    assert aws.journeys("1") == [("SUCCEEDED", "Sold")]
    assert aws.executions[0].path() == ["On", "Res", "Res?", "On", "Res", "Res?", "Sold"]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_an_event_of_a_name_reaches_its_entity_with_the_entitys_own_id() -> None:
    aws = play(NAMED, SERIES, arrivals=[0.0, 20.0, 10.0, 30.0])
    assert [one["entityId"] for one in aws.executions[0].history.answers()] == ["1", "1", "1"]


def test_an_event_that_waited_under_a_name_arrived_when_it_first_came() -> None:
    aws = play(NAMED, SERIES, arrivals=[0.0, 20.0, 10.0, 30.0])
    arrived = {
        item[-1]: float(row["arrivedAt"]["N"])
        for item, row in aws.table.partitions["named#1"].items()
        if item[-2:] in ("-a", "-b")
    }
    assert arrived["a"] - arrived["b"] == 10.0


@pytest.mark.parametrize(
    ("taught", "ends", "reported"),
    [
        (179.0, ("SUCCEEDED", "Done"), []),
        (185.0, ("FAILED", "UnexpectedEvent"), [("b", "NoJourney"), ("c", "UnexpectedEvent")]),
    ],
)
def test_an_event_is_kept_under_a_name_as_long_as_under_an_id(
    taught: float, ends: tuple[str, str], reported: list[tuple[str, str]]
) -> None:
    """For 60 s, and twice the visibility timeout."""
    aws = FakeAws(NAMED)
    for name, detail, delay in (("b", T, 0.0), ("S", {}, 1.0), ("a", T, taught), ("c", T, taught + 5.0)):
        aws.publish(name, "1", detail, delay=delay)
    aws.run(seconds=1000.0)
    assert aws.journeys("1") == [ends]
    assert [(one["event"]["eventName"], one["reason"]) for one in aws.deviations()] == reported
    assert nothing_is_left(aws)


def test_an_event_whose_name_is_taught_gets_no_new_grace_period() -> None:
    aws = FakeAws(NAMED)
    aws.publish("c", "1", T)  # too early by two states
    aws.publish("S", "1", delay=1.0)
    aws.publish("a", "1", T, delay=170.0)
    aws.run(seconds=175.0)
    assert aws.table.partitions["named#1"]["EVENT#00000001-c"]["deadline"]["N"] == str(aws.clock.now - 175.0 + 180.0)
    aws.run(seconds=30.0)
    assert [(one["event"]["eventName"], one["reason"]) for one in aws.deviations()] == [("c", "UnexpectedEvent")]
    assert aws.clock.now < 250.0 + FakeAws().clock.now
    assert nothing_is_left(aws)


def test_an_event_whose_name_nobody_teaches_is_reported_once() -> None:
    aws = FakeAws(NAMED)
    aws.publish("b", "1", T, copies=3)
    aws.run()
    (deviation,) = aws.deviations()
    assert deviation["name"] == {"as": "ticket", "id": "T-1"}
    assert (deviation["entityId"], deviation["executionArn"], deviation["reason"]) == ("T-1", None, "NoJourney")
    assert deviation["cause"].startswith("No event told within 60 s whose ticket 'T-1' is, for event 'b'")
    assert nothing_is_left(aws)


def test_an_event_that_was_reported_is_not_used_when_its_name_is_taught_after_all() -> None:
    aws = FakeAws(NAMED)
    event_id = aws.publish("b", "1", T)
    aws.run()
    aws.publish("S", "1")
    aws.publish("a", "1", T, delay=5.0)
    aws.publish("b", "1", T, delay=10.0, event_id=event_id, time=-3600.0)
    aws.run(seconds=30.0)
    assert aws.journeys("1") == [("RUNNING", "B")]
    assert len(aws.deviations()) == 1


def test_an_event_teaches_whether_or_not_it_is_accepted() -> None:
    aws = FakeAws(NAMED)
    aws.publish("S", "1")
    aws.publish("a", "1", T, delay=1.0)
    aws.publish("a", "1", {"t": "T-2"}, delay=2.0)
    aws.publish("b", "1", {"t": "T-2"}, delay=3.0)
    aws.run(seconds=30.0)
    assert aws.journeys("1") == [("RUNNING", "C")]
    assert _names(aws) == {"named/#T-1 NAME#ticket": "1", "named/#T-2 NAME#ticket": "1"}


def test_a_name_that_is_taught_for_a_second_entity_stays_the_firsts_and_is_reported_once() -> None:
    aws = FakeAws(NAMED)
    for entity, delay in (("1", 0.0), ("2", 1.0)):
        aws.publish("S", entity, delay=delay)
        aws.publish("a", entity, T, delay=delay + 5.0, copies=2)
    aws.publish("b", "?", T, delay=10.0)
    aws.run(seconds=50.0)
    (deviation,) = aws.deviations()
    assert (deviation["entityId"], deviation["reason"], deviation["policy"]) == ("2", "NameTaken", "report")
    assert deviation["name"] == {"as": "ticket", "id": "T-1"}
    assert deviation["cause"].endswith("teaches that ticket 'T-1' is '2'; another entity has that name.")
    assert (aws.journeys("1"), aws.journeys("2")) == ([("RUNNING", "C")], [("RUNNING", "B")])
    assert nothing_is_left(aws)


def test_a_start_event_that_teaches_a_name_of_another_entity_begins_its_journey_and_is_reported() -> None:
    aws = FakeAws(NAMED_SALE)
    aws.publish("S", "1", T)
    aws.publish("S", "2", T, delay=5.0)
    aws.run(seconds=30.0)
    assert [(one["entityId"], one["reason"]) for one in aws.deviations()] == [("2", "NameTaken")]
    assert aws.journeys("2") == [("RUNNING", "On")]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("missing", [{}, {"t": None}, {"t": ""}])
def test_an_event_that_does_not_carry_the_name_yet_teaches_none(missing: dict[str, Any]) -> None:
    aws = play(NAMED, ["S", ("a", missing)])
    assert aws.journeys("1") == [("RUNNING", "B")]
    assert _names(aws) == {}


def test_no_id_of_an_entity_meets_a_name() -> None:
    aws = FakeAws(NAMED)
    for entity in ("T-1", "/#T-1", "#T-1", "ticket#T-1", "/ticket#T-1"):
        aws.publish("S", entity)
    aws.publish("a", "/#T-1", T, delay=5.0)
    aws.publish("b", "", T, delay=10.0)
    aws.run(seconds=30.0)
    assert {entity: aws.journeys(entity) for entity in ("T-1", "/#T-1", "#T-1")} == {
        "T-1": [("RUNNING", "A")],
        "/#T-1": [("RUNNING", "C")],
        "#T-1": [("RUNNING", "A")],
    }


def test_a_name_lives_as_long_as_a_journeys_row() -> None:
    aws = play(NAMED, SERIES)
    days = 365 + 45
    rows = [aws.table.partitions["named/#T-1"]["NAME#ticket"], aws.table.partitions["named#1"]["NAME#ticket#T-1"]]
    for row in rows:
        assert float(row["expiresAt"]["N"]) >= FakeAws().clock.now + days * 86_400


def test_an_event_waits_long_under_its_name_without_messages() -> None:
    aws = FakeAws(NAMED_PATIENT)
    aws.publish("b", "1", T)
    aws.run(seconds=1700.0)
    assert not aws.queues["event"].messages
    aws.run(seconds=300.0)
    assert [one["reason"] for one in aws.deviations()] == ["NoJourney"]
    assert nothing_is_left(aws)


AGAIN: dict[str, Played] = {
    "the same name": ("b", T),
    "another kind of name": ("c", {"u": "U-1"}),
    "the entity's id": "d",
    "a name that is taught later": ("b", {"t": "T-2"}),
}


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_message_with_an_id_of_its_own_counts_once_under_whatever_name_it_comes(
    again: Played, *, is_first: bool
) -> None:
    twice = [("b", T), again] if is_first else [again, ("b", T)]
    series = named([("S", {**T, "u": "U-1"}), *twice, ("e", {"t": "T-2"})])
    messages = [(name, {"message": message, **detail}) for message, (name, detail) in zip("swwe", series, strict=True)]
    aws = play(NAMED_OWN, messages)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)
