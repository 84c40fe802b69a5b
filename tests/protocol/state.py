"""The whole of one moment: the table, Step Functions, the queues, and what each worker is at.

Events are numbered in the order of their times, and sets of them are bits of an integer.
"""

from typing import Any, NamedTuple

#: The execution of a JOURNEY row that has none.
NONE = 99

# Phases of a thread of an execution: a line that is in a state, on its way into one, or has yet to begin.
MOVING, CALLING, WRITTEN, SUBMITTED, THROTTLED, PAUSED, QUEUED = -1, 0, 1, 2, 3, 4, 5

#: Execution, number within it, whether its wait is written by a retry.
Token = tuple[int, int, int]
#: Wait (or, while MOVING or PAUSED, state; while QUEUED, the first of its line), phase, number, whether it is a retry.
Thread = tuple[str, int, int, int]
#: "R" while it runs and how it ended then; threads; the last number given; how it is about to end.
Execution = tuple[str, tuple[Thread, ...], int, str | None]
#: The row of an event: None, "K"ept, ("K", the token it is held for), ("C"laimed, token, whether the payload is in the
#: row), "D"one, "S"tarting, ("F"ailing, token), "P" for reporting, "R"eported, "X" for what repeats a start event.
Row = Any
#: What a worker does next: the name of a call and what it needs.
Op = tuple[Any, ...]
#: A message: its kind, its event, how often it was taken in vain.
Message = tuple[str, int, int]
Worker = tuple[Message, Op] | None


JOURNEY = 8
"""So many fields of a state are the JOURNEY row."""


class State(NamedTuple):
    """One moment. *disowned* is what the table says is not this journey's, *before* what truly is not.

    *expired*: whose deadline had passed when the newest execution ended.
    """

    # The JOURNEY row.
    arn: int
    ended: int
    disowned: int
    before: int
    expired: int
    waits: tuple[tuple[str, Token], ...]
    kept: int
    claimed: int
    # The rows of events.
    rows: tuple[Row, ...]
    # Step Functions: executions by the number of their start event; writes of abandoned tasks that may still land.
    executions: tuple[Execution | None, ...]
    zombies: tuple[tuple[str, Token], ...]
    # What has truly happened to events.
    moved: int
    noted: int
    failed: int
    reported: int
    # Messages: events as they come, deadlines, deadlines sent to come when settled, settle (or poll), finish.
    queue: tuple[int, ...]
    deadlines: int
    held: int
    settles: int
    finishes: int
    again: tuple[Message, ...]  # taken by a worker that died: SQS shows them again
    stream: int
    closing: int  # status events
    done: int  # whose messages do nothing any more, so that they are not followed
    # Another name of the entity: whether its row says so, who waits for that, and whether anybody ever did; the rows of
    # those events; word to them; their deadlines there; who was reported for a name that is another entity's.
    named: int
    waiting: int
    overtaken: int
    name_rows: tuple[str | None, ...]
    taught: int
    expiries: int
    told: int
    # Time: who has settled, whose deadline has passed.
    settled: int
    due: int
    # Two workers of the resume function and one of the start function.
    workers: tuple[Worker, Worker, Worker]
    # How much may still go wrong.
    crashes: int
    retries: int
    aborts: int
    throttles: int
    bad: str


_PLACES = {name: place for place, name in enumerate(State._fields)}


def _replace(self: State, /, **changes: Any) -> State:
    values = list(self)
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return tuple.__new__(State, values)


State._replace = _replace  # type: ignore[assignment]  # half the time of its own, and most of ours


def put(values: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    """The same values but for one place."""
    return (*values[:place], value, *values[place + 1 :])


def status(row: Row) -> str | None:
    """The letter of an event's row."""
    return row[0] if row else None  # a row of one letter is its own first letter
