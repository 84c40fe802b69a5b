"""What can happen to one entity, step by step: values in, values out.

A `Standing` is all that is known of the entity at one moment; each step makes another of it and says what happened.
Which step is taken when is for others to say: `replaying` lets every event happen at its own time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from choreography_insights.authoring.replay.choreography import Choreography, Wait, Way
from choreography_insights.authoring.replay.events import Event

UNEXPECTED_EVENT = "UnexpectedEvent"

Reason = Literal["UnexpectedEvent", "SecondStart", "NoJourney", "JourneyEnded"]
Status = Literal["SUCCEEDED", "FAILED", "TIMED_OUT"]


@dataclass(frozen=True, slots=True)
class Running:
    """A journey on its way: the state it is in, the waits there that are still open, and since when."""

    state: str
    waits: tuple[Wait, ...]
    entered_at: float
    started_at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """An entity: its journey, if one runs; its events that wait for their turn; how many journeys it has begun."""

    running: Running | None = None
    kept: tuple[Event, ...] = ()
    begun: int = 0


@dataclass(frozen=True, slots=True)
class Began:
    """A start event has begun a journey."""

    at: float
    event: Event
    state: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An event was used by *wait* and leads to *next*; *left* says whether the journey has gone there."""

    at: float
    event: Event
    state: str
    wait: str
    next: str
    left: bool


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A state's time was over."""

    at: float
    state: str
    next: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A journey has ended in *state*, or while it was there (`TIMED_OUT`, or failed by a deviation)."""

    at: float
    status: Status
    state: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """An unexpected event. *states*: the open waits that it met, with what each accepts."""

    at: float
    event: Event
    reason: Reason
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()


Happening = Began | Moved | Lapsed | Ended | Deviation
Step = tuple[Standing, tuple[Happening, ...]]


def keep(standing: Standing, event: Event) -> Standing:
    """An event has come; it waits for its turn, if only for a moment."""
    return Standing(standing.running, (*standing.kept, event), standing.begun)


def without(kept: Sequence[Event], event: Event) -> tuple[Event, ...]:
    """*kept* less *event*."""
    return tuple(one for one in kept if one is not event)


# ---- beginning --------


def next_start(choreography: Choreography, standing: Standing) -> Event | None:
    """The oldest start event that waits."""
    starts = [event for event in standing.kept if event.name in choreography.starts]
    return min(starts, key=_age, default=None)


def begin(choreography: Choreography, standing: Standing, event: Event, now: float) -> Step:
    """The start event *event* begins a journey; none runs."""
    idle = Standing(None, without(standing.kept, event), standing.begun + 1)
    return _enter(choreography, idle, choreography.first, now, now, [Began(now, event, choreography.first)])


def _enter(
    choreography: Choreography, standing: Standing, state: str, now: float, started_at: float, so_far: list[Happening]
) -> Step:
    place = choreography.places[state]
    if place.end is not None:
        ended = Ended(now, place.end.status, state, place.end.error)
        return Standing(None, standing.kept, standing.begun), (*so_far, ended)
    running = Running(state, place.waits, now, started_at)
    return Standing(running, standing.kept, standing.begun), tuple(so_far)


# ---- going on by an event --------


def next_event(choreography: Choreography, wait: Wait, kept: Iterable[Event]) -> Event | None:
    """The event whose turn it is at *wait*: the oldest that is accepted.

    Of events of the same time it is one after which the others could still come, if there is one; then the one that
    came first.
    """
    accepted = accepted_by(wait, kept)
    if len(accepted) < 2:
        return accepted[0][0] if accepted else None
    return min((event for event, _ in leaders(choreography, accepted)), key=_age)


def accepted_by(wait: Wait, events: Iterable[Event]) -> list[tuple[Event, Way]]:
    """Each of *events* that *wait* accepts, with the way that it takes."""
    return [(event, way) for event in events if (way := wait.way_of(event)) is not None]


def leaders(choreography: Choreography, accepted: Sequence[tuple[Event, Way]]) -> list[tuple[Event, Way]]:
    """The oldest of *accepted*; of events of the same time those that none of the others leaves possible."""
    first_time = min(event.time for event, _ in accepted)
    tied = [one for one in accepted if one[0].time == first_time]
    free = [one for one in tied if not any(_lets_follow(choreography, other, one) for other in tied)]
    return free or tied


def _lets_follow(choreography: Choreography, first: tuple[Event, Way], second: tuple[Event, Way]) -> bool:
    """Whether after *first* has been used, *second* could still be: so *first* had better go first."""
    return first[1] is not second[1] and choreography.still_possible(second[0], first[1].next)


def _age(event: Event) -> tuple[float, float, int]:
    return event.time, event.arrival, event.position


def move(
    choreography: Choreography, standing: Standing, running: Running, wait: Wait, event: Event, now: float
) -> Step:
    """*event* is used by the open *wait* of *running*, which accepts it."""
    way = wait.way_of(event)
    if way is None:
        raise ValueError(f"{wait.name} does not accept {event}")
    kept = without(standing.kept, event)
    others = tuple(one for one in running.waits if one is not wait)
    moved = Moved(now, event, running.state, wait.name, way.next, left=not others)
    if others:
        return Standing(replace(running, waits=others), kept, standing.begun), (moved,)
    after = Standing(None, kept, standing.begun)
    return _enter(choreography, after, way.next, now, running.started_at, [moved])


# ---- going on without an event --------


def time_limit(choreography: Choreography, running: Running) -> float:
    """When the journey will not be where it is any more, whatever comes."""
    timeout = choreography.places[running.state].timeout
    whole = running.started_at + choreography.timeout
    return whole if timeout is None else min(whole, running.entered_at + timeout[0])


def time_out(choreography: Choreography, standing: Standing, running: Running, now: float) -> Step:
    """The time of the journey or of its state is over (`time_limit`)."""
    timeout = choreography.places[running.state].timeout
    if timeout is None or running.started_at + choreography.timeout <= now:
        return Standing(None, standing.kept, standing.begun), (Ended(now, "TIMED_OUT", running.state),)
    lapsed = Lapsed(now, running.state, timeout[1])
    return _enter(choreography, standing, timeout[1], now, running.started_at, [lapsed])


# ---- deviating --------


def deadline(choreography: Choreography, event: Event) -> float:
    """Until when *event* may be used."""
    return event.arrival + choreography.early


def deviate(choreography: Choreography, standing: Standing, event: Event, now: float) -> Step:
    """No state has accepted the kept *event* in time."""
    running, kept = standing.running, without(standing.kept, event)
    if running is None:
        reason: Reason = "JourneyEnded" if standing.begun else "NoJourney"
        return Standing(None, kept, standing.begun), (Deviation(now, event, reason),)
    states = tuple((wait.name, wait.accepts) for wait in running.waits)
    deviation = Deviation(now, event, "SecondStart" if event.name in choreography.starts else "UnexpectedEvent", states)
    if choreography.unexpected == "ignore":
        return Standing(running, kept, standing.begun), (deviation,)
    ended = Ended(now, "FAILED", running.state, UNEXPECTED_EVENT)
    return Standing(None, kept, standing.begun), (deviation, ended)
