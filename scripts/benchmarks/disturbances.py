"""What can happen to a series of events on its way: delivered at once, twice, in another order."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

#: Half a second lies between one event and the next.
APART_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Delivery:
    """The event at this *position* of its series arrives, *at* seconds after the first happened."""

    position: int
    at: float


Disturbance = Callable[[int, Random], list[Delivery]]


def _spaced(length: int) -> list[Delivery]:
    return [Delivery(position, position * APART_SECONDS) for position in range(length)]


def _swapped(deliveries: list[Delivery], first: int) -> list[Delivery]:
    """The event at *first* and the one after it change places."""
    one, other = deliveries[first], deliveries[first + 1]
    swapped = [Delivery(one.position, other.at), Delivery(other.position, one.at)]
    return deliveries[:first] + swapped + deliveries[first + 2 :]


def _twice_at_once(length: int, random: Random) -> list[Delivery]:
    deliveries = _spaced(length)
    return [*deliveries, random.choice(deliveries)]


def _again_later(length: int, random: Random) -> list[Delivery]:
    deliveries = _spaced(length)
    chosen = random.choice(deliveries)
    return [*deliveries, Delivery(chosen.position, chosen.at + random.choice((0.25, random.uniform(0.5, 8.0))))]


def _twice_and_swapped(length: int, random: Random) -> list[Delivery]:
    deliveries = _swapped(_spaced(length), random.randrange(length - 1))
    copies = [
        Delivery(one.position, one.at + random.choice((0.0, 0.25, random.uniform(0.5, 8.0))))
        for one in deliveries
        if random.random() < 0.5
    ]
    return [*deliveries, *copies]


#: By the words of the table in docs/operations-and-design/figures.md.
DISTURBANCES: dict[str, Disturbance] = {
    "in order, spaced": lambda length, _random: _spaced(length),
    "in order, all at once": lambda length, _random: [Delivery(position, 0.0) for position in range(length)],
    "one event delivered twice at the same instant": _twice_at_once,
    "one event delivered again later": _again_later,
    "one neighbouring pair swapped": lambda length, random: (
        _swapped(_spaced(length), random.randrange(1, length - 1)) if length > 2 else _spaced(length)
    ),
    "the start event swapped with the next": lambda length, _random: _swapped(_spaced(length), 0),
    "duplicates and swap together": _twice_and_swapped,
}
