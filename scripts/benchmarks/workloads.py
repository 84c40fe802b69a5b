"""Workloads that show what an event costs: small ones in the AWS in memory, with it and without it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.sample_values import DETAIL, ENTITY, event_id
from fake_aws import Deployed, FakeAws, deployable, example


@dataclass(frozen=True, slots=True)
class Arrival:
    """When an event arrives, and its name. *copy_of*: it arrived at that time before."""

    at: float
    name: str
    copy_of: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def _definition(name: str, states: str, settings: str = "") -> Deployed:
    return deployable(f"choreography: {name}\nsource: s\nstart: S\n{settings}\nstates:\n{states}")


ORDER = example("order/order")
ROUNDS = _definition("rounds", "  A: {await: {n: A, q: Done}}\n  Done: succeed")
LINE = _definition("line", "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed")
#: The same for events that may be early by a month.
PATIENT = _definition("patient", "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed", "early: 30d")
SINGLE = _definition("single", "  A: {await: {q: Done}}\n  Done: succeed")
PARCELS = _definition(
    "parcels",
    "  Packed:\n"
    "    each:\n"
    "      items: $.detail.parcels\n"
    "      item: $.detail.parcel\n"
    "      states: {Sent: {await: {Parcel Delivered: Delivered}}, Delivered: succeed}\n"
    "    next: Done\n"
    "  Done: succeed",
)
ITEMS = 40
#: The schedule's word to look for what is due.
SWEEP = '{"sweep":"due"}'
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Workload:
    """Events of one entity as they arrive, and for how many seconds it goes on after the last of them.

    *sweeps*: when the schedule sends its word to look for what is due.
    """

    choreography: Deployed
    arrivals: tuple[Arrival, ...]
    seconds_after: float = 600.0
    sweeps: tuple[float, ...] = ()

    def run(self, aws: FakeAws | None = None) -> FakeAws:
        """Play it until nothing more happens."""
        aws = aws or FakeAws(self.choreography)
        for one in self.arrivals:
            first_at = one.at if one.copy_of is None else one.copy_of
            aws.publish(
                one.name,
                ENTITY,
                {**DETAIL, **one.detail},
                delay=one.at,
                time=first_at,
                event_id=event_id(one.name, first_at, *one.detail.values()),
            )
        for at in self.sweeps:
            aws.queues["event"].send(SWEEP, at)
        aws.run(seconds=max((one.at for one in self.arrivals), default=0.0) + self.seconds_after)
        return aws


@dataclass(frozen=True, slots=True)
class Comparison:
    """An event costs what *workload* costs more than *baseline*, shared by *events*.

    *baseline_awaits*: the event is awaited there, and what that costs has to be added.
    """

    workload: Workload
    baseline: Workload
    events: int = 1
    baseline_awaits: bool = False


def _every_5_seconds(*names: str) -> tuple[Arrival, ...]:
    return tuple(Arrival(5.0 * number, name) for number, name in enumerate(names))


def _rounds(events: int) -> Comparison:
    turns = _every_5_seconds("S", *["n"] * events)
    return Comparison(Workload(ROUNDS, turns), Workload(ROUNDS, turns[:1]), events)


def _early_by_a_month() -> Comparison:
    """Both take as long as each other, whatever the schedules cost meanwhile."""
    start, after, due = 29 * _DAY, 3 * _DAY, (30 * _DAY + 60.0, 31 * _DAY)
    early = (Arrival(0.0, "a"), Arrival(start, "S"), Arrival(start + 5.0, "b"))
    awaited = (Arrival(start - 5.0, "S"), Arrival(start, "a"), Arrival(start + 5.0, "b"))
    return Comparison(
        Workload(PATIENT, early, after, due), Workload(PATIENT, awaited, after, due), baseline_awaits=True
    )


_IN_ORDER = Workload(LINE, _every_5_seconds("S", "a", "b"))
_ORDER = _every_5_seconds("Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered")
_PLACED, _CONFIRMED = (Workload(ORDER, _ORDER[:events]) for events in (1, 2))
AWAITED = "awaited, in an order"
ORDER_IN_ALL = "an order of four events, from start to end"
EACH_IN_ALL = f"a journey with an `each` of {ITEMS} items, from start to end"

#: Rows of the tables.
COMPARISONS: Mapping[str, Comparison] = {
    "begins a journey": Comparison(_PLACED, Workload(ORDER, ())),
    AWAITED: Comparison(_CONFIRMED, _PLACED),
    "awaited, in a journey of 10 events": _rounds(10),
    "awaited, in a journey of 1,000 events": _rounds(1000),
    "early: arrives before the start event": Comparison(
        Workload(LINE, _every_5_seconds("a", "S", "b")), _IN_ORDER, baseline_awaits=True
    ),
    "early: overtakes the event before it": Comparison(
        Workload(LINE, _every_5_seconds("S", "b", "a")), _IN_ORDER, baseline_awaits=True
    ),
    "early by 29 days": _early_by_a_month(),
    "contested: held until it is settled": Comparison(
        Workload(ROUNDS, _every_5_seconds("S", "q")), Workload(SINGLE, _every_5_seconds("S", "q")), baseline_awaits=True
    ),
    "delivered again after it is done": Comparison(
        Workload(LINE, (*_IN_ORDER.arrivals[:2], Arrival(7.0, "a", copy_of=5.0), _IN_ORDER.arrivals[2])), _IN_ORDER
    ),
    "unexpected: its journey fails": Comparison(
        Workload(ORDER, _every_5_seconds("Order Placed", "Order Delivered")), _PLACED
    ),
}

_PARCELS = [f"parcel-{number:02}" for number in range(ITEMS)]
_DELIVERED = (
    Arrival(10.0 * number, "Parcel Delivered", detail={"parcel": parcel}) for number, parcel in enumerate(_PARCELS, 1)
)
#: Whole journeys.
JOURNEYS: Mapping[str, Workload] = {
    ORDER_IN_ALL: Workload(ORDER, _ORDER),
    EACH_IN_ALL: Workload(PARCELS, (Arrival(0.0, "S", detail={"parcels": _PARCELS}), *_DELIVERED)),
}
