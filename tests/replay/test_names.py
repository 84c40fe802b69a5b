"""What replay says of ids that change on the way."""

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest

from choreography_insights.replay.engine import MEMORY_SECONDS, InOrder, Replay, replay
from choreography_insights.replay.envelopes import UnusableEventError, event_of
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from replay.played import envelope, read

T: Mapping[str, Any] = {"t": "T-1"}
NAMED = read(
    {"A": {"await": {"a": "B"}}, "B": {"await": {"b": "C"}}, "C": {"await": {"c": "Done"}}, "Done": "succeed"},
    events={
        "a": {"also": {"ticket": "$.detail.t"}},
        "b": {"entity": {"as": "ticket", "at": "$.detail.t"}},
        "c": {"entity": {"as": "ticket", "at": "$.detail.t"}, "also": {"ticket": "$.detail.next"}},
    },
)

#: Seconds from the beginning, name, entity's id, and what else is in its detail.
Short = tuple[float, str, str, Mapping[str, Any]]


def happened(*series: Short) -> list[Event]:
    found = []
    for position, (at, name, entity, detail) in enumerate(series):
        moment = f"2026-01-01T{int(at) // 3600:02}:{int(at) // 60 % 60:02}:{at % 60:06.3f}Z"
        event = event_of(envelope(name, entity, moment, detail={"id": entity, **detail}), NAMED, position)
        assert event is not None
        found.append(event)
    return found


def told(*series: Short) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, float]]]:
    """Entity, status and state of each journey; name, reason and moment of what was unexpected."""
    events = happened(*series)
    journeys, met_none = replay(NAMED, events)
    deviations = [*met_none, *(one for journey in journeys for one in journey.deviations)]
    begins = min(event.time for event in events) - series[0][0]
    return (
        [(one.entity, one.status, one.state) for one in journeys],
        sorted((one.event.name, one.reason, round(one.at - begins, 3)) for one in deviations),
    )


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_a_journey_goes_on_under_its_other_name_in_whatever_order_its_events_come(order: tuple[int, ...]) -> None:
    names = ("S", "a", "b", "c")
    series: list[Short] = [(float(at), names[position], "1", T) for at, position in enumerate(order)]
    assert told(*series) == ([("1", "SUCCEEDED", "Done")], [])


def test_a_name_that_is_taught_at_the_very_end_of_the_grace_period_is_taught_in_time() -> None:
    assert told((0, "b", "?", T), (1, "S", "1", {}), (60, "a", "1", T)) == ([("1", "RUNNING", "C")], [])
    assert told((0, "b", "?", T), (1, "S", "1", {}), (60.001, "a", "1", T)) == (
        [("1", "RUNNING", "B")],
        [("b", "NoJourney", 60.0)],
    )


def test_an_event_whose_name_is_taught_gets_no_new_grace_period() -> None:
    assert told((0, "c", "?", T), (1, "S", "1", {}), (50, "a", "1", T), (70, "b", "1", T)) == (
        [("1", "FAILED", "B")],
        [("b", "JourneyEnded", 130.0), ("c", "UnexpectedEvent", 60.0)],
    )


def test_a_name_that_is_taught_for_a_second_entity_stays_the_firsts() -> None:
    series: list[Short] = [(0, "S", "1", {}), (1, "S", "2", {}), (2, "a", "1", T), (3, "a", "2", T), (4, "b", "?", T)]
    assert told(*series) == ([("1", "RUNNING", "C"), ("2", "RUNNING", "B")], [("a", "NameTaken", 3.0)])


def test_an_event_under_a_name_may_teach_another_also_if_both_are_taught_late() -> None:
    found = happened((0, "c", "?", {"t": "T-2"}), (1, "c", "?", {"t": "T-1", "next": "T-2"}), (2, "a", "1", T))
    replaying = Replay(NAMED, lambda _: None)
    for event in found:
        replaying.take(event)
    assert replaying.names.of("1") == (("ticket", "T-1"), ("ticket", "T-2"))


@pytest.mark.parametrize("missing", [{}, {"t": None}, {"t": ""}])
def test_an_event_that_does_not_carry_the_name_yet_teaches_none(missing: dict[str, Any]) -> None:
    (event,) = happened((0, "a", "1", missing))
    assert event.teaches == ()


@pytest.mark.parametrize("wrong", [True, [1], {"t": 1}, "x" * 257])
def test_what_is_no_name_is_said_to_be_none(wrong: Any) -> None:
    with pytest.raises(UnusableEventError, match=r"\$\.detail\.t is"):
        happened((0, "a", "1", {"t": wrong}))


