"""A run in the AWS in memory: events come late and again, calls go wrong, and whatever can happen does in any order."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fake_aws import Deployed, FakeAws
from fake_aws.aws import Invocation
from fake_aws.queues import Message, Queue
from fake_aws.scheduling import Action
from journeys.definitions import RETIRED
from journeys.disturbances import Disturbances, disturb
from journeys.plans import MAX_RECEIVES, VISIBILITY_SECONDS
from journeys.randomness import Dice
from journeys.series import Happening

_AT_WORK = 4
_SLOW_SECONDS = 0.4
#: How often Step Functions does not note next that a task was submitted, where answers may be too soon for it.
_NOTED_LATE = 0.8


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event and the moments (seconds after the beginning) at which it arrives, the first of them first.

    *has_own_id*: then it is published anew each time, and EventBridge gives it another id.
    """

    happening: Happening
    arrivals: tuple[float, ...]
    has_own_id: bool = False


def played(
    deployed: Deployed, events: Sequence[Delivered], what: Disturbances, seconds: float, met: Counter[str]
) -> FakeAws:
    """Let *events* come, and so many *seconds* pass."""
    aws = FakeAws(deployed, visibility_timeout=VISIBILITY_SECONDS, max_receives=MAX_RECEIVES)
    disturb(aws, what, met)
    for event in events:
        happening = event.happening
        for number, arrival in enumerate(event.arrivals):
            aws.publish(
                happening.name,
                str(happening.detail["id"]),
                happening.detail,
                source=happening.source,
                event_id=f"{happening.id}-{number}" if event.has_own_id else happening.id,
                time=happening.at,
                delay=arrival,
            )
    aws.run(Anyhow(aws, what, met), seconds=seconds)
    return aws


class Anyhow:
    """Picks any of what can happen: messages one by one or in batches, in one go or call by call beside others."""

    def __init__(self, aws: FakeAws, what: Disturbances, met: Counter[str]) -> None:
        self.aws, self.what, self.met, self.dice = aws, what, met, Dice(what.seed)
        self.at_work: list[Invocation] = []

    def __call__(self, _: Iterator[Action]) -> Action | None:
        """Pick one; None if there is nothing to do without time passing."""
        options = list(self._options()) or [step.do for step in self.aws.stepfunctions.steps()]
        return Action("", self.dice.one_of(options)) if options else None

    def _options(self) -> Iterator[Callable[[], None]]:
        aws = self.aws
        for step in aws.stepfunctions.steps():
            if not (self.what.too_soon and step.label.endswith("is submitted") and self.dice.chance(_NOTED_LATE)):
                yield step.do
        if self.what.abandoned:
            for step in aws.stepfunctions.late_steps():
                yield partial(self._land, step.do)
        self.at_work = [one for one in self.at_work if not one.is_over]
        for invocation in self.at_work:
            yield partial(self._go_on, invocation)
        if len(self.at_work) >= _AT_WORK:
            return
        for queue in aws.queues.values():
            visible = queue.visible()
            for message in visible:
                yield partial(self._deliver, queue, message, visible)
        for journey in aws.journeys_with_records():
            yield partial(self._deliver_record, journey)
        if aws.is_sweep_due:
            yield aws.sweep

    def _land(self, land: Callable[[], None]) -> None:
        self.met["abandoned write landed"] += 1
        land()

    def _go_on(self, invocation: Invocation) -> None:
        if self.dice.chance(0.05):
            self.aws.clock.advance_to(self.aws.clock.now + self.dice.within(0.0, _SLOW_SECONDS))
        invocation.step()

    def _deliver(self, queue: Queue, message: Message, visible: Sequence[Message]) -> None:
        if self.what.interleaved and message.receive_count < queue.max_receives:
            self.met["interleaved"] += bool(self.at_work)
            self.at_work.append(self.aws.begin_delivery(queue, message))
            return
        batch = [message]
        if self.what.batches and len(visible) > 1:
            others = [one for one in visible if one is not message]
            batch += self.dice.some_of(others, min(len(others), self.dice.between(1, 3)))
            self.met["batch"] += 1
        self.aws.deliver(queue, *batch)

    def _deliver_record(self, journey: str) -> None:
        if self.what.interleaved:
            self.at_work.append(self.aws.begin_record(journey))
        else:
            self.aws.deliver_record(journey)


@dataclass(frozen=True, slots=True)
class Journey:
    """How a journey ended or where it waits (a failed one: its error), and how many events it used."""

    status: str
    where: str
    events: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an entity. *deviations*: event id and reason. *used*: how often each event moved a journey."""

    journeys: tuple[Journey, ...]
    deviations: frozenset[tuple[str, str]]
    used: Mapping[str, int]


def verdict(aws: FakeAws, choreography: str, entity: str) -> Verdict:
    """What became of *entity* in *aws*."""
    journeys = [
        Journey(one.status, (one.error or "") if one.status == "FAILED" else one.end, _events_of(aws, one.arn))
        for one in aws.executions
        if one.input["entityId"] == entity
    ]
    deviations = frozenset(
        (str(one["event"]["eventId"]), str(one["reason"])) for one in aws.deviations() if one["entityId"] == entity
    )
    key = f"{choreography}#{entity}"
    return Verdict(
        tuple(journeys),
        deviations,
        {event: count for (journey, event), count in aws.moved().items() if journey == key},
    )


def _events_of(aws: FakeAws, arn: str) -> int:
    return 1 + len(aws.stepfunctions.executions[arn].history.answers())


def left_over(aws: FakeAws) -> list[str]:
    """What should not be left when everything has been judged.

    While a journey pauses nobody judges, and nothing becomes of a retired event that replay could tell.
    """
    outcome = aws.outcome()
    kept = {journey: [one for one in some if not one.endswith(f"#{RETIRED}")] for journey, some in outcome.kept.items()}
    return [
        *(
            f"event {event} of {journey} is {status}"
            for (journey, event), status in outcome.events.items()
            if status not in ("DONE", "NOTED", "REPORTED", "RETIRED") and RETIRED.replace(" ", "-") not in event
        ),
        *(f"{journey} keeps {', '.join(some)}" for journey, some in kept.items() if some),
        *(f"dead letter {body}" for body in outcome.dead_letters),
        *(f"dead record {record['eventID']}" for record in aws.stream_dead_letters),
    ]
