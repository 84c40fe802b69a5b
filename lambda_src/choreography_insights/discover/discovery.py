"""From recorded events to a draft of their choreography, with what was left out and how well it fits."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from choreography_insights.core.fields import EventPath, written
from choreography_insights.discover.activities import Activity, Classify, classifier
from choreography_insights.discover.anytime import Anytime
from choreography_insights.discover.anytime import candidates as candidates_for_anytime
from choreography_insights.discover.automaton import Word
from choreography_insights.discover.concurrency import accepts, begins, branch_of
from choreography_insights.discover.drafting import Facts, workflow_text
from choreography_insights.discover.entity_path import Candidate, candidates, elsewhere
from choreography_insights.discover.event_log import Case, EventLog, Occurrence, log_of, usable, why_unusable
from choreography_insights.discover.items import Besides, Items, Line, around, grouped, items_of, with_value
from choreography_insights.discover.journeys import Journeys, journeys_of
from choreography_insights.discover.learning import AS_GOOD, Learned, learn
from choreography_insights.discover.measures import Measures
from choreography_insights.discover.states import DraftStates, Each, nested, states_of
from choreography_insights.discover.stays import Step, end_of, stays_of

USUAL_NOISE = 0.05

_OTHER_NOISE = (0.1, 0.02, 0.2)

_FITS_WELL = 0.95
"""An F from which on no other noise is tried."""

_SAMPLE = 5_000
"""So many events, in order of time, are enough to find the entity's path in."""