def test_names_are_forgotten_with_the_entity() -> None:
    found: list[ReplayedJourney | Deviation] = []
    replaying = Replay(NAMED, found.append)
    for event in happened((0, "S", "1", {}), (1, "a", "1", T), (2, "b", "?", T), (3, "c", "?", T), (4, "S", "2", {})):
        replaying.take(event)
    assert replaying.names.of("1") == (("ticket", "T-1"),)
    last = replaying.now
    replaying.take(Event("x", "S", "3", last + MEMORY_SECONDS + 5, last + MEMORY_SECONDS + 5, {}, 9, "s"))
    replaying.take(Event("y", "a", "3", last + MEMORY_SECONDS + 6, last + MEMORY_SECONDS + 6, {}, 10, "s"))
    replaying.take(Event("z", "u", "4", last + MEMORY_SECONDS + 7, last + MEMORY_SECONDS + 7, {}, 11, "s"))
    replaying.finish()
    assert replaying.names.of("1") == ()


def test_names_are_remembered_as_long_as_something_happens_to_the_entity() -> None:
    replaying = Replay(NAMED, lambda _: None)
    ended = happened((0, "S", "1", {}), (1, "a", "1", T), (2, "b", "?", T), (3, "c", "?", T))
    for event in ended:
        replaying.take(event)
    half = MEMORY_SECONDS / 2
    for number, name in enumerate(("S", "a"), 1):  # another journey, which runs on
        at = ended[-1].time + half + number
        replaying.take(Event(f"{number}", name, "1", at, at, {}, 10 + number, "s"))
    at = ended[-1].time + 2 * half + 10
    replaying.take(Event("u", "u", "2", at, at, {}, 20, "s"))
    replaying.take(Event("v", "u", "3", at + 100, at + 100, {}, 21, "s"))
    replaying.take(Event("w", "u", "4", at + 200, at + 200, {}, 22, "s"))
    assert replaying.names.of("1") == (("ticket", "T-1"),)


#: Events have ids of their own, and come under the entity's id and under names of two kinds.
NAMED_OWN = read(
    {
        "A": {"await": {"b": "B", "c": "B", "d": "B"}},
        "B": {"await": {"b": "Twice", "c": "Twice", "d": "Twice", "e": "Done"}},
        "Twice": "succeed",
        "Done": "succeed",
    },
    id="$.detail.message",
    events={
        "S": {"also": {"ticket": "$.detail.t", "slip": "$.detail.u"}},
        "e": {"also": {"ticket": "$.detail.t"}},
        "b": {"entity": {"as": "ticket", "at": "$.detail.t"}},
        "c": {"entity": {"as": "slip", "at": "$.detail.u"}},
    },
)

AGAIN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "the same name": ("b", T),
    "another kind of name": ("c", {"u": "U-1"}),
    "the entity's id": ("d", {}),
    "a name that is taught later": ("b", {"t": "T-2"}),
}


def own(*series: tuple[str, str, Mapping[str, Any]]) -> list[Event]:
    """Events of an own id, name and detail, a second apart."""
    found = []
    for at, (message, name, detail) in enumerate(series):
        told = {"id": "1", "message": message, **detail}
        event = event_of(envelope(name, at, f"2026-01-01T00:00:{at:02}Z", detail=told), NAMED_OWN, at)
        assert event is not None
        found.append(event)
    return found


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_message_with_an_id_of_its_own_counts_once_under_whatever_name_it_comes(
    again: tuple[str, Mapping[str, Any]], *, is_first: bool
) -> None:
    """As in the functions: tests/correlation/test_names.py."""
    twice = [("w", "b", T), ("w", *again)]
    events = own(("S", "S", {**T, "u": "U-1"}), *(twice if is_first else twice[::-1]), ("e", "e", {"t": "T-2"}))
    in_order = InOrder(10)
    told: list[ReplayedJourney | Deviation] = []
    replaying = Replay(NAMED_OWN, told.append)
    for event in in_order(events):
        replaying.take(event)
    replaying.finish()
    assert [(type(one), one.state, [*one.deviations]) for one in told if isinstance(one, ReplayedJourney)] == [
        (ReplayedJourney, "Done", [])
    ]
    assert len(told) == 1
    assert in_order.repeated + replaying.repeated == 1


def test_names_of_two_kinds_that_read_alike_are_not_one_entity() -> None:
    events = own(("S", "S", {"t": "5", "u": "6"}), ("w", "b", {"t": "5"}), ("w", "c", {"u": "5"}))
    assert len(list(InOrder(10)(events))) == 3


def test_an_own_id_may_come_again_after_the_time_for_which_it_is_remembered() -> None:
    events = own(("S", "S", T), ("w", "b", T))
    late = own(("w", "d", {}))[0]
    late.time = late.arrival = events[-1].time + MEMORY_SECONDS + 1.0
    journeys, _ = replay(NAMED_OWN, [*events, late])
    assert [(one.status, one.state) for one in journeys] == [("SUCCEEDED", "Twice")]
