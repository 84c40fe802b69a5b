"""What can happen to a series of events on its way: delivered at once, twice, in another order."""

from collections.abc import Callable, Iterator
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


def _in_order_spaced(length: int, _random: Random) -> list[Delivery]:
    return _spaced(length)


def _all_at_once(length: int, _random: Random) -> list[Delivery]:
    return [Delivery(position, 0.0) for position in range(length)]


def _twice_at_once(length: int, random: Random) -> list[Delivery]:
    deliveries = _spaced(length)
    return [*deliveries, random.choice(deliveries)]


def _again_later(length: int, random: Random) -> list[Delivery]:
    deliveries = _spaced(length)
    chosen = random.choice(deliveries)
    return [*deliveries, Delivery(chosen.position, chosen.at + random.choice((0.25, random.uniform(0.5, 8.0))))]


def _swapped(deliveries: list[Delivery], first: int) -> list[Delivery]:
    """The event at *first* and the one after it change places."""
    one, other = deliveries[first], deliveries[first + 1]
    swapped = [Delivery(one.position, other.at), Delivery(other.position, one.at)]
    return deliveries[:first] + swapped + deliveries[first + 2 :]


def _pair_swapped(length: int, random: Random) -> list[Delivery]:
    deliveries = _spaced(length)
    return _swapped(deliveries, random.randrange(1, length - 1)) if length > 2 else deliveries


def _start_swapped(length: int, _random: Random) -> list[Delivery]:
    return _swapped(_spaced(length), 0)


def _twice_and_swapped(length: int, random: Random) -> list[Delivery]:
    deliveries = _swapped(_spaced(length), random.randrange(length - 1))
    return [*deliveries, *_copies(deliveries, random)]


def _copies(deliveries: list[Delivery], random: Random) -> Iterator[Delivery]:
    for one in deliveries:
        if random.random() < 0.5:
            yield Delivery(one.position, one.at + random.choice((0.0, 0.25, random.uniform(0.5, 8.0))))


#: By the words of the table in docs/figures.md.
DISTURBANCES: dict[str, Disturbance] = {
    "in order, spaced": _in_order_spaced,
    "in order, all at once": _all_at_once,
    "one event delivered twice at the same instant": _twice_at_once,
    "one event delivered again later": _again_later,
    "one neighbouring pair swapped": _pair_swapped,
    "the start event swapped with the next": _start_swapped,
    "duplicates and swap together": _twice_and_swapped,
}
