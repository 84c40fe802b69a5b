"""A run in the AWS in memory: events come late and again, calls go wrong, and whatever can happen does in any order."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from journeys.dice import Dice
from journeys.disturbances import Disturbances, disturb
from journeys.plans import MAX_RECEIVES, VISIBILITY_SECONDS
from journeys.series import Happening
from world import Deployed, World
from world.queues import Message, Queue
from world.scheduling import Action
from world.world import Invocation

_AT_WORK = 4
_SLOW_SECONDS = 0.4
#: How often Step Functions does not note next that a task was submitted, where answers may be too soon for it.
_NOTED_LATE = 0.8


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event and the moments (seconds after the beginning) at which it arrives, the first of them first."""

    happening: Happening
    arrivals: tuple[float, ...]


def played(
    deployed: Deployed, events: Sequence[Delivered], what: Disturbances, seconds: float, met: Counter[str]
) -> World:
    """Let *events* come, and so many *seconds* pass."""
    world = World(deployed, visibility_timeout=VISIBILITY_SECONDS, max_receives=MAX_RECEIVES)
    disturb(world, what, met)
    for event in events:
        happening = event.happening
        for arrival in event.arrivals:
            world.publish(
                happening.name,
                str(happening.detail["id"]),
                happening.detail,
                source=happening.source,
                event_id=happening.id,
                time=happening.at,
                delay=arrival,
            )
    world.run(Anyhow(world, what, met), seconds=seconds)
    return world


class Anyhow:
    """Picks any of what can happen: messages one by one or in batches, in one go or call by call beside others."""

    def __init__(self, world: World, what: Disturbances, met: Counter[str]) -> None:
        self.world, self.what, self.met, self.dice = world, what, met, Dice(what.seed)
        self.at_work: list[Invocation] = []

    def __call__(self, _: Iterator[Action]) -> Action | None:
        """Pick one; None if there is nothing to do without time passing."""
        options = list(self._options()) or [step.do for step in self.world.stepfunctions.steps()]
        return Action("", self.dice.one_of(options)) if options else None

    def _options(self) -> Iterator[Callable[[], None]]:
        world = self.world
        for step in world.stepfunctions.steps():
            if not (self.what.too_soon and step.label.endswith("is submitted") and self.dice.chance(_NOTED_LATE)):
                yield step.do
        if self.what.abandoned:
            for step in world.stepfunctions.late_steps():
                yield partial(self._land, step.do)
        self.at_work = [one for one in self.at_work if not one.is_over]
        for invocation in self.at_work:
            yield partial(self._go_on, invocation)
        if len(self.at_work) >= _AT_WORK:
            return
        for queue in world.queues.values():
            visible = queue.visible()
            for message in visible:
                yield partial(self._deliver, queue, message, visible)
        for journey in world.journeys_with_records():
            yield partial(self._deliver_record, journey)
        if world.is_sweep_due:
            yield world.sweep

    def _land(self, land: Callable[[], None]) -> None:
        self.met["abandoned write landed"] += 1
        land()

    def _go_on(self, invocation: Invocation) -> None:
        if self.dice.chance(0.05):
            self.world.clock.advance_to(self.world.clock.now + self.dice.within(0.0, _SLOW_SECONDS))
        invocation.step()

    def _deliver(self, queue: Queue, message: Message, visible: Sequence[Message]) -> None:
        if self.what.interleaved and message.receive_count < queue.max_receives:
            self.met["interleaved"] += bool(self.at_work)
            self.at_work.append(self.world.begin_delivery(queue, message))
            return
        batch = [message]
        if self.what.batches and len(visible) > 1:
            others = [one for one in visible if one is not message]
            batch += self.dice.some_of(others, min(len(others), self.dice.between(1, 3)))
            self.met["batch"] += 1
        self.world.deliver(queue, *batch)

    def _deliver_record(self, journey: str) -> None:
        if self.what.interleaved:
            self.at_work.append(self.world.begin_record(journey))
        else:
            self.world.deliver_record(journey)


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


def verdict(world: World, choreography: str, entity: str) -> Verdict:
    """What became of *entity* in *world*."""
    journeys = [
        Journey(one.status, (one.error or "") if one.status == "FAILED" else one.end, _events_of(world, one.arn))
        for one in world.executions
        if one.input["entityId"] == entity
    ]
    deviations = frozenset(
        (str(one["event"]["eventId"]), str(one["reason"])) for one in world.deviations() if one["entityId"] == entity
    )
    key = f"{choreography}#{entity}"
    return Verdict(
        tuple(journeys),
        deviations,
        {event: count for (journey, event), count in world.moved().items() if journey == key},
    )


def _events_of(world: World, arn: str) -> int:
    history = world.stepfunctions.executions[arn].history.happenings
    return 1 + sum(one.type == "TaskSucceeded" for one in history)


def left_over(world: World) -> list[str]:
    """What should not be left when everything has been judged."""
    outcome = world.outcome()
    return [
        *(
            f"event {event} of {journey} is {status}"
            for (journey, event), status in outcome.events.items()
            if status not in ("DONE", "REPORTED")
        ),
        *(f"{journey} keeps {', '.join(kept)}" for journey, kept in outcome.kept.items()),
        *(f"dead letter {body}" for body in outcome.dead_letters),
        *(f"dead record {record['eventID']}" for record in world.stream_dead_letters),
    ]
