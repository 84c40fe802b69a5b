"""State transitions per journey of the two examples, and what a million journeys cost."""

from collections.abc import Callable

from figures import series
from figures.series import Series
from figures.sheet import Sheet
from world import World, example
from world.queues import Message, Queue

_EXAMPLES = {"order": example("order/order"), "car-dealer": example("car-dealer/car-dealer")}

#: Journeys, and the state transitions of the original sample's own state machines for them.
JOURNEYS: dict[str, tuple[Series, int]] = {
    "order completed": (series.order_completed(), 8),
    "order rejected and canceled": (series.order_rejected(), 8),
    "car, happy path": (series.car_sold(), 16),
    "car with one unpublish and one unreserve": (series.car_sold(1, 1), 24),
}


def measure() -> Sheet:
    """Play each and count the states that its execution enters: that is what Step Functions charges."""
    rows = []
    for name, (journey, sample) in JOURNEYS.items():
        count = transitions(journey)
        rows.append(
            (
                name,
                count,
                sample,
                f"${count * _PER_TRANSITION * _MILLION:,.0f}",
                f"${sample * _PER_TRANSITION * _MILLION:,.0f}",
            )
        )
    return Sheet(
        "State transitions per journey",
        "States entered by one execution. The price is Step Functions' for standard workflows in us-east-1, $0.025 per "
        "1,000 transitions.",
        ("journey", "transitions", "the original sample's", "$ per million journeys", "the original sample's"),
        rows,
    )


_PER_TRANSITION = 0.025 / 1000
_MILLION = 1_000_000


def transitions(journey: Series) -> int:
    """States entered from the start to the end of *journey*."""
    (execution,) = played(journey).executions
    return len(execution.path())


class CountingWorld(World):
    """Counts how often the functions are invoked."""

    invocations = 0

    def deliver(self, queue: Queue, *messages: Message) -> None:
        """A batch."""
        self.invocations += 1
        super().deliver(queue, *messages)

    def deliver_record(self, journey: str) -> None:
        """A stream record."""
        self.invocations += 1
        super().deliver_record(journey)


def played(journey: Series, prepare: Callable[[World], None] = lambda _world: None) -> CountingWorld:
    """A world in which *journey* has been played undisturbed."""
    world = CountingWorld(*_EXAMPLES.values())
    prepare(world)
    for position, (name, detail) in enumerate(journey.events):
        world.publish(name, "1", detail, source=journey.source, time=position * 10.0, delay=position * 10.0)
    world.run()
    (execution,) = world.executions
    if (execution.status, execution.end) != ("SUCCEEDED", journey.end):
        raise AssertionError(f"the journey ended in {execution.end} ({execution.status}), not in {journey.end}")
    return world
