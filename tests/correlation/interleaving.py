"""Deliveries for one journey at the same time, scheduled call by call through every order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from world import World
from world.world import Invocation


class Participant(Protocol):
    """Something that goes on step by step beside others."""

    @property
    def is_ready(self) -> bool:
        """Whether it could do something now."""

    def step(self) -> None:
        """Do one thing."""


@dataclass
class Delivery:
    """A function that was handed a message, AWS call by AWS call."""

    invocation: Invocation

    @property
    def is_ready(self) -> bool:
        """Whether it has not returned yet."""
        return not self.invocation.is_over

    def step(self) -> None:
        """Make a call."""
        self.invocation.step()


@dataclass
class Engine:
    """Step Functions, step by step."""

    world: World

    @property
    def is_ready(self) -> bool:
        """Whether it has something to do."""
        return next(self.world.stepfunctions.steps(), None) is not None

    def step(self) -> None:
        """Do the first thing there is."""
        next(self.world.stepfunctions.steps()).do()


@dataclass
class Stream:
    """The table's stream, its records handed to a function one after the other, AWS call by AWS call."""

    world: World
    journey: str
    invocation: Invocation | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a record is being looked at, or is there."""
        if self.invocation is not None and not self.invocation.is_over:
            return True
        return self.journey in self.world.journeys_with_records()

    def step(self) -> None:
        """Make a call; begin with the next record if none is being looked at."""
        if self.invocation is None or self.invocation.is_over:
            self.invocation = self.world.begin_record(self.journey)
        if not self.invocation.is_over:
            self.invocation.step()


@dataclass
class Once:
    """Something that happens once, at any moment."""

    do: Callable[[], object]
    is_ready: bool = True

    def step(self) -> None:
        """Do it."""
        self.is_ready = False
        self.do()


#: A world, and those who go on in it at the same time.
Meeting = tuple[World, Sequence[Participant]]


@dataclass
class Schedule:
    """One order of steps: who went, and at each step which of how many possibilities was taken."""

    went: list[int] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)

    def next(self) -> list[int] | None:
        """The choices that lead to the next schedule; None after the last."""
        rest = list(self.taken)
        while rest and rest[-1][0] + 1 >= rest[-1][1]:
            rest.pop()
        return [position for position, _ in rest[:-1]] + [rest[-1][0] + 1] if rest else None


def schedules(meet: Callable[[], Meeting], preemptions: int | None = None) -> Iterator[tuple[World, Schedule]]:
    """Run the meeting through every order of its participants' steps, each in a world of its own.

    *preemptions*: so often at most somebody goes on while the one before could have (None: as often as one likes).
    """
    choices: list[int] | None = []
    while choices is not None:
        world, participants = meet()
        schedule = _scheduled(participants, choices, preemptions)
        yield world, schedule
        choices = schedule.next()


def _scheduled(participants: Sequence[Participant], choices: Sequence[int], preemptions: int | None) -> Schedule:
    schedule, spent, last = Schedule(), 0, -1
    while ready := [index for index, one in enumerate(participants) if one.is_ready]:
        goes_on = last in ready
        options = [last, *(index for index in ready if index != last)] if goes_on else ready
        if goes_on and preemptions is not None and spent >= preemptions:
            options = [last]
        at = len(schedule.taken)
        position = choices[at] if at < len(choices) else 0
        schedule.taken.append((position, len(options)))
        spent += goes_on and position > 0
        last = options[position]
        schedule.went.append(last)
        participants[last].step()
    return schedule


def deliveries(world: World, *queues: str) -> list[Delivery]:
    """Hand every message that is visible on *queues* (all) to a function of its own."""
    return [
        Delivery(world.begin_delivery(world.queues[name], message))
        for name in queues or world.queues
        for message in list(world.queues[name].visible())
    ]
