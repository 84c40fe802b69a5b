"""Every order in which the events of one entity may come, and what can be seen of its journey in each of them.

The steps are those of `replay`; which events are held is what the compiler says. Whatever else an order may bring about
is tried: an event that may be used is used at once or later; one that is held, when all older events have come, or
later; one that must be last, when no other line can use an older one either. So nothing depends on how long anything
takes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from choreography_insights.compile.ordering import OTHER_LINES, OWN_KIND, contests
from choreography_insights.model.workflow import All, Await, Workflow, nested, spread, watch
from choreography_insights.replay import journey
from choreography_insights.replay.automaton import Automaton, AwaitingState
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Began, Counted, Ended, EntityState, Line, Moved, Passed, Running

Letter = tuple[str, Mapping[str, Any]]
"""An event's name and detail."""


class Hold(Enum):
    """Whether an event is held, and if so, whether it must be last: older ones that other lines await go first, too."""

    NOT = "not"
    SETTLES = "settles"
    LAST = "last"

    @classmethod
    def of(cls, rivals: Sequence[int], own: int) -> "Hold":
        """What the positions of its rivals say of the event at the position *own*."""
        if OTHER_LINES in rivals or (own in rivals and OWN_KIND not in rivals):
            return cls.LAST
        return cls.SETTLES if rivals else cls.NOT


Holds = Mapping[tuple[str, str, int], Hold]
"""How an event is held, by the wait's name, its own name, and the position among the wait's entries for that name."""

START: Mapping[str, Any] = {"items": [1, 2]}
"""The detail of the start event."""

Outcome = tuple[Mapping[str, tuple[str, ...]], Sequence[str]]
"""What can be seen of a journey: where each of its lines went, and which events are left over."""


def holds(workflow: Workflow) -> Holds:
    """What the compiler says."""
    found: dict[tuple[str, str, int], Hold] = {}
    workflow = spread(workflow)
    said = contests(workflow)
    for state in nested(workflow.states):
        name = state.name.text
        if isinstance(state, All):
            for item, rivals in zip(state.items, said[name], strict=True):
                found[f"{name}.{item.name.text}", item.event.text, 0] = Hold.of(rivals, 0)
        waiting = state if isinstance(state, Await) else watch(state)
        if waiting is not None:
            name = waiting.name.text
            entries: Counter[str] = Counter()
            for own, (variant, rivals) in enumerate(zip(waiting.variants, said[name], strict=True)):
                found[name, variant.event.text, entries[variant.event.text]] = Hold.of(rivals, own)
                entries[variant.event.text] += 1
    return found


def conforming(
    choreography: Automaton, letters: Sequence[Letter], longest: int
) -> Iterator[tuple[Sequence[Event], "Moment"]]:
    """Every series of up to *longest* events, after the start event, that conforms to *choreography*.

    With what becomes of it when each event comes as it happens.
    """
    begun = [Event("0", "Begun", "1", 0, 0, START, 0)]
    open_ends = [(begun, Orders(choreography, begun, {}).begun())]
    while open_ends:
        series, moment = open_ends.pop()
        for name, detail in letters if len(series) <= longest else ():
            number = len(series)
            longer = [*series, Event(str(number), name, "1", number, number, detail, number)]
            after = Orders(choreography, longer, {}).in_time(moment)
            if not after.standing.kept:
                open_ends.append((longer, after))
                yield longer, after


def goes_wrong(workflow: Workflow, letters: Sequence[Letter], longest: int, held: Holds) -> Sequence[Event] | None:
    """A conforming series that does not become the same in every order, if such events are *held*; None without one."""
    choreography = Automaton.of(workflow)
    for series, in_time in conforming(choreography, letters, longest):
        expected = outcome(in_time)
        if any(one != expected for one in Orders(choreography, series, held, in_time.began).outcomes()):
            return series
    return None


@dataclass(frozen=True, slots=True)
class Moment:
    """An entity while its events come: what has become of it, which have come, which line has gone where.

    *began*: those that have begun a journey.
    """

    standing: EntityState
    come: frozenset[Event]
    journey: "Travelled"
    began: frozenset[Event] = frozenset()


class Travelled:
    """Where each line of the journey went: lines that run at once go on independently of each other.

    *alike*: what journeys have in common of which the same can become.
    """

    def __init__(self, lines: Mapping[str, tuple[str, ...]], running: Running | None) -> None:
        self.lines = lines
        self.alike = frozenset(lines.items()), running and _known(running.line)


def outcome(moment: Moment) -> Outcome:
    """What can be seen in the end."""
    return moment.journey.lines, sorted(event.name for event in moment.standing.kept)


