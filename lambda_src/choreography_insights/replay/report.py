"""The outcome of a replay as people read it, and as programs do: line by line, as soon as a journey has ended."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from choreography_insights.core.fields import iso_text
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.event import OtherName
from choreography_insights.replay.journey import REASONS, STATUSES, UNEXPECTED_EVENT, Deviation
from choreography_insights.replay.journey_log import ReplayedJourney, Stay, Summary, in_one_place
from choreography_insights.views.words import aligned, many, met_together, visible

_UNITS = (("d", 86_400, "h", 3_600), ("h", 3_600, "m", 60), ("m", 60, "s", 1))
_ENTITY_WIDTH, _STATUS_WIDTH = 24, 9
_MOST_FOLLOWED = 5


# ---- what is told, and what followed from it --------

MOST_HELD = 10_000

Told = ReplayedJourney | Deviation
"""What a replay tells: a journey, or a deviation that met none."""


def may_be_followed(told: Told) -> bool:
    """Whether something may follow from what is *told*: an unexpected event has failed it, or met no journey."""
    if isinstance(told, ReplayedJourney):
        return told.error == UNEXPECTED_EVENT and bool(told.deviations)
    return told.reason != "NameTaken"


@dataclass(slots=True)
class Case:
    """A journey, or a deviation that met none, with the deviations that *followed* from it."""

    told: Told
    followed: list[Deviation] = field(default_factory=list)


class Consequences:
    """Takes what a replay tells, and holds back what something may follow from; *tell* hears of it all in the end.

    That is a journey which an unexpected event has failed, since the events after that meet no journey; and the first
    event of an entity that has no journey. Of more than *most* held ones the oldest is told of. *follows* hears of each
    deviation that followed from another.
    """

    def __init__(
        self, tell: Callable[[Case], None], follows: Callable[[Deviation], None], most: int = MOST_HELD
    ) -> None:
        self._tell, self._follows, self._most = tell, follows, most
        self._held: dict[str, Case] = {}

    def take(self, told: Told) -> None:
        """A replay tells of a journey, or of a deviation that met none."""
        if isinstance(told, ReplayedJourney):
            self.settle(told.entity)
        if not may_be_followed(told):
            self._tell(Case(told))
        elif isinstance(told, ReplayedJourney):
            self._hold(told.entity, told)
        elif (held := self._held.get(told.event.entity)) is not None:
            held.followed.append(told)
            self._follows(told)
        else:
            self._hold(told.event.entity, told)

    def finish(self) -> None:
        """Nothing follows any more: tell of all that is held, the oldest first."""
        for entity in tuple(self._held):
            self.settle(entity)

    def settle(self, entity: str) -> None:
        """Nothing more follows from what is held of *entity*, if anything is."""
        held = self._held.pop(entity, None)
        if held is not None:
            self._tell(held)

    def _hold(self, entity: str, told: Told) -> None:
        self._held[entity] = Case(told)
        if len(self._held) > self._most:
            self.settle(next(iter(self._held)))


# ---- for people --------


class Listing:
    """Journeys one a line, what is unexpected below its journey, and tables of the sum."""

    def __init__(self, choreography: Automaton) -> None:
        self._choreography = choreography
        self._state_width = max(len(name) for name in choreography.places)

    @property
    def head(self) -> str:
        """What the columns are."""
        return self._rows("entity", "outcome", "state", "took", "events")[0]

    def journey(self, case: Case) -> Iterator[str]:
        """Yield the lines about one journey, or about a deviation that met none, and what followed."""
        told = case.told
        if isinstance(told, Deviation):
            yield from self._rows(told.event.entity, "-", "-", "-", "-")
            yield f"  ! {_in_words(told)}"
            yield from _followed(case.followed, "met no journey")
            return
        took = "-" if told.ended_at is None else in_words(told.ended_at - told.started_at)
        yield from self._rows(told.entity, told.status, told.state, took, str(told.events))
        if stays := _stays(told):
            yield f"    {', '.join(stays)}"
        if told.overdue:
            yield f"    overdue: {', '.join(_overdue(told))}"
        if told.noted:
            noted = (_often(f"{event} in {state}", times) for (state, event), times in told.noted.items())
            yield f"    noted: {', '.join(noted)}"
        if told.running is not None:
            yield from (f"    waits {_wait_in_words(wait)}" for wait in _waits(told))
        if told.deviations:
            for deviation, following in in_one_place(told.deviations):
                yield f"  ! {_in_words(deviation)}"
                yield from _followed(following, "fitted no better")
        if case.followed:
            yield from _followed(case.followed, "met no journey")

    def _rows(self, entity: str, outcome: str, state: str, took: str, events: str) -> Sequence[str]:
        """Return a row; an id that is wider than its column gets a line of its own before it."""
        shown = visible(entity)
        rest = f"  {outcome:{_STATUS_WIDTH}}  {state:{self._state_width}}  {took:>9}  {events:>6}"
        if len(shown) > _ENTITY_WIDTH:
            return shown, " " * _ENTITY_WIDTH + rest
        return (f"{shown:{_ENTITY_WIDTH}}{rest}",)

    def sum(self, summary: Summary) -> Iterator[str]:
        """Yield the lines about everything."""
        yield ""
        heads: tuple[str, ...] = ("state", "entered", "left", "ended", "waiting", "mean", "longest")
        heads += ("expected", "overdue") if summary.overdue else ()
        yield from aligned([heads, *_state_rows(summary)], numbers=range(1, len(heads)))
        yield ""
        transitions = [
            (state, event, following, str(count)) for (state, event, following), count in _transitions(summary)
        ]
        transitions += [(state, event, "(stays)", str(count)) for (state, event), count in _noted(summary)]
        yield from aligned([("from", "by", "to", "times"), *transitions], numbers=(3,))
        yield ""
        yield from totals(summary)


def _followed(following: Sequence[Deviation], what: str) -> Iterator[str]:
    """Yield a line of what followed, if anything did: how many of which event, as far as one line holds."""
    if following:
        names = Counter(one.event.name for one in following).most_common()
        shown = [f"{times} {name!r}" if times > 1 else repr(name) for name, times in names[:_MOST_FOLLOWED]]
        more = f" and {len(names) - _MOST_FOLLOWED} other kinds" if len(names) > _MOST_FOLLOWED else ""
        yield f"    {many(len(following), 'event')} after that {what}: {', '.join(shown)}{more}"


class _Wait(NamedTuple):
    """What a journey that runs waits for: one of the events that it accepts, or that a pause is over."""

    state: str
    since: float
    accepts: Sequence[str]
    until: float | None = None


def _waits(journey: ReplayedJourney) -> Iterator[_Wait]:
    if journey.running is None:
        return
    for line in (journey.running.line, *journey.running.line.inner()):
        yield from (_Wait(wait.name, line.entered_at, wait.accepts) for wait in line.open_waits if wait.accepts)
        if line.until is not None:
            yield _Wait(line.place.name, line.entered_at, (), line.until)


def _wait_in_words(wait: _Wait) -> str:
    what = f"for {_names(wait.accepts, '')}" if wait.until is None else f"until {iso(wait.until)}"
    return f"in {wait.state} since {iso(wait.since)} {what}"


def _stays(journey: ReplayedJourney) -> list[str]:
    single = journey.single_stays
    if single is not None:  # as it mostly is
        return [f"{state} {in_words(seconds)}" for state, seconds in single]
    return [_stay(state, stay) for state, stay in journey.stays.items()]


def _stay(state: str, stay: Stay) -> str:
    once = f"{state} {in_words(stay.seconds)}"
    return once if stay.visits == 1 else f"{once} in {stay.visits} visits"


def _state_rows(summary: Summary) -> Iterator[tuple[str, ...]]:
    for name, state in summary.in_order():
        times = (in_words(state.mean), in_words(state.stay.longest)) if state.stay.visits else ("-", "-")
        target = ("-", "-") if state.expected is None else (in_words(state.expected), str(state.overdue))
        counts = map(str, (state.entered, state.stay.visits, state.ended, state.waiting))
        yield (name, *counts, *times, *(target if summary.overdue else ()))


def _overdue(journey: ReplayedJourney) -> Iterator[str]:
    for state, times in journey.overdue.items():
        often = "" if times == 1 else f", {times} times"
        yield f"{state} ({in_words(journey.expected[state])} expected{often})"


def _often(what: str, times: int) -> str:
    return what if times == 1 else f"{what}, {times} times"


def _transitions(summary: Summary) -> list[tuple[tuple[str, str, str], int]]:
    """Return the transitions that were taken, in the order of the definition's states."""
    order = {name: position for position, (name, _) in enumerate(summary.in_order())}
    return sorted(summary.steps.items(), key=lambda one: (order.get(one[0][0], -1), -one[1], one[0]))


