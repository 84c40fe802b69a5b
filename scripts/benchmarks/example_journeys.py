"""Journeys of the two examples: series of events in time order, and where each ends."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

#: An event's name and what its detail has besides the entity's id.
Event = tuple[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Series:
    """What happens to one entity, the oldest event first."""

    choreography: str
    source: str
    events: tuple[Event, ...]
    end: str


def _order(end: str, *names: str) -> Series:
    return Series("order", "order", tuple((name, {}) for name in ("Order Placed", *names)), end)


ORDER_COMPLETED = _order("OrderCompleted", "Order Confirmed", "Order Accepted", "Order Delivered")
ORDER_CANCELED = _order("OrderCanceled", "Order Confirmed", "Order Accepted", "Order Canceled")
ORDER_REJECTED = _order("OrderCanceled", "Order Confirmed", "Order Rejected", "Order Canceled")


def _car(end: str, result: str, *names: str) -> Series:
    inspected: list[Event] = [("Car Announced", {}), ("Inspection Completed", {"result": result})]
    return Series("car-dealer", "car", (*inspected, *((name, {}) for name in names)), end)


CAR_REJECTED = _car("Rejected", "Rejected")


def car_sold(unpublished: int = 0, unreserved: int = 0, random: Random | None = None) -> Series:
    """A car that is sold after having been *unpublished* and *unreserved* so often; *random* shuffles what may be."""
    return _car(
        "Completed",
        "Success",
        *_shuffled(["Car Repaired", "Car Cleaned", "Car Priced"], random),
        *("Car Published", *["Car Unpublished", "Car Published"] * unpublished),
        *("Car Reserved", *["Car Unreserved", "Car Reserved"] * unreserved, "Car Sold"),
        *_shuffled(["Car Delivered", "Invoice Sent"], random),
    )


def _shuffled(names: list[str], random: Random | None) -> list[str]:
    return random.sample(names, len(names)) if random else names


def any_series(random: Random) -> Series:
    """One of them: orders and cars alike, two cars in three with loops."""
    kinds: list[Callable[[], Series]] = [
        *(lambda series=series: series for series in (ORDER_COMPLETED, ORDER_CANCELED, ORDER_REJECTED, CAR_REJECTED)),
        lambda: car_sold(0, 0, random),
        lambda: car_sold(random.randint(0, 2), random.randint(1, 2), random),
        lambda: car_sold(random.randint(1, 2), random.randint(0, 2), random),
    ]
    return random.choices(kinds, weights=(2, 2, 2, 1, 1, 2, 2))[0]()
