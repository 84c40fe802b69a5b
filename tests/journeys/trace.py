"""What becomes of one entity by `replay`, moment by moment, and at which moments the promises leave no choice.

The functions may be later than replay, by what a `Plan` allows. So between two moments that would fare otherwise in the
other order there must be more time than that. What is refused here:

- an event while a state's, pause's, journey's or event's time may be over already, or before that it may not have come;
- times that may be over in either order: of two states, of a state and an event that is kept;
- a time that is over while an event before may not have been used yet, unless it runs only since that event.

Events of one burst may come in another order than they happened, if that is all there is: each is awaited when it
happens, and nothing is kept.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from choreography_insights.replay import journey
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import (
    Began,
    Counted,
    Cut,
    Deviation,
    Ended,
    EntityState,
    Moved,
    Noted,
    Record,
    Running,
    Step,
)
from journeys.plans import Plan

_TICK = 0.001


class Ambiguous(Exception):
    """What becomes of the entity would hang on how late things are; the message says why."""


@dataclass(frozen=True, slots=True)
class Due:
    """A time that will be over: of the state *place* since it was entered, or of the *event* that is kept."""

    moment: float
    since: float = -math.inf
    place: str = ""
    event: Event | None = None

    def __str__(self) -> str:
        what = f"the time of {self.place}" if self.event is None else f"the grace of {self.event.id}"
        return f"{what} (over at {self.moment:g})"


@dataclass(frozen=True, slots=True)
class _Past:
    """Something happened at this moment, which may be up to *until* with the functions.

    *used_kept*: an event that was kept was used, which is so as soon as the stream tells of its wait.
    """

    at: float
    until: float
    burst: bool = False
    used_kept: bool = False


class Course(Replay):
    """One entity's replay. *log*: everything that has happened, and when. *visited*: the states it was in.

    *prompt*: Step Functions' word of an end is never lost, so that a start event that waits for it need not look again.
    """

    def __init__(self, choreography: Automaton, plan: Plan, *, prompt: bool) -> None:
        super().__init__(choreography, lambda _: None)
        self.choreography, self.plan, self.prompt = choreography, plan, prompt
        self.log: list[tuple[float, Record]] = []
        self.visited: dict[str, None] = {}
        self.entity = ""
        self.begins = -math.inf
        self._between: list[EntityState] = []
        self._past: list[_Past] = []
        self._extra = 0.0  # how much later than that the journey that runs may have begun
        self._judged_by = -math.inf

    # ---- what replay does --------

    def _goes_by_table(self, _: object) -> bool:
        """Each step is looked at."""
        return False

    def _do(self, entity: object, step: Step) -> None:
        self.log += ((self.now, record) for record in step[1])
        running = step[0].running
        self._between.append(step[0])
        if running is not None:
            self.visited |= dict.fromkeys(line.place.name for line in (running.line, *running.line.inner()))
        super()._do(entity, step)  # type: ignore[arg-type]

    @property
    def standing(self) -> EntityState:
        """Where the entity is now."""
        found = self._entities.get(self.entity)
        return found.standing if found is not None else EntityState(begun=int(any(map(_begins, self.log))))

    @property
    def noted(self) -> set[str]:
        """The events that were noted, and moved nothing."""
        return {record.event.id for _, record in self.log if isinstance(record, Noted)}

    @property
    def running(self) -> Running | None:
        """The journey that runs now."""
        return self.standing.running

    # ---- time passes --------

    def dues(self) -> list[Due]:
        """The times that will be over, the next first."""
        return sorted(self._dues_of(self.standing), key=lambda due: due.moment)

    def _dues_of(self, standing: EntityState) -> Iterator[Due]:
        running, choreography = standing.running, self.choreography
        if running is not None:
            yield Due(running.started_at + choreography.timeout, running.started_at, "the journey")
            for line in (running.line, *running.line.inner()):
                if line.until is not None:
                    yield Due(line.until, line.entered_at, line.place.name)
                if line.place.timeout is not None:
                    yield Due(line.entered_at + line.place.timeout[0], line.entered_at, line.place.name)
        if running is None or running.judging:
            for event in standing.kept:
                yield Due(max(self.now, journey.deadline(choreography, event)), event=event)

    def let_pass(self, moment: float) -> None:
        """Let everything happen that does before *moment*."""
        while (dues := self.dues()) and dues[0].moment < moment:
            self._pass_one(dues)
        self._let_pass(moment)

    def rest_at(self, moment: float) -> None:
        """Let everything happen that does before *moment*, when all has been judged and nothing more is due soon."""
        self._be_certain_at(moment)
        if moment < self._judged_by or self.standing.kept:
            raise Ambiguous(f"at {moment:g} something may not be judged yet")
        if any(due.moment <= moment + self.choreography.early + 1.0 for due in self.dues()):
            raise Ambiguous(f"after {moment:g} something is over in the grace period that replay lets pass in the end")

    def _be_certain_at(self, moment: float) -> None:
        self.let_pass(moment)
        self._refuse_unless_past(moment)

    def _pass_one(self, dues: list[Due]) -> None:
        due = dues[0]
        self._refuse_late(due)
        kept = self.standing.kept
        happened = self._let_happen(due.moment)
        until = due.moment + self._delay_of(happened, kept)
        waiting = self._second_look(until, happened)
        self._extra, until = self._extra + waiting, until + waiting
        together = [other for other in dues[1:] if (other.moment, other.place) == (due.moment, due.place)]
        if together and any(isinstance(one, Ended) for one in happened):
            raise Ambiguous(f"the times of {due.place} are over together, and the journey ends")
        self._refuse_due_until(until, dues[1 + len(together) :])
        self._happened(due.moment, until)

    def _let_happen(self, moment: float) -> list[Record]:
        """Let everything happen that does at *moment*, and return it."""
        before, kept = len(self.log), self.standing.kept
        self._between.clear()
        self._let_pass(moment + _TICK)
        happened = [record for _, record in self.log[before:]]
        self._refuse_races(happened, kept)
        self._refuse_unsure_owners(moment, happened, kept)
        return happened

    def _refuse_unsure_owners(self, moment: float, happened: Sequence[Record], kept: Sequence[Event]) -> None:
        """What had its deadline before a journey began is not that one's; both may be late."""
        began = {one.event.id for one in happened if isinstance(one, Began)}
        for event in kept if began else ():
            if event.id in began or (event.name in self.choreography.starts - self.choreography.steps):
                continue
            overdue = moment - journey.deadline(self.choreography, event)
            if -self.plan.drift - self._extra <= overdue <= self.plan.judging:
                raise Ambiguous(f"a journey begins at {moment:g}, about when the grace of {event.id} is over")

    def _refuse_races(self, happened: Sequence[Record], kept: Sequence[Event]) -> None:
        """Lines that begin at one moment are as fast as they are: which of two ends the others is open."""
        cut = [one for one in happened if isinstance(one, Cut) and one.stayed == 0]
        fails = any(isinstance(one, Ended) and one.status == "FAILED" for one in happened)
        if cut and (fails or len(kept) > 1):
            raise Ambiguous(f"{cut[0].state} had just begun when another line ended it")

    def _refuse_due_until(self, until: float, others: Iterable[Due]) -> None:
        """What is judged at a moment may be later, and then must not meet another state."""
        for other in others:
            if other.moment <= until:
                raise Ambiguous(f"{other} may be over before what is over now")

    def _delay_of(self, happened: Sequence[Record], kept: Sequence[Event]) -> float:
        """How much later all of *happened* may have become of it what will; *kept* were kept before."""
        judged = [one for one in happened if isinstance(one, Deviation)]
        met = [one for one in judged if one.reason in ("UnexpectedEvent", "SecondStart")]
        ends = any(isinstance(one, Ended) for one in happened)
        delay = self.plan.drift + self._extra
        if not judged:
            return delay
        if len(judged) > 1 and met and ends:
            raise Ambiguous("several events are judged together, and the journey ends by the first")
        events = {id(one.event) for one in judged}
        moment = judged[0].at
        waited = moment - min((event.arrival for event in kept), default=moment)
        overdue = moment - max(journey.deadline(self.choreography, one.event) for one in judged)
        late = delay + self.plan.judging + (120.0 + _longest_pause(waited) if overdue > 0 else 0.0)
        self._judged_by = max(self._judged_by, moment + late)
        if not met and overdue > self.plan.judging:
            return delay  # what should have been judged before a journey began is none of that one's
        for standing in self._between:
            dues = (due for due in self._dues_of(standing) if due.event is None or id(due.event) not in events)
            self._refuse_due_until(moment + late, dues)
        return late

    def _refuse_late(self, due: Due) -> None:
        """A time may be over only when all before it has become of it what will, unless it runs only since then."""
        recent = [past for past in self._past if past.until >= due.moment]
        if recent and (len(recent) > 1 or due.since < recent[0].at or recent[0].used_kept):
            raise Ambiguous(f"{due} may be over before what happened at {recent[0].at:g}")

    def _refuse_unless_past(self, moment: float) -> None:
        """Nothing that was due may still be on its way."""
        for past in self._past:
            if not past.burst and past.until >= moment:
                raise Ambiguous(f"at {moment:g} what was due at {past.at:g} may be on its way")

    def _happened(self, at: float, until: float, *, burst: bool = False) -> None:
        used = [one.event for moment, one in self.log if moment >= at and isinstance(one, Moved | Counted | Noted)]
        self._past = [past for past in self._past if past.until >= at]
        self._past.append(_Past(at, until, burst, any(event.time < at - 1.0 for event in used)))

    def _second_look(self, ended: float, happened: Sequence[Record]) -> float:
        """How long after a journey has *ended* the start event that waits for it is looked at again, at most.

        Without Step Functions' word that is after three times as long as it has waited, and at its deadline.
        """
        began = [one.event for one in happened if isinstance(one, Began)]
        if self.prompt or not began or not self._has_ended:
            return 0.0
        if len(began) > 1:
            raise Ambiguous("a journey ends as it begins, and another start event waits to be told of that")
        [event] = began
        overdue = ended - journey.deadline(self.choreography, event)
        if overdue > 0:
            return 120.0 + _longest_pause(overdue)
        again = max(self.plan.settle + 5.0, 3 * (ended - event.time) + 5.0)
        return min(again, self.plan.judging - overdue)

    # ---- events come --------

    def quiet_from(self) -> float:
        """From when on everything that has happened has become of it what will."""
        return max((past.until for past in self._past), default=self.now) + 1.0

    def judged_by(self) -> float:
        """From when on every event has been judged whose grace is over."""
        return max(self.quiet_from(), self._judged_by + 1.0)

    def take_alone(self, event: Event) -> None:
        """*event* happens when everything before has become of it what will."""
        if self._past and event.time < self.quiet_from():
            raise Ambiguous(f"{event.id} is not alone")
        self._take(event, burst=False)

    def take_in_burst(self, event: Event) -> None:
        """*event* happens when the ones before, all of the same burst, may be on their way still."""
        if self.standing.kept:
            raise Ambiguous(f"{event.id} comes in a burst while others are kept")
        if (
            self.plan.faults
            and self.choreography.is_start(event)
            and any(past.until > event.time for past in self._past)
        ):
            raise Ambiguous(f"{event.id} may overtake the start event before it, and begin the journey")
        if any(isinstance(one, Noted) and moment + self.plan.drift > event.time for moment, one in self.log):
            raise Ambiguous(f"{event.id} may lead on before an event is noted, which nothing waits for")
        self._take(event, burst=True)
        if self.standing.kept:
            raise Ambiguous(f"{event.id} comes in a burst and is not awaited")

    def _take(self, event: Event, *, burst: bool) -> None:
        self._be_certain_at(event.time)
        self._refuse_before_due(event)
        owned = self.names.owned(event)
        if owned is None:
            raise Ambiguous(f"{event.id} comes under a name that nobody has taught")
        event = owned
        self._refuse_unless_known_to_have_ended(event)
        self.entity = event.entity
        kept = (*self.standing.kept, event)
        self.take(event)
        happened = self._let_happen(event.time)
        ended = max((past.until for past in self._past), default=event.time)
        if any(isinstance(one, Ended) for one in happened):
            ended = max(ended, event.time + self._delay_of(happened, kept))
        if any(isinstance(one, Began) for one in happened):
            waiting = self._second_look(ended, happened) if ended > event.time else 0.0
            self._extra = ended - event.time + waiting if waiting else 0.0
        self._happened(event.time, event.time + self._delay_of(happened, kept), burst=burst)

    def _refuse_unless_known_to_have_ended(self, event: Event) -> None:
        """Without word of a journey's end an event is kept for as long as the states say in which it was."""
        if self.prompt or self.running is not None or not self._has_ended or self.choreography.is_start(event):
            return
        waits = (wait for place in self.choreography.places.values() for wait in place.all_waits)
        if any(wait.policy.early_seconds is not None for wait in waits):
            raise Ambiguous(f"{event.id} comes when the journey before may count as running")

    @property
    def _has_ended(self) -> bool:
        return any(isinstance(record, Ended) for _, record in self.log)

    def _refuse_before_due(self, event: Event) -> None:
        for due in self.dues():
            if due.moment <= event.time + self.plan.drift + self._extra:
                raise Ambiguous(f"{event.id} may come before or after {due}")


def _longest_pause(waited: float) -> float:
    """After how long an event that has *waited* so long is looked at again, at most."""
    return max(min(3 * waited, 900.0), waited / 2)


def _begins(logged: tuple[float, Record]) -> bool:
    return isinstance(logged[1], Began)