def _noted(summary: Summary) -> list[tuple[tuple[str, str], int]]:
    """Return what was only noted, in the order of the definition's states."""
    order = {name: position for position, (name, _) in enumerate(summary.in_order())}
    return sorted(summary.noted.items(), key=lambda one: (order[one[0][0]], -one[1], one[0]))


def totals(summary: Summary) -> Iterator[str]:
    """Yield the lines that count everything."""
    left_out = {
        "repeated": summary.repeated,
        "of others": summary.unheard,
        "retired": summary.retired,
        "unusable": summary.unusable,
    }
    yield _line("events", summary.events, {name: count for name, count in left_out.items() if count}, "left out: ")
    yield _line("journeys", summary.journeys, _ordered(summary.statuses, STATUSES))
    yield _line("cases", summary.cases, _cases(summary))
    if summary.conformance is not None:
        yield f"{'conform':12}{summary.complete:>9,}  {percent(summary.conformance)} of those that are decided"
    deviations = summary.deviations - summary.followed
    yield _line("deviations", deviations.total(), _ordered(deviations, REASONS))
    if summary.followed:
        yield f"{'followed':12}{summary.followed.total():>9,}  events after these that moved nothing either"
    if summary.overdue:
        counts = {name: times for name, times in summary.overdue.items() if times}
        yield _line("overdue", sum(counts.values()), counts)
    slowest = ", ".join(f"{name} ({in_words(state.mean)})" for name, state in summary.slowest())
    if slowest:
        yield f"{'slowest':12}{'':9}  {slowest}"


