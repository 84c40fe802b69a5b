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
from choreography_insights.discover.concurrency import accepts
from choreography_insights.discover.drafting import Facts, workflow_text
from choreography_insights.discover.entity_path import Candidate, candidates, elsewhere
from choreography_insights.discover.event_log import Case, EventLog, Occurrence, log_of, usable, why_unusable
from choreography_insights.discover.grouping import Besides, Grouping
from choreography_insights.discover.items import ITEM, Items, items_of, longest, with_value
from choreography_insights.discover.journeys import Journeys, journeys_of
from choreography_insights.discover.learning import AS_GOOD, Learned, learn
from choreography_insights.discover.lines import grouped, word_of
from choreography_insights.discover.measures import Measures
from choreography_insights.discover.states import DraftStates, Each, nested, states_of
from choreography_insights.discover.stays import Step, end_of, stays_of
from choreography_insights.model.workflow import ITEMS_AT_ONCE

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
    besides: Besides = field(default_factory=Besides)

    def steps(self, events: Iterable[Occurrence]) -> tuple[Step, ...]:
        """Return *events* as steps."""
        return tuple(Step(self.classify(one), one.time, tuple(map(self.steps, one.lines))) for one in events)


def _learned(cases: Sequence[Case], noise: float) -> tuple[_Reading, Learned]:
    """Learn *cases* as they are, and with what is about items put together; the latter is kept where it can be said."""
    numbers: dict[Activity, int] = {}
    classify = classifier(cases, noise)
    words = Counter(word_of(one, classify, numbers) for one in cases)
    plain = _Reading(cases, list(numbers), words, classify)
    best = plain, _learned_of(plain, noise)
    items = items_of(cases, noise)
    if items is None:
        return best
    tried = [_with_each(cases, items, besides, noise) for besides in _besides(plain, items, noise)]
    if longest(cases, items) > ITEMS_AT_ONCE:
        tried.append(_with_each(cases, items, Besides(), noise, all_are_awaited=True))
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


def _with_each(
    cases: Sequence[Case], items: Items, besides: Besides, noise: float, *, all_are_awaited: bool = False
) -> tuple[_Reading, Learned] | None:
    """Learn *cases* with what is about *items* put together; None if that cannot be said.

    What is noted *besides* among them may come at any time. *all_are_awaited*: nothing may, since more items are waited
    for than run at once.
    """
    numbers: dict[Activity, int] = {}
    found = grouped(cases, items, besides, noise, numbers, all_are_awaited=all_are_awaited)
    if found is None:
        return None
    words = Counter(word_of(case, found.classify, numbers) for case in found.cases)
    reading = _Reading(found.cases, list(numbers), words, found.classify, found.each, besides)
    learned = _learned_of(reading, noise, has_anytime=not all_are_awaited)
    each = found.each.sayable(learned.automaton, learned.alphabet, reading.activities, besides.exits)
    return (replace(reading, each=each), learned) if each else None


def _learned_of(reading: _Reading, noise: float, *, has_anytime: bool = True) -> Learned:
    """*has_anytime*: whether something may come at any time."""
    whole = [
        number
        for number, one in enumerate(reading.activities)
        if has_anytime and not one.path and (reading.each is None or number != reading.each.symbol)
    ]
    known = Anytime(tuple(number for number in whole if reading.activities[number].event in reading.besides.notes))
    return learn(reading.words, len(reading.activities), noise, whole, known)


def _f_score(reading: _Reading, learned: Learned, cases: Iterable[Case]) -> float:
    """Return how well what was *learned* fits *cases*."""
    numbers = {one: number for number, one in enumerate(reading.activities)}
    if reading.each:
        cases = map(Grouping(reading.each.items, reading.besides).of, cases)
    return learned.f_score(Counter(word_of(case, reading.classify, numbers) for case in cases))


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
    each = reading.each
    while each:
        kept.update(activities[one].event for edges in each.line.edges.values() for one in edges)
        each = each.inner
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
    for one in way:
        if each and one.event == each.items.done:
            yield from _events_of_item(each, reading.activities)
        else:
            yield one.event, _with_list(one.event, one.detail, each)


def _events_of_item(each: Each, activities: Sequence[Activity]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the events that lead an item through its line, as most do."""
    inner, line = each.inner, next(word for word, _ in _most_frequent(each.words) if accepts(each.line, word))
    for symbol in line:
        one = activities[symbol]
        is_inner = inner is not None and symbol == inner.symbol
        events = _events_of_item(inner, activities) if inner and is_inner else [(one.event, one.detail)]
        for event, detail in events:
            about = with_value(detail, each.items.carriers[event], "1")
            yield event, about if is_inner else _with_list(event, about, inner)


def _with_list(event: str, detail: Mapping[str, Any], each: Each | None) -> Mapping[str, Any]:
    """Return *detail* with the list of *each*, if *event* has that: of one item, which may have a list itself."""
    if each is None or event != each.items.event:
        return detail
    item = _with_list(ITEM, with_value({}, each.items.key, "1"), each.inner)
    found: Mapping[str, Any] = with_value(detail, each.items.path, [item])
    return found
