"""What is asked about an event, and the steps that may be the answer: values only."""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from choreography_insights.core.fields import id_text, key_text, read

from .event import Event
from .journey import EventRow, Journey, OpenWait, Snapshot
from .settings import ChoreographySettings

Kind = Literal["event", "deadline", "settle", "finish"]

#: So long a history may take to tell of what follows an event in it.
HISTORY_LAG_SECONDS = 2.0


class ExecutionState(Enum):
    """What Step Functions says of a journey's execution. MISSING: its start is in flight."""

    RUNNING = "RUNNING"
    MISSING = "MISSING"
    ENDED = "ENDED"


class Queue(NamedTuple):
    """Lines of an `each` that have yet to begin: the *keys* of their items, and where *events* carry them, by name.

    Without either, nobody knows which those are: they are about to begin.
    """

    keys: frozenset[str] = frozenset()
    events: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def of(cls, form: Mapping[str, Any], lines: Iterable[int]) -> "Queue":
        """What the data of the state says (docs/reference/interfaces.md, section 2) of so many of its *lines*."""
        keys = [key_text(key) for key in form["keys"]]
        events = {one["name"]: one["item"] for one in form["events"]}
        return cls(frozenset(keys[line] or "" for line in lines), events)

    def may_await(self, event: Event) -> bool:
        """Whether one of these lines may await *event* once it has begun."""
        if not self.keys:
            return True
        path = self.events.get(event.name)
        return path is not None and id_text(read(path, event.payload)) in self.keys


class Asked(NamedTuple):
    """What Step Functions said of the open waits: those it holds open no longer are gone from the snapshot.

    *all_stored*: it waits nowhere but where the table says. *lags*: that is open only since a line has moved just now.
    *of_one_moment*: the table said the same of the journey before it was asked and after. Those two are None if nobody
    has looked. *to_begin*: lines that nobody sees in the table.
    """

    all_stored: bool | None = None
    lags: bool = False
    to_begin: tuple[Queue, ...] = ()
    of_one_moment: bool | None = None


class Deviation(NamedTuple):
    """An unexpected event, in the words of the report (docs/reference/interfaces.md, section 9).

    `Retired` are events that no journey awaits any more. They are taken out of play like others, and only counted.
    """

    reason: Literal[
        "UnexpectedEvent",
        "NoJourney",
        "JourneyEnded",
        "SecondStart",
        "TooOld",
        "TooManyKept",
        "TooBigToRemember",
        "Retired",
        "NameTaken",
    ]
    cause: str
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()
    policy: str | None = None


class _Bare:
    """A step that says all by its type."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class ReadRows(NamedTuple):
    """Decide again knowing the rows of these events."""

    event_ids: tuple[str, ...]


class ReadAll(_Bare):
    """Decide again knowing every row of the journey: a claim for a wait that is not tracked shows nowhere else."""


class ReadAgain(_Bare):
    """Decide again knowing whether the journey is still as it was read: its rows were not read at one moment."""


class AskExecution(_Bare):
    """Decide again knowing whether the journey's execution runs."""


class AskWaits(NamedTuple):
    """Decide again knowing which waits Step Functions still holds open, and (*stored*) if it has others, too."""

    stored: bool = False


class AskWait(NamedTuple):
    """Decide again knowing whether Step Functions still holds this wait open: what is noted for it asks nobody else."""

    wait: OpenWait


class Claim(NamedTuple):
    """Claim this event for this wait, and finish the claim.

    *variant*: the position, in what the wait accepts, of what the event is. *row*: its row, where it was kept.
    """

    event: Event
    wait: OpenWait
    variant: int
    row: EventRow | None = None


class Note(NamedTuple):
    """Note the event in the journey's story, as this wait says: it stays where it is. The rest as of a `Claim`."""

    event: Event
    wait: OpenWait
    variant: int
    row: EventRow | None = None