def _cases(summary: Summary) -> dict[str, int]:
    """Return how many cases went how, without the ways that none went."""
    counts = {
        "complete": summary.complete,
        "running": summary.running,
        "deviating": summary.deviating,
        "never begun": len(summary.never_begun),
        "with something after the end": len(summary.after_end),
    }
    return {name: count for name, count in counts.items() if count}


def _ordered(counts: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    """Return those of *counts* that there are, as *names* have them: whichever happened first."""
    return {name: counts[name] for name in names if counts.get(name)}


def _line(what: str, count: int, parts: dict[str, int], before: str = "") -> str:
    words = ", ".join(f"{number:,} {name}" for name, number in parts.items())
    return f"{what:12}{count:>9,}  {before if words else ''}{words}".rstrip()


def percent(share: float) -> str:
    """Write *share*, never rounded to all or nothing."""
    text = f"{100 * share:.1f} %"
    if text in ("100.0 %", "0.0 %") and share not in (0.0, 1.0):
        return "over 99.9 %" if share > 1 / 2 else "under 0.1 %"
    return text


def _in_words(deviation: Deviation) -> str:
    event = deviation.event
    what = f"{event.name!r} (id {event.id}, {iso(event.time)})"
    met = "; ".join(
        f"{state!r} accepts {_names(accepts, event.name)}" for state, accepts in met_together(deviation.states)
    )
    match deviation.reason:
        case "UnexpectedEvent":
            return f"{what}: no state accepted it within the grace period; {met}"
        case "SecondStart":
            return f"{what}: a journey ran and did not end within the grace period; {met}"
        case "NoJourney" if event.under is not None:
            return f"{what}: no event told within the grace period whose {_name(event.under)} is"
        case "NoJourney":
            return f"{what}: no journey began within the grace period"
        case "NameTaken":
            return f"{what}: it teaches a name that another entity has"
        case "JourneyEnded":
            return f"{what}: its journey had ended, and no other began within the grace period"


def _name(name: OtherName) -> str:
    kind, text = name
    return f"{kind} {visible(text)}"


def _names(accepts: Sequence[str], own: str) -> str:
    """Write what is accepted; *own* may be among it, and what was said of it not fit."""
    return f"{' or '.join(map(repr, accepts))}{', but none like this one' if own in accepts else ''}"


@lru_cache(4_096)
def in_words(seconds: float) -> str:
    """Write a span of time in its two largest units."""
    for unit, size, small, small_size in _UNITS:
        if seconds >= size:
            many, rest = divmod(int(seconds), size)
            return f"{many}{unit} {rest // small_size}{small}" if rest >= small_size else f"{many}{unit}"
    return f"{seconds:.3g}s"


# ---- for programs --------


def json_lines(case: Case) -> Iterator[str]:
    """Yield the line about one journey, or about a deviation that met none, with what followed."""
    told, followed = case.told, [_deviation(one) for one in case.followed]
    if isinstance(told, Deviation):
        yield _line_of("deviation", {"entityId": told.event.entity, **_deviation(told), "followed": followed})
        return
    states = {name: {"visits": stay.visits, "seconds": stay.seconds} for name, stay in told.stays.items()}
    last = None if told.ended_at is None else told.ended_at - told.entered_at
    waits = [
        {
            **_wait(wait.state, wait.accepts),
            "since": iso(wait.since),
            **({} if wait.until is None else {"until": iso(wait.until)}),
        }
        for wait in _waits(told)
    ]
    yield _line_of(
        "journey",
        {
            "entityId": told.entity,
            "startedBy": {"eventName": told.started_by.name, "eventId": told.started_by.id},
            "startedAt": iso(told.started_at),
            "status": told.status,
            "state": told.state,
            "error": told.error,
            "enteredAt": iso(told.entered_at),
            "endedAt": None if told.ended_at is None else iso(told.ended_at),
            "durationSeconds": None if told.ended_at is None else told.ended_at - told.started_at,
            "lastStateSeconds": last,
            "waits": waits,
            "events": told.events,
            "left": states,
            "noted": _noted_counts(told.noted.items()),
            "overdue": told.overdue,
            "conforms": told.conforms,
            "deviations": [_deviation(deviation) for deviation in told.deviations],
            "followed": followed,
        },
    )


def _noted_counts(noted: Iterable[tuple[tuple[str, str], int]]) -> list[dict[str, Any]]:
    return [{"in": state, "event": event, "times": count} for (state, event), count in noted]


def _deviation(deviation: Deviation) -> dict[str, Any]:
    event = deviation.event
    return {
        "reason": deviation.reason,
        "event": {"eventName": event.name, "eventId": event.id, "time": iso(event.time)},
        "at": iso(deviation.at),
        "states": [_wait(state, accepts) for state, accepts in deviation.states],
    }


def _wait(state: str, accepts: Sequence[str]) -> dict[str, Any]:
    return {"state": state, "accepts": list(accepts)}


def json_sum(summary: Summary) -> Iterator[str]:
    """Yield the line about everything."""
    yield _line_of(
        "sum",
        {
            "choreography": summary.choreography.name,
            "events": summary.events,
            "leftOut": {
                "repeated": summary.repeated,
                "ofOthers": summary.unheard,
                "retired": summary.retired,
                "unusable": summary.unusable,
            },
            "journeys": summary.journeys,
            "outcomes": _ordered(summary.statuses, STATUSES),
            "cases": {
                "complete": summary.complete,
                "running": summary.running,
                "deviating": summary.deviating,
                "neverBegun": len(summary.never_begun),
                "afterEnd": len(summary.after_end),
            },
            "conformance": summary.conformance,
            "deviations": _ordered(summary.deviations - summary.followed, REASONS),
            "followed": _ordered(summary.followed, REASONS),
            "states": {
                name: {
                    "entered": state.entered,
                    "left": state.stay.visits,
                    "ended": state.ended,
                    "waiting": state.waiting,
                    "meanSeconds": state.mean if state.stay.visits else None,
                    "longestSeconds": state.stay.longest if state.stay.visits else None,
                    "expectedSeconds": state.expected,
                    "overdue": None if state.expected is None else state.overdue,
                }
                for name, state in summary.in_order()
            },
            "transitions": [
                {"from": state, "by": event, "to": following, "times": count}
                for (state, event, following), count in _transitions(summary)
            ],
            "noted": _noted_counts(_noted(summary)),
            "slowest": [name for name, _ in summary.slowest()],
        },
    )


def _line_of(what: str, content: dict[str, Any]) -> str:
    return json.dumps({what: content}, ensure_ascii=False, separators=(",", ":"))


def iso(epoch: float) -> str:
    """Write a moment as EventBridge does, with thousandths where there are some."""
    return iso_text(round(epoch, 3))


@dataclass(frozen=True, slots=True)
class Form:
    """How an outcome is written: a *head* before the first journey, the lines of each case, and of the *sum*."""

    head: tuple[str, ...]
    case: Callable[[Case], Iterator[str]]
    sum: Callable[[Summary], Iterator[str]]

    @classmethod
    def of(cls, form: str, choreography: Automaton) -> "Form":
        """Return the form that is called ``table`` or ``json``."""
        if form == "json":
            return cls((), json_lines, json_sum)
        listing = Listing(choreography)
        return cls((listing.head,), listing.journey, listing.sum)