class Orders:
    """The orders in which *events* may come: all of one entity, the first a start event, in order of time.

    Nothing overtakes those that begin a journey in order of time.
    """

    def __init__(
        self, choreography: Automaton, events: Sequence[Event], held: Holds, begin: frozenset[Event] = frozenset()
    ) -> None:
        self.choreography, self.events, self.held, self.begin = choreography, events, held, begin

    def in_time(self, before: Moment) -> Moment:
        """What becomes of them when each comes as it happens; *before* is what has, without the last."""
        moment = self._come(before, self.events[-1])
        while True:
            if (begun := self._begin(moment)) is not None:
                moment = begun
            elif (use := next(self._uses(moment), None)) is not None:
                moment = self._use(moment, *use)
            else:
                return moment

    def outcomes(self) -> Iterator[Outcome]:
        """What may become of them."""
        known, open_ends = set(), [self.begun()]
        while open_ends:
            moment = open_ends.pop()
            if (alike := _alike(moment)) in known:
                continue
            known.add(alike)
            coming = [self._come(moment, event) for event in self.events[1:] if self._may_come(moment, event)]
            used = [self._use(moment, *use) for use in self._uses(moment) if self._may_go(moment, *use)]
            begun = self._begin(moment)
            open_ends += [*coming, *used, *([begun] if begun else [])]
            if not coming and not used and not begun:
                yield outcome(moment)

    def begun(self) -> Moment:
        """What the start event alone brings about."""
        start = self.events[0]
        kept = EntityState(kept=(start,))
        return _after(
            Moment(kept, frozenset(), Travelled({}, None)), journey.begin(self.choreography, kept, start, start.time)
        )

    def _come(self, moment: Moment, event: Event) -> Moment:
        running, kept, begun = moment.standing
        standing = EntityState(running, (*kept, journey.kept_in(running, event)), begun)
        return replace(moment, standing=standing, come=moment.come | {event})

    def _may_come(self, moment: Moment, event: Event) -> bool:
        missing = self.begin - moment.come - {self.events[0]}
        return event not in moment.come and not any(one.position < event.position for one in missing)

    def _begin(self, moment: Moment) -> Moment | None:
        """What the oldest start event that is kept brings about, where no journey runs."""
        standing = moment.standing
        start = journey.next_start(self.choreography, standing.kept) if standing.running is None else None
        if start is None:
            return None
        return _after(moment, journey.begin(self.choreography, standing, start, start.time))

    def _uses(self, moment: Moment) -> Iterator[tuple[AwaitingState, Event]]:
        """The waits that accept an event, each with the one whose turn it is."""
        for wait in moment.standing.running.waits if moment.standing.running else ():
            found = journey.next_event(self.choreography, wait, moment.standing.kept)
            if found is not None:
                yield wait, found[0]

    def _may_go(self, moment: Moment, wait: AwaitingState, event: Event) -> bool:
        """Whether *event* need not wait any longer for older ones, nor for those to be used in other lines."""
        hold = self._hold(wait, event)
        older = self.events[1 : event.position]
        kept = (one for one in moment.standing.kept if one in older and self.choreography.is_start(one))
        if any(kept) and (
            any(one not in moment.come for one in older) or any(used in older for _, used in self._uses(moment))
        ):
            return False
        if hold is Hold.NOT:
            return True
        if hold is Hold.LAST and any(used in older for _, used in self._uses(moment)):
            return False
        return all(one in moment.come for one in older)

    def _hold(self, wait: AwaitingState, event: Event) -> Hold:
        way = wait.way_of(event)
        entry = next(number for number, one in enumerate(wait.ways[event.name]) if one is way)
        return self.held[wait.name.partition("[")[0], event.name, entry]

    def _use(self, moment: Moment, wait: AwaitingState, event: Event) -> Moment:
        running, way = moment.standing.running, wait.way_of(event)
        assert running is not None
        assert way is not None
        return _after(moment, journey.move(self.choreography, moment.standing, running, wait, event, way, event.time))


def _after(moment: Moment, step: journey.Step) -> Moment:
    standing, records = step
    seen: list[tuple[str, str]] = []
    began = moment.began
    for record in records:
        match record:
            case Began(_, event, state):
                seen.append(("", state))
                began |= {event}
            case Moved():
                left = record.whole and record.stayed is not None
                seen += [(record.wait, record.next), *([("", record.next)] if left else [])]
            case Counted():
                seen.append((record.wait, f"{record.wait}: {record.number} of {record.times}"))
            case Passed():
                seen += [(record.state, record.next), *([("", record.next)] if record.whole else [])]
            case Ended(_, status, state, error):
                seen.append(("", f"{status} in {state}: {error}"))
    lines = dict(moment.journey.lines)
    for line, state in seen:
        lines[line] = (*lines.get(line, ()), state)
    return Moment(standing, moment.come, Travelled(lines, standing.running), began)


def _alike(moment: Moment) -> object:
    """What moments have in common of which the same can become."""
    return moment.journey.alike, moment.come, frozenset(moment.standing.kept)


def _known(line: Line) -> object:
    memory = frozenset((name, repr(value)) for name, value in line.context.memory.items())
    inner = tuple(one and _known(one) for one in line.lines)
    counted = frozenset((id(way), frozenset(events)) for way, events in line.counted.items())
    waits = tuple(wait.name for wait in line.open_waits)
    return line.place.name, id(line.context.detail), memory, waits, inner, counted
