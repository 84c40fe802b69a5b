"""Entities that are replayed apart, and what was told of them put together: to the letter what one replay says."""

import json
import math
import pickle
from collections.abc import Iterable
from itertools import chain
from random import Random

import pytest

from choreography_insights.project.definitions import load_workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, Moment, Replay
from choreography_insights.replay.envelopes import usable
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey_log import Summary, Tally
from choreography_insights.replay.kin import Node, links, node
from choreography_insights.replay.report import Consequences, Form, Told
from choreography_insights.replay.shares import Share, ShareReplay, Together, share_of
from replay.disorder import NAMED, SEVERAL, in_disorder
from replay.played import envelope
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
        turns.append([Share(entries=one.so_far()) for one in replays])
    turns.append([one.finish(7) for one in replays])
    assert sum(len(share.entries) for share in chain(*turns[:-1])) == 2  # the last two end after the last turn
    whole = share_of(choreography, events, 7, form.case)
    assert together(choreography, "table", turns) == together(choreography, "table", [[whole]])


def test_what_is_told_of_entities_at_one_time_is_in_the_order_in_which_their_first_events_came() -> None:
    choreography, moments = automaton_of({"A": {"await": {"a": "Done"}}, "Done": "succeed"}), list[Moment]()
    replay = Replay(choreography, lambda _: moments.append(replay.moment))
    for position, (name, entity) in enumerate([("S", "one"), ("S", "two"), ("a", "two"), ("a", "one")]):
        replay.take(Event(f"{position}", name, entity, 5.0, 5.0, {}, position))
    assert replay.open == 2
    replay.finish()
    assert moments == [(5.0, 0, 0), (5.0, 0, 1)]
    assert replay.open == 0


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


@pytest.mark.parametrize("days", [1, 120], ids=["a-day", "months"])
@pytest.mark.parametrize("definition", [NAMED, SEVERAL], ids=["named", "several"])
def test_entities_with_other_names_may_be_replayed_apart_from_those_that_have_none_of_them(
    definition: str, days: int
) -> None:
    choreography = Automaton.of_recorded(load_workflow(definition, "workflow.yaml"))
    lines = in_disorder(7, days)
    shares = apart(choreography, lines)
    assert len(shares) > 25
    assert together(choreography, "json", [shares]) == as_one(choreography, lines)


def test_what_a_name_brings_to_an_entity_comes_when_the_name_does() -> None:
    choreography = Automaton.of_recorded(load_workflow(NAMED, "workflow.yaml"))
    told = [("S", 1, 0), ("a", 1, 1), ("S", 2, 0), ("a", 2, 1), ("b", 2, 2), ("c", 1, 5), ("c", 2, 9), ("b", 1, 9)]
    lines = [
        json.dumps(
            envelope(
                name,
                "",
                f"2026-01-01T00:0{minute}:00Z",
                id=f"{name}{entity}",
                detail={"id": f"{entity}", "ticket": f"T-{entity}", "slip": f"S-{entity}"},
            )
        )
        for name, entity, minute in told
    ]
    one = as_one(choreography, lines)
    assert [json.loads(line)["journey"]["entityId"] for line in one[:-1]] == ["2", "1"]
    assert together(choreography, "json", [apart(choreography, lines)]) == one


def apart(choreography: Automaton, lines: list[str]) -> list[Share]:
    """Replay what has nothing to do with the others by itself."""
    form, events = Form.of("json", choreography), heard(choreography, lines)
    kin = components(chain.from_iterable(map(links, events)))
    found: dict[Node, list[Event]] = {}
    for event in events:
        found.setdefault(kin.get(node(event), node(event)), []).append(event)
    last = last_of(events)
    return [share_of(choreography, some, last, form.case) for some in found.values()]


def as_one(choreography: Automaton, lines: list[str]) -> list[str]:
    """Replay all together."""
    form, summary, written = Form.of("json", choreography), Summary(choreography), list[str]()
    cases = Consequences(lambda case: written.extend(form.case(case)), summary.follows)

    def tell(told: Told) -> None:
        summary.add(told)
        cases.take(told)

    replaying, in_order = Replay(choreography, tell), InOrder(math.inf)
    for event in in_order(heard(choreography, lines)):
        summary.events += 1
        replaying.take(event)
    replaying.finish()
    cases.finish()
    summary.repeated += in_order.repeated + replaying.repeated
    return [*written, *form.sum(summary)]


def heard(choreography: Automaton, lines: list[str]) -> list[Event]:
    return list(usable(choreography, lines, Tally(), lambda _: None))


def last_of(events: Iterable[Event]) -> float:
    """Return when the last of them happened that is no repetition."""
    return max(event.time for event in InOrder(math.inf)(events))


def components(linked: Iterable[tuple[Node, Node]]) -> dict[Node, Node]:
    """Return for each node one of those that it is linked to, the same for all of them."""
    least: dict[Node, Node] = {}

    def found(one: Node) -> Node:
        while least.setdefault(one, one) != one:
            one = least[one]
        return one

    for one, other in linked:
        least[found(one)] = found(other)
    return {one: found(one) for one in least}
