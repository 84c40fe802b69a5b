"""What an event costs: small plays in the AWS in memory, with it and without it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from world import Deployed, World, deployable

#: When an event arrives, its name, and its id if it has arrived before.
Arrival = tuple[float, str] | tuple[float, str, str]


def _definition(name: str, states: str) -> Deployed:
    return deployable(f"choreography: {name}\nsource: s\nstart: S\nstates:\n{states}")


ROUNDS = _definition("rounds", "  A: {await: {n: A, q: Done}}\n  Done: succeed")
LINE = _definition("line", "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed")
SINGLE = _definition("single", "  A: {await: {q: Done}}\n  Done: succeed")


@dataclass(frozen=True, slots=True)
class Play:
    """Events of one entity as they arrive."""

    choreography: Deployed
    arrivals: tuple[Arrival, ...]

    def run(self, prepare: Callable[[World], None] = lambda _world: None) -> World:
        """Play it until nothing more happens."""
        world = World(self.choreography, watching=True)
        prepare(world)
        for at, name, *event_id in self.arrivals:
            world.publish(name, "1", delay=at, time=at, event_id=event_id[0] if event_id else name + str(at))
        world.run(seconds=self.arrivals[-1][0] + 600.0)
        return world


@dataclass(frozen=True, slots=True)
class Scene:
    """An event costs what *play* costs more than *without*, shared by *events*.

    *more*: without, it is awaited, and what that costs has to be added.
    """

    play: Play
    without: Play
    events: int = 1
    more: bool = False


def _rounds(events: int) -> Scene:
    start: Arrival = (0.0, "S")
    return Scene(
        Play(ROUNDS, (start, *((5.0 * number, "n") for number in range(1, events + 1)))),
        Play(ROUNDS, (start,)),
        events,
    )


_IN_ORDER = Play(LINE, ((0.0, "S"), (5.0, "a"), (10.0, "b")))

#: Rows of the tables.
SCENES: Mapping[str, Scene] = {
    "awaited, in a journey of 10 events": _rounds(10),
    "awaited, in a journey of 1,000 events": _rounds(1000),
    "early: arrives before the start event": Scene(
        Play(LINE, ((0.0, "a"), (5.0, "S"), (10.0, "b"))), _IN_ORDER, more=True
    ),
    "early: overtakes the event before it": Scene(
        Play(LINE, ((0.0, "S"), (5.0, "b"), (10.0, "a"))), _IN_ORDER, more=True
    ),
    "contested: held until it is settled": Scene(
        Play(ROUNDS, ((0.0, "S"), (5.0, "q"))), Play(SINGLE, ((0.0, "S"), (5.0, "q"))), more=True
    ),
    "delivered again after it is done": Scene(
        Play(LINE, ((0.0, "S"), (5.0, "a", "a"), (7.0, "a", "a"), (10.0, "b"))), _IN_ORDER
    ),
}
