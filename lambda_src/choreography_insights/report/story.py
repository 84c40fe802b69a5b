"""What happened to a replayed journey, as views show it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import (
    Began,
    Counted,
    Cut,
    Ended,
    Lapsed,
    Line,
    LineEnded,
    Moved,
    Noted,
    Passed,
    Repeated,
)
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.known import Mark, OpenWait, StoryStep, Visit

_SAME_MOMENT = 0.0005


def story_steps(journey: StoriedJourney) -> Iterator[StoryStep]:
    """Yield what happened to it, as a view tells it."""
    for one in journey.story:
        match one:
            case Began(at=at, event=event, state=state):
                yield _by(event, StoryStep(at, "began", next=state))
            case Moved(at=at, event=event, wait=wait, next=following, stayed=stayed):
                marks: tuple[Mark, ...] = ("early",) if at > event.time + _SAME_MOMENT else ()
                yield _by(event, StoryStep(at, "moved", wait, wait if stayed is None else following, marks=marks))
            case Counted(at=at, event=event, wait=wait, number=came, times=times, again=again):
                early: tuple[Mark, ...] = ("early",) if at > event.time + _SAME_MOMENT else ()
                marks = (*early, "again") if again else early
                yield _by(event, StoryStep(at, "counted", wait, wait, marks=marks, count=(came, times)))
            case Noted(at=at, event=event, wait=wait):
                late: tuple[Mark, ...] = ("early",) if at > event.time + _SAME_MOMENT else ()
                yield _by(event, StoryStep(at, "noted", wait, wait, marks=late))
            case Passed(at=at, state=state, next=following):
                yield StoryStep(at, "onward", state, following)
            case Lapsed(at=at, state=state, next=following):
                yield StoryStep(at, "timeout", state, following)
            case Ended(at=at, state=state):
                yield StoryStep(at, "ended", state)
            case Cut() | LineEnded() | Repeated():
                pass
            case _:
                met = one.states[0][0] if one.states else journey.state
                yield _by(one.event, StoryStep(one.at, "unexpected", met, marks=("unexpected",)))


def _by(event: Event, step: StoryStep) -> StoryStep:
    return replace(step, event=event.name, event_id=event.id, time=event.time, repeats=event.repeats)


def visits(journey: StoriedJourney) -> Sequence[Visit]:
    """Return the stays of the journey and its lines in states, in the order of their beginning."""
    found: list[Visit] = []
    entered: dict[str, float] = {}
    for one in journey.story:
        match one:
            case Began(at=at, state=state):
                entered[state] = at
            case Moved(at=at, state=state, next=following, stayed=stayed) if stayed is not None:
                found.append(Visit(state, at - stayed, at))
                entered[following] = at
            case (
                Passed(at=at, state=state, next=following, stayed=stayed)
                | Lapsed(at=at, state=state, next=following, stayed=stayed)
            ):
                if stayed:
                    found.append(Visit(state, at - stayed, at))
                entered[following] = at
            case Cut(at=at, state=state, stayed=stayed):
                found.append(Visit(state, at - stayed, at, cut=True))
    found += [Visit(line.place.name, line.entered_at, None) for line in lines(journey)]
    if journey.running is None and journey.ended_at is not None:
        since = entered.get(journey.state, journey.entered_at)
        if journey.ended_at > since:
            found.append(Visit(journey.state, since, journey.ended_at, cut=True))
    return sorted(found, key=lambda visit: visit.entered)


def lines(journey: ReplayedJourney) -> Iterator[Line]:
    """Yield the lines of a journey that runs, the outermost first; none that has come to its end."""
    if journey.running is not None:
        yield journey.running.line
        yield from (line for line in journey.running.line.inner() if not line.has_ended)


def waits(journey: ReplayedJourney, scopes: Scopes) -> Iterator[tuple[str, OpenWait]]:
    """Yield each wait that is open, with the state or part of an ``all`` that it belongs to."""
    for line in lines(journey):
        for wait in line.open_waits:
            owner = line.place.name if wait.watches else scopes.plain(wait.name)
            yield owner, OpenWait(wait.name, line.entered_at, wait.accepts)
        if line.until is not None:
            yield line.place.name, OpenWait(line.place.name, line.entered_at)
