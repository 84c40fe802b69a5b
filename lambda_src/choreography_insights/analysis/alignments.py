"""How well entities fit whose journeys go on after each deviation: an alignment of their events with the choreography.

Where an event is unexpected, it is left out; or what was missing before it is skipped, if it is accepted behind that.
Of all ways to go on, the one counts that leaves out and skips least; of equal ones, that which leaves out fewest
events. So one slip does not hide what comes after it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush
from itertools import count
from typing import Any, Literal, NamedTuple

from choreography_insights.analysis.conformance import Conformance, Recorded
from choreography_insights.replay import journey
from choreography_insights.replay.automaton import Automaton, AutomatonState
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation, EntityState, Repeated, Step
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.words import aligned as columns
from choreography_insights.views.words import number, visible

_MOST_TRIED = 200
_LEAVE_OUT = 0


class Move(NamedTuple):
    """An *event* was left out in a *state* (empty: no journey), or a *state* was skipped on the way to another."""

    what: Literal["left out", "skipped"]
    state: str
    event: str = ""
    to: str = ""

    def document(self) -> dict[str, Any]:
        """Return what programs read."""
        return {
            "what": self.what,
            "event": self.event or None,
            "state": self.state or None,
            "to": self.to or None,
        }


@dataclass(frozen=True, slots=True)
class Alignment:
    """An entity's events beside the choreography: so many were *used*, and what was left out or skipped.

    *cost*: how many were left out, and how many waits were skipped.
    """

    used: int
    cost: int
    moves: tuple[Move, ...]

    @property
    def left_out(self) -> int:
        """How many events were left out."""
        return sum(move.what == "left out" for move in self.moves)

    @property
    def fitness(self) -> float:
        """Which part of all moves is one of both: an event that a wait accepted."""
        return self.used / (self.used + self.cost) if self.used + self.cost else 1.0


class _Choice(NamedTuple):
    """A way to go on from an unexpected event: what it costs, and what it does."""

    cost: int
    move: Move
    step: Step


class _Partial(NamedTuple):
    """What has been *decided* until now, and what it costs at least; *whole*: what that comes to, once it is known."""

    cost: int
    left_out: int
    depth: int
    decided: tuple[int, ...] = ()
    whole: Alignment | None = None


class _UndecidedError(Exception):
    """A run came to an event that nobody has decided about; *costs*: of each choice, and how many it leaves out."""

    def __init__(self, costs: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self.costs = costs


class Aligner:
    """Aligns the events of one entity at a time."""

    def __init__(self, choreography: Automaton, scopes: Scopes, most: int = _MOST_TRIED) -> None:
        self.choreography, self._scopes, self._most = choreography, scopes, most
        self._distances = cache(self._distances_from)

    def alignment(self, events: Sequence[Event], until: float) -> Alignment:
        """Return the cheapest alignment of *events*, all of one entity, in order; *until*: when the record ends."""
        open_: list[_Partial] = [_Partial(0, 0, 0)]
        for tried in count():
            best = heappop(open_)
            if best.whole is not None:
                return best.whole
            run = _Run(self, best.decided, hurry=tried >= self._most)
            try:
                whole = run.aligned(events, until)
            except _UndecidedError as undecided:
                for position, (cost, left) in enumerate(undecided.costs):
                    decided = (*best.decided, position)
                    heappush(open_, _Partial(best.cost + cost, best.left_out + left, -len(decided), decided))
                continue
            if run.hurry:
                return whole
            heappush(open_, _Partial(whole.cost, whole.left_out, -len(best.decided), best.decided, whole))
        raise AssertionError  # it has counted to the end

    def choices(self, standing: EntityState, event: Event, now: float) -> list[_Choice]:
        """Return the ways to go on from *event*: the first leaves it out, each other skips something."""
        running = standing.running
        if running is None:
            raise ValueError("no journey runs")
        out = Move("left out", running.line.place.name, event.name)
        found = [_Choice(1, out, journey.leave_out(standing, event, now))]
        if self.choreography.is_start(event) and event.name not in self.choreography.steps:
            return found
        for line in (running.line, *running.line.inner()):
            for state, cost in self._distances(line.place.name).items():
                step = journey.skip(self.choreography, standing, running, line, state, now)
                after = step[0].running if step else None
                if step and after and any(wait.way_of(event) for wait in after.waits):
                    left = cost - _weight(line.place) + max(1, len(line.waits) + sum(1 for _ in line.inner()))
                    found.append(_Choice(left, Move("skipped", line.place.name, to=state), step))
        return found

    def _distances_from(self, name: str) -> Mapping[str, int]:
        """Return how many waits lie between *name* and each state behind it in its line, itself counted."""
        scope = self._scopes.scopes.get(name)
        found: dict[str, int] = {}
        open_ = [(0, name)]
        seen: set[str] = set()
        while open_:
            cost, here = heappop(open_)
            if here in seen:
                continue
            seen.add(here)
            if here != name:
                found[here] = cost
            place = self.choreography.places[here]
            for following in place.inner:
                if following not in seen and self._scopes.scopes.get(following) == scope:
                    heappush(open_, (cost + _weight(place), following))
        return found


def _weight(place: AutomatonState) -> int:
    """Return what it costs to skip a state: as many events as it waits for, 1 for a group, 0 where it does not wait."""
    if place.keeps:
        return len(place.waits)
    return 1 if place.waits or place.lines is not None else 0


class _Run:
    """A replay that goes on after unexpected events as was *decided*. In a *hurry* it leaves out all others."""

    def __init__(self, aligner: Aligner, decided: Sequence[int], *, hurry: bool) -> None:
        self._aligner, self._decided, self.hurry = aligner, decided, hurry
        self._next = 0
        self._used = self._cost = 0
        self._moves: list[Move] = []

    def aligned(self, events: Sequence[Event], until: float) -> Alignment:
        """Return what the run comes to; raise `_UndecidedError` where there is a choice."""
        replay = Replay(self._aligner.choreography, self._tell, judge=self._judge)
        for event in events:
            replay.take(event)
        replay.wait_until(until)
        replay.finish()
        return Alignment(self._used, self._cost, tuple(self._moves))

    def _tell(self, told: ReplayedJourney | Deviation) -> None:
        if isinstance(told, ReplayedJourney):
            self._used += told.events + told.repeated
        else:
            self._cost += 1
            self._moves.append(Move("left out", "", told.event.name))

    def _judge(self, standing: EntityState, event: Event, now: float) -> Step:
        usual = journey.deviate(self._aligner.choreography, standing, event, now)
        if any(isinstance(record, Repeated) for record in usual[1]):
            return usual
        choices = self._aligner.choices(standing, event, now)
        if len(choices) == 1 or self.hurry:
            choice = choices[_LEAVE_OUT if self._next >= len(self._decided) or len(choices) == 1 else self._take()]
        elif self._next < len(self._decided):
            choice = choices[self._take()]
        else:
            raise _UndecidedError([(one.cost, int(one.move.what == "left out")) for one in choices])
        self._cost += choice.cost
        self._moves.append(choice.move)
        return choice.step

    def _take(self) -> int:
        self._next += 1
        return self._decided[self._next - 1]


class Alignments:
    """Aligns all entities of *recorded* events, of which *found* says who fits as they are."""

    def __init__(self, recorded: Recorded, found: Conformance, scopes: Scopes) -> None:
        aligner = Aligner(found.summary.choreography, scopes)
        until = recorded.last
        self.unfit = {
            entity: _with_taken(aligner.alignment(recorded.of(entity), until), recorded.taken(entity))
            for entity in sorted(found.unfit)
        }
        self.entities = len(found.entities)
        self.moves: Counter[Move] = Counter()
        self.cases: Counter[Move] = Counter()
        for one in self.unfit.values():
            self.moves.update(one.moves)
            self.cases.update(set(one.moves))

    @property
    def fitness(self) -> float:
        """The mean fitness of all entities: 1 where all fit."""
        if not self.entities:
            return 1.0
        return (self.entities - len(self.unfit) + sum(one.fitness for one in self.unfit.values())) / self.entities

    def _worst(self, most: int) -> list[tuple[str, Alignment]]:
        return sorted(self.unfit.items(), key=lambda one: (one[1].fitness, one[0]))[:most]

    def frequent(self, most: int) -> list[tuple[Move, int]]:
        """Return the moves that are no events used, the most frequent first."""
        return sorted(self.moves.items(), key=lambda one: (-one[1], one[0]))[:most]

    def lines(self, most: int) -> Iterator[str]:
        """Yield tables with the first *most* of each."""
        fit = self.entities - len(self.unfit)
        whole = f"{number(fit)} of {number(self.entities)} entities fit as they are"
        yield f"fitness  {self.fitness:.3f} on average; {whole}"
        if not self.unfit:
            return
        yield ""
        rows = [
            (number(times), number(self.cases[move]), move.what, visible(move.event) or "-", where(move))
            for move, times in self.frequent(most)
        ]
        yield from columns([("times", "entities", "what", "event", "where"), *rows], numbers=range(2))
        yield ""
        worst = [
            (visible(entity), f"{one.fitness:.3f}", number(one.used), *map(number, _counts(one)))
            for entity, one in self._worst(max(1, most // 2))
        ]
        yield from columns([("entity", "fitness", "used", "left out", "skipped"), *worst], numbers=range(1, 5))

    def document(self, most: int) -> dict[str, Any]:
        """Return what programs read; of the entities that do not fit, the *most* that fit least."""
        return {
            "entities": self.entities,
            "fitting": self.entities - len(self.unfit),
            "fitness": self.fitness,
            "moves": [
                {**move.document(), "times": times, "entities": self.cases[move]}
                for move, times in self.frequent(len(self.moves))
            ],
            "told": [
                {
                    "entityId": entity,
                    "fitness": one.fitness,
                    "used": one.used,
                    "cost": one.cost,
                    "moves": [move.document() for move in one.moves],
                }
                for entity, one in self._worst(most)
            ],
        }


def _with_taken(one: Alignment, taken: Sequence[Event]) -> Alignment:
    """Return it with what is left out because a name that it tells is another entity's."""
    moves = (Move("left out", "", event.name) for event in taken)
    return Alignment(one.used, one.cost + len(taken), (*one.moves, *moves))


def where(move: Move) -> str:
    """Return where *move* was made."""
    if move.what == "skipped":
        return f"from {visible(move.state)} to {visible(move.to)}"
    return f"in {visible(move.state)}" if move.state else "with no journey"


def _counts(one: Alignment) -> tuple[int, int]:
    return one.left_out, one.cost - one.left_out
