"""State transitions per journey of the two examples, and what a million journeys cost."""

from collections.abc import Callable
from typing import Any

from benchmarks import example_journeys, prices
from benchmarks.example_journeys import Series
from benchmarks.sample_values import DETAIL, ENTITY, event_id
from benchmarks.sheet import Sheet
from fake_aws import FakeAws, example
from fake_aws.queues import Message, Queue

_EXAMPLES = {"order": example("order/order"), "car-dealer": example("car-dealer/car-dealer")}

#: Journeys, and the states that the original sample's own state machines enter for them: it has a Choice behind every
#: wait but those of its Parallels, and no end behind a car's.
JOURNEYS: dict[str, tuple[Series, int]] = {
    "order completed": (example_journeys.order_completed(), 7),
    "order rejected and canceled": (example_journeys.order_rejected(), 7),
    "car, happy path": (example_journeys.car_sold(), 15),
    "car with one unpublish and one unreserve": (example_journeys.car_sold(1, 1), 23),
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
                f"${count * prices.TRANSITION * prices.MILLION:,.0f}",
                f"${sample * prices.TRANSITION * prices.MILLION:,.0f}",
            )
        )
    return Sheet(
        "State transitions per journey",
        "States entered by one execution, here and in the original sample: AWS counts a transition each time a step is "
        "executed. Whether beginning counts as one more it does not say; that would be $25 for both. The price is Step "
        "Functions' for standard workflows in us-east-1, $0.025 per 1,000 transitions.",
        ("journey", "transitions", "the original sample's", "$ per million journeys", "the original sample's"),
        rows,
    )


def transitions(journey: Series) -> int:
    """States entered from the start to the end of *journey*."""
    (execution,) = played(journey).executions
    return len(execution.path())


class CountingAws(FakeAws):
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


def played(
    journey: Series, prepare: Callable[[FakeAws], None] = lambda _fake_aws: None, **settings: Any
) -> CountingAws:
    """A fake AWS in which *journey* has been played undisturbed. *settings* are the fake AWS's."""
    aws = CountingAws(*_EXAMPLES.values(), **settings)
    prepare(aws)
    for position, (name, detail) in enumerate(journey.events):
        aws.publish(
            name,
            ENTITY,
            {**DETAIL, **detail},
            source=journey.source,
            event_id=event_id(name, position),
            time=position * 10.0,
            delay=position * 10.0,
        )
    aws.run()
    (execution,) = aws.executions
    if (execution.status, execution.end) != ("SUCCEEDED", journey.end):
        raise AssertionError(f"the journey ended in {execution.end} ({execution.status}), not in {journey.end}")
    return aws
