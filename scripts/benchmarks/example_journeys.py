"""Journeys of the two examples: series of events in time order, and where each ends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

#: An event's name and what its detail has besides the entity's id.
Happening = tuple[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Series:
    """What happens to one entity, the oldest event first."""

    choreography: str
    source: str
    events: tuple[Happening, ...]
    end: str


@dataclass(slots=True)
class _Telling:
    events: list[Happening] = field(default_factory=list)

    def then(self, *names: str, **detail: str) -> None:
        self.events += [(name, detail) for name in names]


def order_completed() -> Series:
    """An order that is delivered."""
    return _order("OrderCompleted", "Order Confirmed", "Order Accepted", "Order Delivered")


def order_canceled() -> Series:
    """An order that the service provider accepts, and then it is canceled."""
    return _order("OrderCanceled", "Order Confirmed", "Order Accepted", "Order Canceled")


def order_rejected() -> Series:
    """An order that the service provider rejects, so that it is canceled."""
    return _order("OrderCanceled", "Order Confirmed", "Order Rejected", "Order Canceled")


def _order(end: str, *names: str) -> Series:
    return Series("order", "order", tuple((name, {}) for name in ("Order Placed", *names)), end)


def car_rejected() -> Series:
    """A car that fails its inspection."""
    telling = _Telling()
    telling.then("Car Announced")
    telling.then("Inspection Completed", result="Rejected")
    return Series("car-dealer", "car", tuple(telling.events), "Rejected")


def car_sold(unpublished: int = 0, unreserved: int = 0, random: Random | None = None) -> Series:
    """A car that is sold after having been *unpublished* and *unreserved* so often; *random* shuffles what may be."""
    telling = _Telling()
    telling.then("Car Announced")
    telling.then("Inspection Completed", result="Success")
    telling.then(*_shuffled(["Car Repaired", "Car Cleaned", "Car Priced"], random))
    telling.then("Car Published", *["Car Unpublished", "Car Published"] * unpublished)
    telling.then("Car Reserved", *["Car Unreserved", "Car Reserved"] * unreserved, "Car Sold")
    telling.then(*_shuffled(["Car Delivered", "Invoice Sent"], random))
    return Series("car-dealer", "car", tuple(telling.events), "Completed")


def _shuffled(names: list[str], random: Random | None) -> list[str]:
    return random.sample(names, len(names)) if random else names


def any_series(random: Random) -> Series:
    """One of them: orders and cars alike, two cars in three with loops."""
    kinds: list[Callable[[], Series]] = [
        order_completed,
        order_canceled,
        order_rejected,
        car_rejected,
        lambda: car_sold(0, 0, random),
        lambda: car_sold(random.randint(0, 2), random.randint(1, 2), random),
        lambda: car_sold(random.randint(1, 2), random.randint(0, 2), random),
    ]
    return random.choices(kinds, weights=(2, 2, 2, 1, 1, 2, 2))[0]()
