"""By the table a replay says to the letter what it says by its steps, which fill the table."""

import json
from collections import Counter
from random import Random

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Log, Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Running
from choreography_insights.replay.journey_log import ReplayedJourney, Summary
from choreography_insights.replay.report import Case, Form, Told
from choreography_insights.replay.storied_journey import StoriedJourney
from support.definitions import GOOD, read, workflow_of

_CHOREOGRAPHIES = [one for folder in GOOD if not (one := Automaton.of_recorded(read(folder))).knows_names]
_WORDS = [True, "yes", 7, {"id": "a"}, [{"id": "a"}, {"id": "b"}], "2026-01-01T00:00:00Z"]
_FIELDS = ("id", "items", "status", "until", "amount", "lines", "approved", "result")
_LATER = (0.0, 0.0, 1.0, 1.0, 20.0, 20.0, 90.0, 600.0, 90_000.0)


class BySteps(Replay):
    """A replay that looks at each step."""

    def _goes_by_table(self, _: object) -> bool:
        return False

    def running(self, entity: str) -> Running | None:
        """Return the journey that *entity* has."""
        found = self._entities.get(entity)
        return None if found is None else found.standing.running


def random_events(random: Random, choreography: Automaton, count: int = 60) -> list[Event]:
    """Return events of three entities in order of time, most of them awaited then."""
    replaying, time = BySteps(choreography, lambda _: None), 0.0
    found: list[Event] = []
    for position in range(count):
        entity, running = f"{random.randrange(3)}", None
        time += random.choice(_LATER)
        replaying.wait_until(time)
        if random.random() < 0.85:
            running = replaying.running(entity)
        names = [name for wait in running.waits for name in wait.accepts] if running else sorted(choreography.starts)
        if not names or random.random() < 0.1:
            names = [*sorted(choreography.known), "Unknown"]
        detail = {name: random.choice(_WORDS) for name in _FIELDS}
        event = Event(f"{position}", random.choice(names), entity, time, time, detail, position)
        replaying.take(event)
        found.append(event)
    return found


def said(replaying: type[Replay], choreography: Automaton, events: list[Event], log: Log) -> list[str]:
    """Return all that *replaying* says, with the stories of its journeys if its *log* has them."""
    summary, form, lines = Summary(choreography), Form.of("json", choreography), list[str]()

    def tell(told: Told) -> None:
        summary.add(told)
        lines.extend(form.case(Case(told)))
        if isinstance(told, StoriedJourney):
            lines.extend(map(str, told.story))

    replay = replaying(choreography, tell, log)
    for event in events:
        replay.take(event)
    replay.finish()
    return [*lines, *form.sum(summary)]


def test_the_table_says_what_the_steps_say_in_every_form_of_the_language() -> None:
    random = Random(1)  # noqa: S311  # the same in each run
    by_table: Counter[str] = Counter()

    class ByTable(Replay):
        """A replay that counts how it goes."""

        def _goes_by_table(self, entity: object) -> bool:
            row = entity.row  # type: ignore[attr-defined]
            goes = super()._goes_by_table(entity)  # type: ignore[arg-type]
            by_table["of one wait" if row is None or len(row.waits) == 1 else "of several"] += goes
            by_table["of several lines"] += goes and row is not None and bool(row.line.lines)
            return goes

    for choreography in _CHOREOGRAPHIES:
        for _ in range(4):
            events = random_events(random, choreography)
            for log in (ReplayedJourney.begun, StoriedJourney.begun):
                assert said(ByTable, choreography, events, log) == said(BySteps, choreography, events, log), (
                    choreography.name
                )
    assert by_table["of one wait"] > 4_000
    assert by_table["of several"] > 1_000
    assert by_table["of several lines"] > 200


def test_where_a_wait_asks_what_is_remembered_each_journey_goes_its_own_way() -> None:
    ways = [{"remembered": {"kind": [1]}, "next": "One"}, {"next": "Other"}]
    states = {"A": {"await": {"a": "B"}}, "B": {"await": {"b": ways}}, "One": "succeed", "Other": "succeed"}
    start = {"Begun": {"remember": {"kind": "detail.kind"}}}
    choreography = Automaton.of_recorded(workflow_of(states, start=start))
    events = [
        Event(f"{kind}-{name}", name, f"{kind}", at, at, {"kind": kind})
        for kind in (1, 2, 3)
        for at, name in enumerate(("Begun", "a", "b"), start=10 * kind)
    ]
    by_table = said(Replay, choreography, events, ReplayedJourney.begun)
    assert by_table == said(BySteps, choreography, events, ReplayedJourney.begun)
    assert [json.loads(one)["journey"]["state"] for one in by_table[:3]] == ["One", "Other", "Other"]