class NothingToLearnError(Exception):
    """The events say nothing that a draft could be made of; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """*text*: the workflow.yaml. *entities*: what the entity's path could be, the best first, unless it was given.

    *noise*: what was left out. *left_out*: activities that journeys have and the draft has not, with how many journeys
    have them.
    """

    text: str
    entity: EventPath
    entities: Sequence[Candidate]
    log: EventLog
    journeys: Journeys
    noise: float
    measures: Measures
    states: int
    transitions: int
    left_out: Sequence[tuple[str, int]]
    examples: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]
    """Of each end the way that most journeys take to it, by events, each with a detail."""


def discover(
    envelopes: Iterable[Any],
    name: str,
    schema: str,
    noise: float | None = None,
    entity: EventPath | None = None,
    starts: Sequence[str] = (),
    *,
    are_cases: bool = False,
) -> Draft:
    """Learn a draft called *name* from *envelopes*, in whatever order they are; the same ones give the same draft.

    *noise*: what a smaller share of the journeys in a state does is left out; None: what is usual, or what fits better.
    *entity*, *starts*: where they are known.
    *are_cases*: whether all events of an entity belong together, so that a start event which comes again may be a step.
    """
    given = list(envelopes)
    events = sorted(usable(given), key=lambda one: (one["time"], str(one.get("id")), one["detail-type"]))
    if not events:
        raise NothingToLearnError(_nothing_in(given))
    found = [] if entity else candidates(events[:_SAMPLE])
    path = entity or next((one.path for one in found), None)
    if path is None:
        raise NothingToLearnError(
            "no field of the events says which of them belong together: a number, or text of at most 256 characters, "
            "in 'detail' or 'resources'; name it by --entity"
        )
    log = log_of(events, path)
    without = {name for name, times in log.without_id.items() if 2 * times > _times(events, name)}
    others = elsewhere(events, without, log.cases.keys())
    if others:
        log = log_of(events, path, others)
    if not log.cases:
        raise NothingToLearnError(f"none of {len(events)} events has an id at {written(path)}; name another --entity")
    journeys, reading, learned = _best_of(log, noise, starts, are_cases=are_cases)
    activities, each = reading.activities, reading.each
    states = states_of(learned.automaton, learned.alphabet, activities, learned.anytime, each)
    stays = stays_of(states, map(reading.steps, reading.journeys))
    facts = Facts(
        name,
        path,
        tuple(sorted({one.source for journey in journeys.over for one in journey})),
        sum(map(len, (*journeys.over, *journeys.running))),
        len(journeys.over) + len(journeys.running),
        min(journey[0].time for journey in journeys.over),
        max(journey[-1].time for journey in journeys.over),
        max(journey[-1].time - journey[0].time for journey in journeys.over),
        {name: others[name] for name in others if name in {one.event for one in activities}},
        each.items if each else None,
    )
    return Draft(
        workflow_text(facts, states, stays, schema),
        path,
        found,
        log,
        journeys,
        learned.noise,
        learned.measures,
        sum(1 for _ in nested(states.states)),
        sum(len(state.ways) for state in nested(states.states)) + len(states.anytime),
        _left_out(learned, reading),
        _examples(states, reading),
    )


def _best_of(
    log: EventLog, noise: float | None, starts: Sequence[str], *, are_cases: bool
) -> tuple[Journeys, "_Reading", Learned]:
    """Learn the journeys of *log*; if these may be cases, as such too, and keep what fits the cases better."""
    usual = USUAL_NOISE if noise is None else noise
    journeys = journeys_of(log, usual, starts)
    if not journeys.over:
        raise NothingToLearnError(f"no event is called {' or '.join(starts)}; name by --start what begins journeys")
    best = (journeys, *_learned(journeys.over, usual))
    if are_cases:
        whole = journeys_of(log, usual, starts, are_cases=True)
        if len(whole.over) + len(whole.running) < len(journeys.over) + len(journeys.running):
            other = (whole, *_learned(whole.over, usual))
            if _f_score(*other[1:], whole.over) > _f_score(*best[1:], whole.over):
                best = other
    return best if noise is not None else _with_other_noise(*best)


def _with_other_noise(
    journeys: Journeys, reading: "_Reading", learned: Learned
) -> tuple[Journeys, "_Reading", Learned]:
    """Learn *journeys* with more and with less left out, if what was *learned* of them fits badly.

    What fits better on the whole is worth nothing to somebody if hardly any journey fits it.
    """
    best = reading, learned
    if learned.measures.f_score < _FITS_WELL:
        for noise in _OTHER_NOISE:
            other = _learned(journeys.over, noise)
            measures, enough = other[1].measures, learned.measures.fitting / 2
            if measures.f_score > best[1].measures.f_score + AS_GOOD and measures.fitting >= enough:
                best = other
    return (journeys, *best)


@dataclass(frozen=True, slots=True)
class _Reading:
    """*journeys* as *words* over *activities*. *each*: what is about items, and then stands as one in the journeys."""

    journeys: Sequence[Case]
    activities: Sequence[Activity]
    words: Mapping[Word, int]
    classify: Classify
    each: Each | None = None
    lines: Mapping[Word, int] = field(default_factory=dict)
    besides: Besides = field(default_factory=Besides)

    def steps(self, events: Iterable[Occurrence]) -> tuple[Step, ...]:
        """Return *events* as steps."""
        return tuple(Step(self.classify(one), one.time, tuple(map(self.steps, one.lines))) for one in events)


def _learned(cases: Sequence[Case], noise: float) -> tuple[_Reading, Learned]:
    """Learn *cases* as they are, and with what is about items put together; the latter is kept where it can be said."""
    numbers: dict[Activity, int] = {}
    classify = classifier(cases, noise)
    words = Counter(_word(one, classify, numbers) for one in cases)
    plain = _Reading(cases, list(numbers), words, classify)
    best = plain, _learned_of(plain, noise)
    items = items_of(cases, noise)
    if items is None:
        return best
    tried = [_with_each(cases, items, besides, noise) for besides in _besides(plain, items, noise)]
    for reading, learned in filter(None, tried):
        is_as_good = learned.measures.f_score >= best[1].measures.f_score and (
            noise or learned.measures.fitting >= best[1].measures.fitting
        )
        if is_as_good:
            best = reading, learned
    return best


def _besides(plain: _Reading, items: Items, noise: float) -> Iterator[Besides]:
    """Yield what may be meant to come at any time, among the items too: all that may, or all but one, or nothing."""
    whole = [
        number
        for number, one in enumerate(plain.activities)
        if not one.path and one.event not in items.carriers and one.event != items.event
    ]
    notes, exits = list[str](), set[str]()
    for one in candidates_for_anytime(plain.words, noise, whole):
        notes.extend(plain.activities[symbol].event for symbol in one.notes)
        exits.update(plain.activities[symbol].event for symbol in one.exits)
    yield Besides()
    for left in (None, *notes) if notes or exits else ():
        yield Besides(frozenset(notes) - {left}, frozenset(exits))


def _with_each(cases: Sequence[Case], items: Items, besides: Besides, noise: float) -> tuple[_Reading, Learned] | None:
    """Learn *cases* with what is about *items* put together; None if that cannot be said.

    What is noted *besides* among them may come at any time.
    """
    reading = _with_items(cases, items, besides, noise)
    if reading is None or reading.each is None:
        return None
    learned = _learned_of(reading, noise)
    each = reading.each.sayable(learned.automaton, learned.alphabet, reading.activities, besides.exits)
    return (replace(reading, each=each), learned) if each else None


def _learned_of(reading: _Reading, noise: float) -> Learned:
    whole = [
        number
        for number, one in enumerate(reading.activities)
        if not one.path and (reading.each is None or number != reading.each.symbol)
    ]
    known = Anytime(tuple(number for number in whole if reading.activities[number].event in reading.besides.notes))
    return learn(reading.words, len(reading.activities), noise, whole, known)


def _with_items(cases: Sequence[Case], items: Items, besides: Besides, noise: float) -> _Reading | None:
    """Return *cases* with one activity for all *items*; None if their events are no line with one end."""
    wide = [grouped(case, items, besides) for case in cases]
    beside = around(map(besides.without_notes, wide), items)
    said = [line for case in wide for one in case for line in one.lines]
    of_lines = classifier(said, noise)
    numbers: dict[Activity, int] = {}
    lines = Counter(_word(line, of_lines, numbers) for line in said)
    branch = branch_of(lines, noise) if lines else None
    if branch is None:
        return None
    line = Line(
        lambda one: accepts(branch, _word(one, of_lines, numbers)),
        lambda one: begins(branch, _word(one, of_lines, numbers)),
    )
    narrow = [grouped(case, items, besides, line, beside) for case in cases]
    of_others = classifier(narrow, noise)

    def classify(one: Occurrence) -> Activity:
        return (of_lines if one.name in items.carriers else of_others)(one)

    symbol = numbers.setdefault(Activity(items.done), len(numbers))
    words = Counter(_word(case, classify, numbers) for case in narrow)
    return _Reading(narrow, list(numbers), words, classify, Each(symbol, items, branch), lines, besides)


def _f_score(reading: _Reading, learned: Learned, cases: Iterable[Case]) -> float:
    """Return how well what was *learned* fits *cases*."""
    numbers = {one: number for number, one in enumerate(reading.activities)}
    if reading.each:
        cases = [grouped(case, reading.each.items, reading.besides) for case in cases]
    return learned.f_score(Counter(_word(case, reading.classify, numbers) for case in cases))


def _word(case: Iterable[Occurrence], classify: Classify, numbers: dict[Activity, int]) -> Word:
    return tuple(numbers.setdefault(classify(one), len(numbers)) for one in case)


def _nothing_in(given: Sequence[Any]) -> str:
    """Say why there is no event in what was *given*."""
    if not given:
        return "there is no event with a 'detail-type', a 'source' and a 'time'; give some"
    first = given[0]
    if isinstance(first, dict) and "detail-type" not in first:
        return (
            f"none of {len(given):,} objects is an event: the first has the fields {', '.join(map(repr, first))}, and "
            "an event of EventBridge has 'detail-type', 'source', 'time' and 'detail'; name by --case, --activity and "
            "--time which fields of a log these are"
        )
    return f"none of {len(given):,} events can be used; of the first, {why_unusable(first)}"


def _times(events: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(event["detail-type"] == name for event in events)


def _left_out(learned: Learned, reading: _Reading) -> list[tuple[str, int]]:
    """Return the events that no way of the draft takes, with how many journeys have them, the most frequent first."""
    activities = reading.activities
    kept = {
        activities[one].event
        for edges in learned.automaton.edges.values()
        for symbol in edges
        for one in learned.alphabet.members(symbol)
    }
    kept.update(activities[one].event for one in (*learned.anytime.notes, *learned.anytime.exits))
    if reading.each:
        kept.update(activities[one].event for edges in reading.each.line.edges.values() for one in edges)
    missed: Counter[str] = Counter()
    for word, times in reading.words.items():
        for event in {activities[one].event for one in word} - kept:
            missed[event] += times
    return sorted(missed.items(), key=lambda one: (-one[1], one[0]))


def _examples(states: DraftStates, reading: _Reading) -> dict[str, Sequence[tuple[str, Mapping[str, Any]]]]:
    found: dict[str, Sequence[tuple[str, Mapping[str, Any]]]] = {}
    for word, _ in _most_frequent(reading.words):
        way = [reading.activities[one] for one in word]
        end = end_of(states, way)
        if end is not None and end not in found:
            found[end] = [*_events(way, reading)]
    return found


def _most_frequent(words: Mapping[Word, int]) -> list[tuple[Word, int]]:
    return sorted(words.items(), key=lambda one: (-one[1], len(one[0]), one[0]))


def _events(way: Iterable[Activity], reading: _Reading) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the events of *way*, each with a detail; of a list of items there is one."""
    each = reading.each
    line = next((word for word, _ in _most_frequent(reading.lines) if each and accepts(each.line, word)), ())
    for one in way:
        if each is None:
            yield one.event, one.detail
        elif one.event == each.items.event:
            yield one.event, with_value(one.detail, each.items.path, [with_value({}, each.items.key, "1")])
        elif one.event == each.items.done:
            for symbol in line:
                about = reading.activities[symbol]
                yield about.event, with_value(about.detail, each.items.carriers[about.event], "1")
        else:
            yield one.event, one.detail