class Keep(NamedTuple):
    """Keep the event; *settle_at* and the token that it is *held_for* are None unless it is contested.

    *listed*: a wait could ask for it, so that the journey's row has to name it.
    """

    settle_at: float | None = None
    held_for: str | None = None
    listed: bool = True


class SendTimers(NamedTuple):
    """Have the event looked at again: at its deadline, or before that, when it has settled, if it is contested."""

    deadline: float | None
    settle_at: float | None = None


class SettleTimers(NamedTuple):
    """Have each of these contested events looked at again: event id, and when."""

    events: tuple[tuple[str, float], ...]


class Finish(NamedTuple):
    """Finish what somebody began with this row: a claim, a failure or a report."""

    row: EventRow


class ClaimFailure(NamedTuple):
    """The journey fails: take the event out of play together with the wait whose token reports it."""

    wait: OpenWait
    deviation: Deviation


class ClaimReport(NamedTuple):
    """Take the event out of play and report it; no journey fails."""

    deviation: Deviation
    is_start: bool = False


class ClaimRepeated(_Bare):
    """Take a start event out of play: it is the one that began the journey that runs, published again."""


class ComeBack(NamedTuple):
    """Nothing can be said yet; look again at *at*."""

    row: EventRow
    at: float
    reason: str


class ClaimStart(NamedTuple):
    """A start event begins a new journey in place of *journey* (which has ended, or never was)."""

    journey: Journey
    row: EventRow | None = None


class GiveWay(NamedTuple):
    """An older start event waits as well: have that one looked at now, and this one again at *poll_at*."""

    first: str
    poll_at: float


class HandToStart(_Bare):
    """A kept start event may begin its journey now: that is the start function's to do."""


class HandToResume(_Bare):
    """A start event is being reported: that is the resume function's to finish."""


class Drop(NamedTuple):
    """Nothing to do. *duplicate*: the event was done before."""

    duplicate: bool = False


#: What must be known before it can be decided.
Inquiry = ReadRows | ReadAll | ReadAgain | AskExecution | AskWaits | AskWait
EventAction = (
    Claim
    | Note
    | Keep
    | SendTimers
    | Finish
    | ClaimFailure
    | ClaimReport
    | ClaimRepeated
    | ComeBack
    | HandToStart
    | Drop
)
StartAction = ClaimStart | GiveWay | Finish | Keep | SendTimers | HandToResume | ClaimReport | Drop
StreamAction = Finish | Claim | Note | SettleTimers | Drop
EventStep = Inquiry | EventAction
StartStep = ReadRows | AskExecution | StartAction
StreamStep = ReadRows | AskWaits | AskWait | StreamAction


class Question(NamedTuple):
    """All that a decision may rest on. *now* was read before the table was.

    *asked*: what Step Functions said of the open waits; *open_token*: the token of one that it was asked about alone.
    *redelivered*: the message had come before, in vain.
    *redelivery_seconds*: how long a message may take to come again. *arrived_at*: when the event first came, if it
    waited until it was known whose it is.
    """

    kind: Kind
    event: Event
    choreography: ChoreographySettings
    snapshot: Snapshot
    now: float
    execution: ExecutionState | None = None
    asked: Asked | None = None
    redelivered: bool = False
    redelivery_seconds: float = 0.0
    arrived_at: float | None = None
    open_token: str = ""

    @property
    def row(self) -> EventRow | None:
        """The table's row of the event in question."""
        return self.snapshot.row(self.event.event_id)

    @property
    def journey(self) -> Journey:
        """The journey in question."""
        return self.snapshot.journey

    @property
    def is_known(self) -> bool:
        """Whether the choreography knows events of this name."""
        return self.event.name in self.choreography.events

    @property
    def event_id(self) -> str:
        """The id of the event in question."""
        return self.event.event_id


class StreamQuestion(NamedTuple):
    """All that may be known where a journey has changed: which event it is about is the answer."""

    choreography: ChoreographySettings
    snapshot: Snapshot
    now: float
    execution: ExecutionState | None = None
    asked: Asked | None = None
    event_id: str = ""
    open_token: str = ""
