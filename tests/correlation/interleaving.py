"""Deliveries for one journey at the same time, scheduled call by call through every order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fake_aws import FakeAws
from fake_aws.aws import Invocation
from fake_aws.gates import READS

Call = tuple[str, str]
"""A service, and its operation."""


class Participant(Protocol):
    """Something that goes on step by step beside others."""

    @property
    def is_ready(self) -> bool:
        """Whether it could do something now."""

    @property
    def call(self) -> Call | None:
        """The call that comes next; None if it is anything else, or more."""

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

    @property
    def call(self) -> Call | None:
        """The call that it stands before."""
        return self.invocation.stepper.waiting_for

    def step(self) -> None:
        """Make a call."""
        self.invocation.step()


@dataclass
class Engine:
    """Step Functions, step by step."""

    aws: FakeAws
    call: Call | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it has something to do."""
        return next(self.aws.stepfunctions.steps(), None) is not None

    def step(self) -> None:
        """Do the first thing there is."""
        next(self.aws.stepfunctions.steps()).do()


@dataclass
class Stream:
    """The table's stream, its records handed to a function one after the other, AWS call by AWS call."""

    aws: FakeAws
    journey: str
    invocation: Invocation | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a record is being looked at, or is there."""
        if self.invocation is not None and not self.invocation.is_over:
            return True
        return self.journey in self.aws.journeys_with_records()

    @property
    def call(self) -> Call | None:
        """The call that it stands before; with the next record it takes an environment, too."""
        return None if self.invocation is None else self.invocation.stepper.waiting_for

    def step(self) -> None:
        """Make a call; begin with the next record if none is being looked at."""
        if self.invocation is None or self.invocation.is_over:
            self.invocation = self.aws.begin_record(self.journey)
        if not self.invocation.is_over:
            self.invocation.step()


@dataclass
class Once:
    """Something that happens once, at any moment."""

    do: Callable[[], object]
    is_ready: bool = True
    call: Call | None = None

    def step(self) -> None:
        """Do it."""
        self.is_ready = False
        self.do()


#: A fake AWS, and those who go on in it at the same time.
Meeting = tuple[FakeAws, Sequence[Participant]]


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


def schedules(meet: Callable[[], Meeting], preemptions: int | None = None) -> Iterator[tuple[FakeAws, Schedule]]:
    """Run the meeting through every order of its participants' steps, each in a fake AWS of its own.

    *preemptions*: so often at most somebody goes on while the one before could have (None: as often as one likes).

    Where there is no such limit, orders are left out that only exchange two calls, one right behind the other, of which
    nobody sees which was first: see `_commute`. Of those alike, the one in which the first of the participants calls
    first is there. (With a limit just that one may be beyond it.)
    """
    choices: list[int] | None = []
    while choices is not None:
        aws, participants = meet()
        schedule = _scheduled(participants, choices, preemptions)
        yield aws, schedule
        choices = schedule.next()


def _scheduled(participants: Sequence[Participant], choices: Sequence[int], preemptions: int | None) -> Schedule:
    schedule, spent, last = Schedule(), 0, -1
    called: Call | None = None
    while ready := [index for index, one in enumerate(participants) if one.is_ready]:
        goes_on = last in ready
        options = [last, *(index for index in ready if index != last)] if goes_on else ready
        if goes_on and preemptions is not None and spent >= preemptions:
            options = [last]
        if called is not None and preemptions is None:
            options = [one for one in options if one >= last or not _commute(called, participants[one].call)] or options
        at = len(schedule.taken)
        position = choices[at] if at < len(choices) else 0
        schedule.taken.append((position, len(options)))
        spent += goes_on and position > 0
        last = options[position]
        schedule.went.append(last)
        called = participants[last].call
        participants[last].step()
    return schedule


def _commute(one: Call, other: Call | None) -> bool:
    """Whether nobody sees which call was first: both read, or only one is about the table.

    Step Functions writes into the table in steps of its own, and the table has no word for anybody but its stream.
    """
    if other is None:
        return False
    return (one[1] in READS and other[1] in READS) or (one[0] == "dynamodb") is not (other[0] == "dynamodb")


def deliveries(aws: FakeAws, *queues: str) -> list[Delivery]:
    """Hand every message that is visible on *queues* (all) to a function of its own."""
    return [
        Delivery(aws.begin_delivery(aws.queues[name], message))
        for name in queues or aws.queues
        for message in list(aws.queues[name].visible())
    ]
