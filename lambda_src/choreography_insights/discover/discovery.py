"""From recorded events to a draft of their choreography, with what was left out and how well it fits."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.core.fields import EventPath, written
from choreography_insights.discover.activities import Activity, classifier
from choreography_insights.discover.automaton import Word
from choreography_insights.discover.drafting import Facts, workflow_text
from choreography_insights.discover.entity_path import Candidate, candidates, elsewhere
from choreography_insights.discover.event_log import EventLog, log_of, usable
from choreography_insights.discover.journeys import Journeys, journeys_of
from choreography_insights.discover.learning import Learned, learn
from choreography_insights.discover.measures import Measures
from choreography_insights.discover.states import DraftState, Way, nested, states_of
from choreography_insights.discover.stays import end_of, stays_of

_SAMPLE = 5_000
"""So many events, in order of time, are enough to find the entity's path in."""


class NothingToLearnError(Exception):
    """The events say nothing that a draft could be made of; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """*text*: the workflow.yaml. *entities*: what the entity's path could be, the best first, unless it was given.

    *left_out*: activities that journeys have and the draft has not, with how many journeys have them.
    """

    text: str
    entity: EventPath
    entities: Sequence[Candidate]
    log: EventLog
    journeys: Journeys
    measures: Measures
    states: int
    transitions: int
    left_out: Sequence[tuple[str, int]]
    examples: Mapping[str, Sequence[Activity]]
    """Of each end the way that most journeys take to it, by its activities."""


def discover(
    envelopes: Iterable[Any],
    name: str,
    schema: str,
    noise: float,
    entity: EventPath | None = None,
    starts: Sequence[str] = (),
) -> Draft:
    """Learn a draft called *name* from *envelopes*, in whatever order they are; the same ones give the same draft.

    *noise*: what a smaller share of the journeys in a state does is left out. *entity*, *starts*: where they are known.
    """
    events = sorted(usable(envelopes), key=lambda one: (one["time"], str(one.get("id")), one["detail-type"]))
    if not events:
        raise NothingToLearnError("there is no event with a 'detail-type', a 'source' and a 'time'; give some")
    found = [] if entity else candidates(events[:_SAMPLE])
    path = entity or next((one.path for one in found), None)
    if path is None:
        raise NothingToLearnError("no field of the events says which of them belong together; name it by --entity")
    log = log_of(events, path)
    without = {name for name, times in log.without_id.items() if 2 * times > _times(events, name)}
    others = elsewhere(events, without, log.cases.keys())
    if others:
        log = log_of(events, path, others)
    if not log.cases:
        raise NothingToLearnError(f"none of {len(events)} events has an id at {written(path)}; name another --entity")
    journeys = journeys_of(log, noise, starts)
    if not journeys.over:
        raise NothingToLearnError(f"no event is called {' or '.join(starts)}; name by --start what begins journeys")
    classify = classifier(journeys.over, noise)
    numbers: dict[Activity, int] = {}
    words: Counter[Word] = Counter(
        tuple(numbers.setdefault(classify(one), len(numbers)) for one in journey) for journey in journeys.over
    )
    activities = list(numbers)
    learned = learn(words, len(activities), noise, [number for number, one in enumerate(activities) if not one.path])
    states, anytime = states_of(learned.automaton, learned.alphabet, activities, learned.anytime)
    stays = stays_of(
        states,
        anytime,
        ((journey[0].time, [(classify(one), one.time) for one in journey[1:]]) for journey in journeys.over),
    )
    facts = Facts(
        name,
        path,
        tuple(sorted({one.source for journey in journeys.over for one in journey})),
        _starts(learned, activities),
        sum(map(len, (*journeys.over, *journeys.running))),
        len(journeys.over) + len(journeys.running),
        min(journey[0].time for journey in journeys.over),
        max(journey[-1].time for journey in journeys.over),
        max(journey[-1].time - journey[0].time for journey in journeys.over),
        {name: others[name] for name in others if name in {one.event for one in activities}},
    )
    return Draft(
        workflow_text(facts, states, anytime, stays, schema),
        path,
        found,
        log,
        journeys,
        learned.measures,
        sum(1 for _ in nested(states)),
        sum(len(state.ways) for state in nested(states)) + len(anytime),
        _left_out(learned, words, activities),
        _examples(states, anytime, words, activities),
    )


def _times(events: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(event["detail-type"] == name for event in events)


def _starts(learned: Learned, activities: Sequence[Activity]) -> tuple[str, ...]:
    """Return the events that the draft begins with, the most frequent first."""
    edges = sorted(learned.automaton.edges[0].items(), key=lambda one: (-one[1].count, one[0]))
    members = (one for symbol, _ in edges for one in sorted(learned.alphabet.members(symbol)))
    return tuple(dict.fromkeys(activities[one].event for one in members))


def _left_out(learned: Learned, words: Mapping[Word, int], activities: Sequence[Activity]) -> list[tuple[str, int]]:
    """Return the events that no way of the draft takes, with how many journeys have them, the most frequent first."""
    kept = {
        activities[one].event
        for edges in learned.automaton.edges.values()
        for symbol in edges
        for one in learned.alphabet.members(symbol)
    }
    kept.update(activities[one].event for one in (*learned.anytime.notes, *learned.anytime.exits))
    missed: Counter[str] = Counter()
    for word, times in words.items():
        for event in {activities[one].event for one in word} - kept:
            missed[event] += times
    return sorted(missed.items(), key=lambda one: (-one[1], one[0]))


def _examples(
    states: Sequence[DraftState], anytime: Sequence[Way], words: Mapping[Word, int], activities: Sequence[Activity]
) -> dict[str, Sequence[Activity]]:
    found: dict[str, Sequence[Activity]] = {}
    for word, _ in sorted(words.items(), key=lambda one: (-one[1], len(one[0]), one[0])):
        way = [activities[one] for one in word]
        end = end_of(states, anytime, way[1:])
        if end is not None:
            found.setdefault(end, way)
    return found
