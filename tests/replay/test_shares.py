"""Entities that are replayed apart, and what was told of them put together: to the letter what one replay says."""

import pickle
from collections.abc import Iterable
from itertools import chain
from random import Random

import pytest

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey_log import Summary
from choreography_insights.replay.report import Form
from choreography_insights.replay.shares import Share, ShareReplay, Together, share_of
from replay.played import read as automaton_of
from support.definitions import GOOD, read

_CHOREOGRAPHIES = [one for folder in GOOD if not (one := Automaton.of_recorded(read(folder))).knows_names]
_WORDS = ["yes", 7, {"id": "a"}, [{"id": "a"}, {"id": "b"}], "2026-01-01T00:00:00Z"]


def random_events(random: Random, choreography: Automaton) -> list[Event]:
    """Return events of four entities in order of time, many at the same one, some of them unheard of."""
    usual = [*choreography.known, "Unknown"]
    fields = ("items", "status", "until", "amount", "lines")
    times = sorted(random.choice((0, 1, 5, 5.25, 60, 90_000, 9e6)) + random.randrange(3) for _ in range(24))
    return [
        Event(
            f"{random.randrange(20)}",
            random.choice([*choreography.starts, *usual]),
            f"{random.randrange(4)}",
            float(time),
            float(time),
            {name: random.choice(_WORDS) for name in fields},
            position,
        )
        for position, time in enumerate(times)
    ]


def together(choreography: Automaton, form: str, shares: Iterable[Iterable[Share]]) -> list[str]:
    """Return all lines, of *shares* that came in turns."""
    summary, written, lines = Summary(choreography), Form.of(form, choreography), list[str]()
    everything = Together(summary, written.case, lines.extend)
    for turn in shares:
        everything.take(list(turn))
    everything.finish()
    return [*lines, *written.sum(summary)]


@pytest.mark.parametrize("form", ["table", "json"])
def test_entities_may_be_replayed_apart_in_every_form_of_the_language(form: str) -> None:
    random = Random(form)  # noqa: S311  # the same in each run
    for choreography in _CHOREOGRAPHIES:
        events = random_events(random, choreography)
        written = Form.of(form, choreography)
        last = events[-1].time
        whole = share_of(choreography, events, last, written.case)
        apart = [
            share_of(
                choreography, (one for one in events if int(one.entity) % 3 == share), events[-1].time, written.case
            )
            for share in range(3)
        ]
        sent = [pickle.loads(pickle.dumps(one)) for one in apart]  # noqa: S301  # it is our own
        assert together(choreography, form, [sent]) == together(choreography, form, [[whole]]), choreography.name


def test_what_is_told_in_turns_is_told_in_order() -> None:
    choreography = automaton_of({"A": {"await": {"a": "Done"}}, "Done": "succeed"}, early="10s")
    form = Form.of("table", choreography)
    events = [Event(f"{at}", "S" if at < 4 else "a", f"{at % 4}", at, at, {}, at) for at in range(8)]
    replays = [ShareReplay(choreography, form.case) for _ in range(2)]
    turns = []
    for event in events:
        replays[event.position % 2].take(event)
        turns.append([one.so_far() for one in replays])
    turns.append([one.finish(7) for one in replays])
    assert sum(len(share.entries) for share in chain(*turns[:-1])) == 2  # the last two end after the last turn
    whole = share_of(choreography, events, 7, form.case)
    assert together(choreography, "table", turns) == together(choreography, "table", [[whole]])


def test_what_an_entity_is_remembered_for_does_not_hang_on_the_others() -> None:
    choreography = automaton_of({"A": {"await": {"a": "Done"}}, "Done": "succeed"})
    day = 86_400
    events = [(0, "S", "x"), (1, "a", "x"), (46 * day, "S", "y"), (46 * day + 1, "a", "y"), (50 * day, "a", "x")]
    recorded = [Event(f"{at}", name, who, at, at, {}, place) for place, (at, name, who) in enumerate(events)]
    for some in (recorded, [one for one in recorded if one.entity == "x"]):
        share = share_of(choreography, some, 50 * day, Form.of("table", choreography).case)
        assert share.tally.deviations == {"NoJourney": 1}


def test_what_may_have_followed_is_told_of_before_the_entitys_next_journey() -> None:
    choreography = automaton_of({"A": {"await": {"a": "Done"}}, "Done": "succeed"}, early="10s")
    events = [Event(f"{at}", name, "1", at, at, {}, at) for at, name in ((0, "a"), (20, "S"), (30, "a"), (60, "a"))]
    share = share_of(choreography, events, 60, Form.of("table", choreography).case)
    lines = together(choreography, "table", [[share]])
    told = [line.split()[0] for line in lines[: lines.index("")] if not line.startswith("    ")]
    assert told == ["1", "!", "1", "1", "!"]
    assert "SUCCEEDED" in lines[2]
