"""State transitions per journey of the two examples, and what a million journeys cost."""

from benchmarks import example_journeys, prices
from benchmarks.example_journeys import Series
from benchmarks.sample_values import DETAIL, ENTITY, event_id
from documents.markdown import figures
from fake_aws import FakeAws, example
from fake_aws.queues import Message, Queue

EXAMPLES = (example("order/order"), example("car-dealer/car-dealer"))

#: Journeys, and the states that the original sample's own state machines enter for them: it has a Choice behind every
#: wait but those of its Parallels, and no end behind a car's.
JOURNEYS: dict[str, tuple[Series, int]] = {
    "order completed": (example_journeys.ORDER_COMPLETED, 7),
    "order rejected and canceled": (example_journeys.ORDER_REJECTED, 7),
    "car, happy path": (example_journeys.car_sold(), 15),
    "car with one unpublish and one unreserve": (example_journeys.car_sold(1, 1), 23),
}


def measure() -> str:
    """Play each and count the states that its execution enters: that is what Step Functions charges."""
    rows = []
    for name, (journey, sample) in JOURNEYS.items():
        counts = (transitions(journey), sample)
        rows.append((name, *counts, *(f"${count * prices.TRANSITION * prices.MILLION:,.0f}" for count in counts)))
    return figures(
        ("journey", "transitions", "the original sample's", "$ per million journeys", "the original sample's"),
        rows,
    )


def transitions(journey: Series) -> int:
    """States entered from the start to the end of *journey*."""
    aws = FakeAws(*EXAMPLES)
    play(journey, aws)
    return len(aws.executions[0].path())


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


def play(journey: Series, aws: FakeAws) -> None:
    """Play *journey* in *aws*, undisturbed."""
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
