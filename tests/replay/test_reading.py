"""The forms in which recorded events come, and what is left out."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import DisorderError, InOrder
from choreography_insights.replay.envelopes import EnvelopeReader, UnusableEventError, event_of, events_of, usable
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import UnreadableError, recorded
from choreography_insights.replay.journey_log import Summary
from replay.played import envelope, json_lines, read
from support.definitions import GOOD
from support.definitions import read as workflow_in

EVENTS = [envelope("S", "1"), envelope("a", "1", "2026-01-01T00:00:05Z"), envelope("b", "ü\n", "2026-01-01T00:00:09Z")]
FORMS = {
    "JSON lines": json_lines(EVENTS),
    "empty lines between": json_lines(EVENTS).replace("\n", "\n\n  \n"),
    "one after the other": "".join(json.dumps(one) for one in EVENTS),
    "an array": json.dumps(EVENTS),
    "an array on many lines": json.dumps(EVENTS, indent=2),
    "objects on many lines": "\n".join(json.dumps(one, indent=2) for one in EVENTS),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_events_are_read_in_every_form(form: str, newline: str) -> None:
    lines = form.replace("\n", newline).splitlines(keepends=True)
    assert [event for _, event in recorded(lines)] == EVENTS


def test_an_event_is_passed_on_before_the_next_line_is_read() -> None:
    lines = iter(json_lines(EVENTS).splitlines(keepends=True))
    events = recorded(lines)
    assert next(events) == (1, EVENTS[0])
    assert next(lines) == json_lines(EVENTS[1:2])


def test_events_are_passed_on_that_lie_before_what_cannot_be_read() -> None:
    def lines() -> Iterator[str]:
        yield json_lines(EVENTS[:1])
        raise UnicodeDecodeError("utf-8", b"", 0, 1, "invalid start byte")

    events = recorded(lines(), at_once=32)
    assert next(events) == (1, EVENTS[0])
    with pytest.raises(UnicodeDecodeError):
        next(events)


def test_a_simulations_waits_become_times() -> None:
    simulation = {
        "events": [
            {"source": "s", "detailType": "S", "detail": {"id": 1}},
            {"source": "s", "detailType": "a", "detail": {"id": 1}, "wait": "2"},
            {"source": "s", "detailType": "b", "detail": {"id": 1}, "wait": 0.5},
        ],
        "expect": {"1": {}},
    }
    found = [event for _, event in recorded(json.dumps(simulation, indent=2).splitlines(keepends=True))]
    assert [(one["id"], one["detail-type"], one["source"], one["time"]) for one in found] == [
        ("simulated-1", "S", "s", 1_577_836_800.0),
        ("simulated-2", "a", "s", 1_577_836_802.0),
        ("simulated-3", "b", "s", 1_577_836_802.5),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("nonsense\n", "line 1"),
        (json_lines(EVENTS[:1]) + "{'a': 1}\n", "line 2"),
        (json_lines(EVENTS[:2]) + '{"id": \n', "line 3"),
        ('{"id": "1"\n{"id": "2"}\n{"id": "3"}\n', "line 2"),
        (json_lines(EVENTS[:1]) + '{"id": ' + 100_000 * "[" + "\n", "line 2: JSON that is nested too deep"),
        ('{"events": [{"wait": "soon"}]}', "line 1: event 1 of the simulation"),
        ('{"events": [5]}', "line 1: event 1 of the simulation"),
    ],
)
def test_what_is_not_json_is_refused_with_its_line(text: str, place: str) -> None:
    with pytest.raises(UnreadableError, match=place):
        list(recorded(text.splitlines(keepends=True)))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1e400", float("inf")),
        ("-Infinity", float("-inf")),
        (r'"\ud800"', "\ud800"),
        ('1, "n": 2', 2),
        ("1.0", 1.0),
    ],
)
def test_a_line_says_what_it_says_to_python(written: str, value: Any) -> None:
    for more in ("", " \n", "\r\n"):
        ((_, found),) = recorded([f'{{"n": {written}}}{more}'])
        assert (found["n"], type(found["n"])) == (value, type(value))


def test_a_large_document_on_many_lines_is_read_in_time_that_grows_with_its_size() -> None:
    simulation = {"events": [{"detailType": "a", "detail": {"id": number}} for number in range(20_000)]}
    assert len(list(recorded(json.dumps(simulation, indent=2).splitlines(keepends=True)))) == 20_000


# ---- envelopes --------

STATES = {"A": {"await": {"a": "Done"}}, "Done": "succeed"}


def test_an_envelope_becomes_an_event() -> None:
    event = event_of(envelope("a", "7", "2026-01-01T00:00:05.250Z"), read(STATES), 3)
    assert event is not None
    assert (event.name, event.entity, event.time, event.arrival, event.position) == ("a", "7", *[1767225605.25] * 2, 3)
    assert event.detail == {"id": "7"}


def test_an_event_of_another_source_is_not_heard() -> None:
    assert event_of(envelope("a", "1", source="another"), read(STATES), 0) is None


@pytest.mark.parametrize(("capture", "heard"), [("all", True), ("known", False)])
def test_an_event_that_the_choreography_does_not_name_is_heard_if_all_are(capture: str, heard: bool) -> None:
    assert (event_of(envelope("u", "1"), read(STATES, capture=capture), 0) is not None) is heard
    assert event_of(envelope("S", "1"), read(STATES, capture=capture), 0) is not None


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", 1e300, -1e300, "soon"])
def test_an_event_of_no_time_that_can_be_written_down_is_left_out(time: Any) -> None:
    with pytest.raises(UnusableEventError, match="its time is"):
        event_of(envelope("a", "1", time), read(STATES), 0)


@pytest.mark.parametrize("said", [None, 0, "", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z", -62_135_596_800])
def test_a_clock_of_its_own_that_says_nothing_counts_as_the_envelopes(said: Any) -> None:
    choreography = read(STATES, time="$.detail.at")
    event = event_of(envelope("a", "1", "2026-01-01T00:00:05Z", detail={"id": "1", "at": said}), choreography, 0)
    assert event is not None
    assert event.time == 1_767_225_605
    with pytest.raises(UnusableEventError, match="its time is 'soon'; it must be ISO 8601"):
        event_of(envelope("a", "1", detail={"id": "1", "at": "soon"}), choreography, 0)


def test_of_a_start_events_name_those_that_begin_no_journey_are_heard_if_they_are_awaited() -> None:
    awaited, unheard = ({name: {"when": {"to": ["placed"]}}} for name in ("a", "S"))
    paid = {"id": "1", "to": "paid"}
    assert event_of(envelope("S", "1", detail=paid), read(STATES, start=unheard), 0) is None
    for detail, is_start in ((paid, False), ({"id": "1", "to": "placed"}, True)):
        event = event_of(envelope("a", "1", detail=detail), choreography := read(STATES, start=awaited), 0)
        assert event is not None
        assert choreography.is_start(event) is is_start


@pytest.mark.parametrize(("number", "text"), [(5, "5"), (5.0, "5"), (2.5, "2.5"), (10**20, "1" + "0" * 20)])
def test_a_number_is_an_entity_id(number: float, text: str) -> None:
    event = event_of(envelope("a", number), read(STATES), 0)
    assert event is not None
    assert event.entity == text


@pytest.mark.parametrize(
    ("time", "epoch"),
    [
        ("2026-01-01T00:00:00Z", 1767225600),
        ("2026-01-01T01:00:00+01:00", 1767225600),
        ("2026-01-01T00:00:00", 1767225600),
        (1767225600, 1767225600),
        (1767225600250, 1767225600.25),
    ],
)
def test_a_time_is_read_in_every_form(time: Any, epoch: float) -> None:
    event = event_of(envelope("a", "1", time=time), read(STATES), 0)
    assert event is not None
    assert event.time == epoch


def test_a_finer_clock_is_read_where_the_event_has_one() -> None:
    choreography = read(STATES, time="$.detail.at")
    finer = event_of(envelope("a", "1", detail={"id": "1", "at": "2026-01-01T00:00:00.500Z"}), choreography, 0)
    coarse = event_of(envelope("a", "1"), choreography, 0)
    assert finer is not None
    assert coarse is not None
    assert (finer.time, coarse.time) == (1767225600.5, 1767225600)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id": None}, "'id' is None"),
        ({"detail-type": ""}, "'detail-type' is ''"),
        ({"source": 5}, "'source' is 5"),
        ({"time": "yesterday"}, "its time is 'yesterday'"),
        ({"time": None}, "its time is None"),
        ({"detail": {}}, r"\$.detail.id is missing"),
        ({"detail": None}, "'detail' is missing; it must be an object"),
        ({"detail": "{}"}, "'detail' is a text of 2 characters; it must be an object"),
        ({"detail": {"id": ""}}, r"\$.detail.id is a text of 0 characters"),
        ({"detail": {"id": "x" * 257}}, r"\$.detail.id is a text of 257 characters"),
        ({"detail": {"id": True}}, r"\$.detail.id is true or false"),
        ({"detail": {"id": [1]}}, r"\$.detail.id is a list"),
        ({"detail": {"id": {}}}, r"\$.detail.id is an object"),
    ],
)
def test_an_envelope_that_cannot_be_used_says_what_it_lacks(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UnusableEventError, match=said):
        event_of({**envelope("a", "1"), **wrong}, read(STATES), 0)


@pytest.mark.parametrize("value", [5, "text", None, [1]])
def test_what_is_no_object_is_no_event(value: Any) -> None:
    with pytest.raises(UnusableEventError, match="an event is an object"):
        event_of(value, read(STATES), 0)


def test_many_envelopes_are_read_as_each_one_is_in_every_form_of_the_language() -> None:
    random = Random(13)  # noqa: S311  # the same in each run
    odd: list[Any] = [None, "", "x" * 257, 5, 5.0, True, [], ["a"], {}, "2026-01-01T00:00:00Z", "0001-01-01", "17"]
    decoded = 0
    for folder in GOOD:
        choreography = Automaton.of(workflow_in(folder))
        reader = EnvelopeReader(choreography)
        names, sources = [*choreography.known, "Unknown"], [*choreography.sources, "another"]
        for position in range(200):
            some = [one for one in ("id", "orderId", "status", "items") if random.random() < 0.7]
            fields = {one: random.choice(odd) for one in some}
            given: Any = {**envelope(random.choice(names), "1"), "source": random.choice(sources), "detail": fields}
            given["detail"].setdefault(choreography.entity[0].path[-1], "7")
            if random.random() < 0.4:
                given[random.choice([*given])] = random.choice(odd)
            one_by_one = [str(one) for one in events_of(given, choreography, position)]
            assert [str(one) for one in reader.events(given, position)] == one_by_one, given
            (read,) = reader.decode([json.dumps(given)]) or [None]
            decoded += type(read) is Event
            found = reader.events(read, 0)
            assert [str(one) for one in found] == [str(one) for one in events_of(given, choreography, 0)], given
    assert decoded > 1_000, "many are read without the whole of their envelopes"


@pytest.mark.parametrize("line", ['{"id": ' + 100_000 * "[", "[]", "no JSON"])
def test_the_reader_leaves_to_others_lines_of_which_one_is_no_object_of_json(line: str) -> None:
    reader = EnvelopeReader(Automaton.of(workflow_in(GOOD[0])))
    assert reader.decode(["{}", line]) is None


# ---- order --------


def event(at: float, name: str) -> Event:
    return Event(name, name, "1", at, at)


def ordered(window: float, *events: Event) -> list[str]:
    return [one.id for one in InOrder(window)(events)]


def test_disorder_within_the_window_is_put_in_order() -> None:
    assert ordered(10, event(5, "b"), event(1, "a"), event(14, "d"), event(6, "c"), event(30, "e")) == list("abcde")


def test_events_of_the_same_time_stay_as_they_come() -> None:
    events = [Event(name, name, "1", 5, 5, {}, position) for position, name in enumerate("zxy")]
    assert ordered(10, *events) == list("zxy")


def test_what_is_older_than_the_window_is_refused_with_what_to_do() -> None:
    said = r"event 'late' is 1 minute 30 seconds older .* up to 10 s .* add --sort"
    with pytest.raises(DisorderError, match=said):
        ordered(10, *(event(at, str(at)) for at in range(100)), event(9, "late"))
    with pytest.raises(DisorderError, match="'late' is 14 days older than one before it"):
        ordered(10, event(1_249_530, "first"), event(9, "late"))


def test_all_disorder_is_put_in_order_where_the_window_has_no_end() -> None:
    assert ordered(float("inf"), event(1_000_000, "b"), event(0, "a")) == ["a", "b"]


def test_an_event_that_was_delivered_again_is_passed_on_once() -> None:
    in_order = InOrder(10)
    again = [event(0, "a"), event(0, "a"), event(3, "b"), event(0, "a"), event(3, "b")]
    assert [(one.id, one.repeats) for one in in_order(again)] == [("a", 2), ("b", 1)]
    assert in_order.repeated == 3


def test_no_more_is_held_than_the_window() -> None:
    taken = 0

    def many() -> Any:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield event(number, str(number))

    for passed, one in enumerate(InOrder(10)(many()), 1):
        assert one.id == str(passed - 1)
        assert taken - passed < 25


def test_a_retired_event_is_counted_and_left_out_and_one_of_its_name_from_another_source_is_not() -> None:
    settings = {"source": ["s", "t"], "events": {"old": {"retired": True, "source": "t"}}}
    choreography = read(STATES, **settings)
    summary = Summary(choreography)
    lines = json_lines([envelope("S", "1"), envelope("old", "1", source="t"), envelope("old", "1", source="s")])
    found = [(one.name, one.source) for one in usable(choreography, lines.splitlines(), summary, pytest.fail)]
    assert found == [("S", "s"), ("old", "s")]
    assert (summary.retired, summary.unheard, summary.unusable) == (1, 0, 0)


def test_an_event_may_have_an_id_of_its_own() -> None:
    states = {"A": {"await": {"a": "B", "b": "B"}}, "B": "succeed"}
    choreography = read(states, id="$.detail.m", events={"b": {"id": "$.id"}}, capture="all")
    found = []
    for name, detail in (("S", {"m": "x#1"}), ("a", {"m": 7}), ("a", {"m": None}), ("b", {"m": 7}), ("z", {"m": 7})):
        event = event_of(envelope(name, "1", detail={"id": "1", **detail}), choreography, 0)
        found.append(event.id if event else None)
    given = "1-2026-01-01T00:00:00Z"
    assert found == ["own:s|x%231", "own:s|7", f"a-{given}", f"b-{given}", "own:s|7"]


def test_an_id_of_its_own_counts_once_however_far_apart_as_long_as_the_table_remembers_it() -> None:
    in_order, days = InOrder(10), [0, 0.5, 20, 44, 46, 47, 92]
    events = [
        Event(event_id, "a", entity, day * 86_400, day * 86_400)
        for day in days
        for event_id, entity in (("own:s|1", "1"), ("own:s|1", "2"), (f"from the bus {day}", "1"))
    ]
    passed = [(event.id, event.entity, event.time / 86_400) for event in in_order(events)]
    assert [day for one, entity, day in passed if (one, entity) == ("own:s|1", "1")] == [0, 46, 92]
    assert [day for one, entity, day in passed if (one, entity) == ("own:s|1", "2")] == [0, 46, 92]
    assert len(passed) == 6 + len(days)
    assert in_order.repeated == 8


def test_what_is_remembered_of_own_ids_is_forgotten_with_time() -> None:
    in_order = InOrder(10)
    for _ in in_order(Event(f"own:s|{number}", "a", "1", number * 3_600.0, 0.0) for number in range(10_000)):
        assert len(in_order._own._times) < 3 * 45 * 24
