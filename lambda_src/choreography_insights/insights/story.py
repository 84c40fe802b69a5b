"""A journey's story, told by its rows: values in, values out.

What an event did, the table keeps: which wait it was used for, as what, and when. What came without an event is found
on the way between (`lines`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from choreography_insights.insights.inside import current_waits
from choreography_insights.insights.lines import Follower, Line, Step
from choreography_insights.insights.rows import EventFound, JourneyFound, OpenWaitRow
from choreography_insights.views.flow import Flow
from choreography_insights.views.known import Deviation, JourneyKnown, Mark, OpenWait, StoryStep
from choreography_insights.views.layout import Layout
from choreography_insights.views.picture import BEGIN, ONWARD, TIMEOUT
from choreography_insights.views.trace import Trace, Transition

_USED = ("CLAIMED", "DONE")
_STARTS = ("STARTING", "DONE")
_OF_NO_JOURNEY = ("NoJourney", "JourneyEnded")
_UNEXPECTED = "UnexpectedEvent"
_ENTRIES: Mapping[str, str] = {"onward": ONWARD, "timeout": TIMEOUT}


@dataclass(frozen=True, slots=True)
class JourneyRows:
    """All that the table says of a journey: its row, the waits that are open, the events of the entity."""

    found: JourneyFound
    waits: Sequence[OpenWaitRow] = ()
    events: Sequence[EventFound] = ()

    @property
    def start(self) -> EventFound | None:
        """The event that began it."""
        return next((one for one in self.events if one.is_start and self._is_own(one) and one.status in _STARTS), None)

    @property
    def used(self) -> list[EventFound]:
        """The events that moved it, in the order in which they did."""
        moved = [
            one for one in self.events if not one.is_start and self._is_own(one) and one.status in _USED and one.wait
        ]
        return sorted(moved, key=lambda one: (used_at(one), one.entered or 0.0, one.time, one.event_id))

    @property
    def deviating(self) -> list[EventFound]:
        """The events that moved nothing while it ran, the oldest first."""
        return sorted((one for one in self.events if self._deviates(one)), key=lambda one: one.deviated or 0.0)

    def _is_own(self, event: EventFound) -> bool:
        return event.execution == self.found.execution

    def _deviates(self, event: EventFound) -> bool:
        if event.deviation is None or event.deviated is None:
            return False
        if event.execution is not None:
            return self._is_own(event)
        until = self.found.ended if self.found.ended is not None else float("inf")
        return event.deviation.reason not in _OF_NO_JOURNEY and self.found.started <= event.deviated <= until


def used_at(event: EventFound) -> float:
    """Return when an event was used; of rows that do not say so, when it came."""
    return event.used if event.used is not None else event.arrived or event.time


def marks(event: EventFound) -> tuple[Mark, ...]:
    """Say what is to be said of an event that was used: whether it was kept, and why.

    One that came before its state was entered was early. One that came later, and was kept all the same, was held since
    another could have overtaken it.
    """
    if event.deadline is None:
        return ()
    if event.entered is not None and event.arrived is not None and event.arrived > event.entered:
        return ("contested",)
    return ("early",)


def journey_known(
    flow: Flow,
    rows: JourneyRows,
    now: float,
    deviations: Sequence[Deviation],
    *,
    layout: Layout | None = None,
    elsewhere: tuple[tuple[str, str], ...] = (),
    untold: bool = False,
    names: tuple[tuple[str, str], ...] = (),
) -> JourneyKnown:
    """Return the story of the journey.

    *deviations*: those of `rows.deviating`, as views show them. *untold*: there are more events than `rows` has.
    *names*: its other names, kind and text of each.
    """
    found = rows.found
    until = now if found.ended is None else found.ended
    waits = current_waits(flow, found.state, rows.waits, until)
    first = flow.first if rows.start is None else flow.first_of(rows.start.name)
    follower = Follower(flow, found.started, first)
    for event in rows.used:
        follower.used(
            event.wait or "",
            event.name,
            used_at(event),
            event_id=event.event_id,
            variant=event.variant,
            entered=event.entered,
            came=event.came,
            noted=event.noted,
        )
    state, error = _brought_to(now, follower, rows, waits)
    here = _here(follower, waits, state) if found.status == "RUNNING" else (state,)
    return JourneyKnown(
        key=found.entity,
        entity=found.entity,
        status=found.status,
        state=state,
        started=found.started,
        ended=found.ended,
        events=len(rows.used) + 1,
        trace=_trace(flow, follower, rows, here, deviations),
        story=tuple(_story(follower, rows, state)),
        visits=tuple(sorted(follower.visits, key=lambda one: one.entered)),
        waits=tuple(_open(follower, waits)) if found.status == "RUNNING" else (),
        deviations=tuple(deviations),
        error=error,
        layout=layout,
        elsewhere=elsewhere,
        untold=untold,
        names=names,
    )


def _brought_to(
    now: float, follower: Follower, rows: JourneyRows, waits: Sequence[OpenWaitRow]
) -> tuple[str, str | None]:
    """Let the journey come to where it is *now*, or ended; return that state, and the error of an end."""
    found, flow = rows.found, follower.flow
    if found.status == "RUNNING":
        if found.state is not None and found.since is not None:
            follower.came_to(found.state, found.since)
        follower.lasts([_seen(follower, wait) for wait in waits], now)
        return follower.top.at, None
    at = found.ended if found.ended is not None else found.started
    _brought_to_waits(follower, waits, at)
    failed_by = next((one for one in rows.deviating if one.execution == found.execution), None)
    for wait, _ in failed_by.deviation.states if failed_by and failed_by.deviation else ():
        follower.met(wait, at)
    if found.status == "SUCCEEDED" or (found.status == "FAILED" and failed_by is None):
        kind = "succeed" if found.status == "SUCCEEDED" else "fail"
        ends = [one.name for one in flow.states.values() if one.kind == kind and (kind == "fail" or not one.inside)]
        if (end := follower.ended(ends, at)) is not None:
            return end, flow.states[end].error
    return follower.broke_off(at), None if failed_by is None else _UNEXPECTED


def _brought_to_waits(follower: Follower, waits: Sequence[OpenWaitRow], at: float) -> None:
    """Let a journey that ended badly come to where it waited last; a wait that is older than its last step is none."""
    flow = follower.flow
    newest = max(waits, key=lambda wait: wait.entered, default=None)
    if newest is None:
        return
    where = flow.around(newest.state)[-1]
    if where == follower.ways.settled(follower.top.at) or newest.entered >= follower.top.since:
        for wait in current_waits(flow, where, waits, at):
            _seen(follower, wait)


def _seen(follower: Follower, wait: OpenWaitRow) -> Line:
    return follower.seen_in(follower.flow.states[wait.state].owner, wait.keys, wait.entered)


def _here(follower: Follower, waits: Sequence[OpenWaitRow], state: str) -> tuple[str, ...]:
    return (*(wait.name for wait in waits), *follower.pausing()) or (state,)


def _open(follower: Follower, waits: Sequence[OpenWaitRow]) -> Iterator[OpenWait]:
    for wait in waits:
        yield OpenWait(wait.name, wait.entered, wait.accepts)
    for stay in follower.visits:
        if stay.left is None and follower.flow.states[stay.state].kind == "wait":
            yield OpenWait(stay.state, stay.entered)


def _story(follower: Follower, rows: JourneyRows, state: str) -> Iterator[StoryStep]:
    start, found = rows.start, rows.found
    used = {one.event_id: one for one in rows.used}
    began = StoryStep(found.started, "began", next=follower.began_in, time=found.started)
    if start is not None:
        began = _by(start, replace(began, marks=("early",) if start.deadline is not None else ()))
    told = [
        began,
        *(_step(one, used) for one in follower.steps),
        *(_deviation(one, state) for one in rows.deviating),
    ]
    yield from sorted(told, key=lambda one: one.at)
    if found.ended is not None:
        yield StoryStep(found.ended, "ended", state)


def _step(one: Step, used: Mapping[str, EventFound]) -> StoryStep:
    match one.by:
        case "event":
            event = used[one.event_id]
            if one.noted:
                return _by(event, StoryStep(one.at, "noted", one.wait, one.wait, marks=marks(event)))
            if one.is_counted:
                told: tuple[Mark, ...] = (*marks(event), "again") if one.again else marks(event)
                count = (one.came, one.times)
                return _by(event, StoryStep(one.at, "counted", one.wait, one.wait, marks=told, count=count))
            onward = one.wait if one.stayed is None else one.next
            return _by(event, StoryStep(one.at, "moved", one.wait, onward, marks=marks(event)))
        case "onward":
            return StoryStep(one.at, "onward", one.state, one.next)
        case "timeout":
            return StoryStep(one.at, "timeout", one.state, one.next)


def _deviation(event: EventFound, state: str) -> StoryStep:
    states = event.deviation.states if event.deviation else ()
    met = states[0][0] if states else state
    return _by(event, StoryStep(event.deviated or 0.0, "unexpected", met, marks=("unexpected",)))


def _by(event: EventFound, step: StoryStep) -> StoryStep:
    return replace(
        step,
        event=event.name,
        event_id=event.event_id,
        time=event.time,
        repeats=event.repeats,
        repeated=event.repeated,
    )


def _trace(
    flow: Flow, follower: Follower, rows: JourneyRows, here: tuple[str, ...], deviations: Sequence[Deviation]
) -> Trace:
    transitions: Counter[Transition] = Counter()
    exits: Counter[str] = Counter()
    states = {follower.began_in, follower.top.at}
    if rows.start is not None:
        transitions[BEGIN, rows.start.name, follower.began_in] += 1
    for one in follower.steps:
        if one.is_counted or one.noted:
            states.add(one.state)
            continue
        transitions[one.state, _ENTRIES.get(one.by, one.event), one.next] += 1
        states.add(one.state)
        if one.stayed is not None:
            states.add(one.next)
            if flow.states[one.state].kind == "all" and one.by == "event" and not flow.ends_it(one.state, one.event):
                exits[one.state] += 1
    states |= {stay.state for stay in follower.visits}
    plain = [follower.plain(wait)[0] or wait for wait in here]
    known = [flow.states[one] for one in plain if one in flow.states]
    states |= {one.owner for one in known}
    return Trace(
        entity=rows.found.entity,
        status=rows.found.status,
        here=here,
        transitions=dict(transitions),
        exits=dict(exits),
        states=frozenset(around for one in states if one in flow.states for around in flow.around(one)),
        trouble=tuple(f"{one.event}: {one.reason}" for one in deviations),
        places=frozenset(plain),
    )
