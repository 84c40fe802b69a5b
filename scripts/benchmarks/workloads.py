"""What an event costs: small plays in the AWS in memory, with it and without it."""

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
class Play:
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
class Scene:
    """An event costs what *play* costs more than *without*, shared by *events*.

    *more*: without, it is awaited, and what that costs has to be added.
    """

    play: Play
    without: Play
    events: int = 1
    more: bool = False


def _arrivals(*events: tuple[float, str]) -> tuple[Arrival, ...]:
    return tuple(Arrival(at, name) for at, name in events)


def _rounds(events: int) -> Scene:
    start = Arrival(0.0, "S")
    turns = tuple(Arrival(5.0 * number, "n") for number in range(1, events + 1))
    return Scene(Play(ROUNDS, (start, *turns)), Play(ROUNDS, (start,)), events)


def _in_order(line: Deployed) -> Play:
    return Play(line, _arrivals((0.0, "S"), (5.0, "a"), (10.0, "b")))


def _early_by_a_month() -> Scene:
    """Both plays are as long as each other, whatever the schedules cost meanwhile."""
    start, after, due = 29 * _DAY, 3 * _DAY, (30 * _DAY + 60.0, 31 * _DAY)
    early = _arrivals((0.0, "a"), (start, "S"), (start + 5.0, "b"))
    awaited = _arrivals((start - 5.0, "S"), (start, "a"), (start + 5.0, "b"))
    return Scene(Play(PATIENT, early, after, due), Play(PATIENT, awaited, after, due), more=True)


_NOTHING = Play(ORDER, ())
_PLACED = Play(ORDER, _arrivals((0.0, "Order Placed")))
_CONFIRMED = Play(ORDER, _arrivals((0.0, "Order Placed"), (5.0, "Order Confirmed")))
_COMPLETED = Play(
    ORDER,
    _arrivals((0.0, "Order Placed"), (5.0, "Order Confirmed"), (10.0, "Order Accepted"), (15.0, "Order Delivered")),
)
AWAITED = "awaited, in an order"
ORDER_IN_ALL = "an order of four events, from start to end"
EACH_IN_ALL = f"a journey with an `each` of {ITEMS} items, from start to end"

#: Rows of the tables.
SCENES: Mapping[str, Scene] = {
    "begins a journey": Scene(_PLACED, _NOTHING),
    AWAITED: Scene(_CONFIRMED, _PLACED),
    "awaited, in a journey of 10 events": _rounds(10),
    "awaited, in a journey of 1,000 events": _rounds(1000),
    "early: arrives before the start event": Scene(
        Play(LINE, _arrivals((0.0, "a"), (5.0, "S"), (10.0, "b"))), _in_order(LINE), more=True
    ),
    "early: overtakes the event before it": Scene(
        Play(LINE, _arrivals((0.0, "S"), (5.0, "b"), (10.0, "a"))), _in_order(LINE), more=True
    ),
    "early by 29 days": _early_by_a_month(),
    "contested: held until it is settled": Scene(
        Play(ROUNDS, _arrivals((0.0, "S"), (5.0, "q"))), Play(SINGLE, _arrivals((0.0, "S"), (5.0, "q"))), more=True
    ),
    "delivered again after it is done": Scene(
        Play(LINE, (Arrival(0.0, "S"), Arrival(5.0, "a"), Arrival(7.0, "a", copy_of=5.0), Arrival(10.0, "b"))),
        _in_order(LINE),
    ),
    "unexpected: its journey fails": Scene(
        Play(ORDER, _arrivals((0.0, "Order Placed"), (5.0, "Order Delivered"))), _PLACED
    ),
}

#: Whole journeys.
JOURNEYS: Mapping[str, Play] = {
    ORDER_IN_ALL: _COMPLETED,
    EACH_IN_ALL: Play(
        PARCELS,
        (
            Arrival(0.0, "S", detail={"parcels": [f"parcel-{number:02}" for number in range(ITEMS)]}),
            *(
                Arrival(10.0 * (number + 1), "Parcel Delivered", detail={"parcel": f"parcel-{number:02}"})
                for number in range(ITEMS)
            ),
        ),
    ),
}
