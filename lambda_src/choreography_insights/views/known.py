"""What is known of choreographies and their journeys: the values that views show, wherever they come from.

Times are seconds since 1970, spans are seconds. A journey's *key* is what links lead to it by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from choreography_insights.views.histogram import Histogram
from choreography_insights.views.layout import Layout, all_boxes
from choreography_insights.views.trace import Trace, Transition

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
ENDS: Sequence[Status] = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")

Mark = Literal["early", "contested", "unexpected", "again"]
"""What may be said of an event: kept until its turn came; held since another could overtake it; not accepted by any
state; not counted, as one like it is."""


@dataclass(frozen=True, slots=True)
class OpenWait:
    """A wait that is open: where, since when, and which events are accepted there."""

    state: str
    since: float
    accepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiter:
    """Who waits in a state. *key* is None where no more is known of the journey."""

    entity: str
    since: float
    accepts: tuple[str, ...] = ()
    key: str | None = None


@dataclass(frozen=True, slots=True)
class StateKnown:
    """What is known of a state, or of one of the events that an ``all`` waits for.

    *longest*: who waits there longest, of the *waiting*. *expected*: how long a stay is meant to take, at most.
    *overdue*: how many wait longer than that. *uncounted*: more wait there than were counted. *done*: a line that is
    here is done, and only may go on.
    """

    name: str
    waiting: int = 0
    oldest: float | None = None
    late: int = 0
    entered: int = 0
    ended: int = 0
    spent: Histogram = field(default_factory=Histogram)
    expected: float | None = None
    overdue: int | None = None
    longest: tuple[Waiter, ...] = ()
    uncounted: bool = False
    done: bool = False

    def is_late(self, seconds: float) -> bool:
        """Whether a stay of so many *seconds* is longer than 95 % of them; nothing is late where it is done."""
        return not self.done and self.spent.is_late(seconds)

    def is_overdue(self, seconds: float) -> bool:
        """Whether a stay of so many *seconds* is longer than it is meant to be."""
        return self.expected is not None and seconds > self.expected


@dataclass(frozen=True, slots=True)
class Deviation:
    """An event that moved nothing. *states*: the waits that it met, with what each accepts.

    *nearest*: the event that may be meant, where nobody knows this one.
    """

    at: float
    entity: str
    event: str
    event_id: str
    time: float
    reason: str
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()
    nearest: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class DeviationGroup:
    """Deviations by the same event, in the same state, for the same reason; *examples* are some of them."""

    event: str
    state: str
    reason: str
    count: int
    examples: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True)
class StoryStep:
    """Something that happened to a journey, by an event or without one (then *event* is empty).

    *at* is when it happened, *time* when the event says that it did. *repeats*: how often the event came again, at
    least; *repeated*: when it did so last, where that is known. *count*: how many have come that count, and how many it
    takes, of one that is *counted*.
    """

    at: float
    what: Literal["began", "moved", "counted", "noted", "onward", "timeout", "unexpected", "ended"]
    state: str = ""
    next: str = ""
    event: str = ""
    event_id: str = ""
    time: float = 0.0
    marks: tuple[Mark, ...] = ()
    repeats: int = 0
    repeated: float | None = None
    count: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay in a state; *left* is None while it lasts. *cut*: it ended with what is around it."""

    state: str
    entered: float
    left: float | None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class JourneyKnown:
    """One journey's story. *layout* is that of the definition it runs, where that is an older one.

    *untold*: it has more events than were read.
    """

    key: str
    entity: str
    status: Status
    state: str
    started: float
    ended: float | None
    events: int
    trace: Trace
    story: tuple[StoryStep, ...] = ()
    visits: tuple[Visit, ...] = ()
    waits: tuple[OpenWait, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    error: str | None = None
    layout: Layout | None = None
    elsewhere: tuple[tuple[str, str], ...] = ()
    """More about it in other places: words, and an address."""
    untold: bool = False
    names: tuple[tuple[str, str], ...] = ()
    """Other names of the entity: of which kind each is, and the name."""


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """One journey in a list. *state* is empty and *events* None where that is not known.

    *key* is None where its story was not kept.
    """

    entity: str
    status: Status
    state: str
    started: float
    ended: float | None
    events: int | None
    deviations: int = 0
    late: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What began and what ended in the hour or day that begins *at*."""

    at: float
    started: int = 0
    ended: Mapping[Status, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curve:
    """What happened hour by hour, or day by day: *step* in seconds."""

    step: float
    points: tuple[CurvePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """A range of time."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class ChoreographyKnown:
    """What is known of a choreography in a *period*.

    *transitions*: how often each was taken. *exits*: how often each ``all`` was left, other than by its timeout.
    *deviations*: how many events moved nothing, of which *groups* shows some. *uncounted*: more run than were counted.
    """

    name: str
    layout: Layout
    period: Period | None = None
    description: str = ""
    running: int = 0
    started: int = 0
    outcomes: Mapping[tuple[Status, str], int] = field(default_factory=dict)
    states: Mapping[str, StateKnown] = field(default_factory=dict)
    transitions: Mapping[Transition, int] = field(default_factory=dict)
    exits: Mapping[str, int] = field(default_factory=dict)
    curve: Curve | None = None
    deviations: int = 0
    groups: tuple[DeviationGroup, ...] = ()
    overdue: int | None = None
    uncounted: bool = False
    owners: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The author's state that each box of the picture is, or is a part of."""

    def __post_init__(self) -> None:
        owners = {box.name: box.inside or box.name for box, _ in all_boxes(self.layout)}
        object.__setattr__(self, "owners", owners)

    def ended(self, status: Status) -> int:
        """How many journeys ended so."""
        return sum(times for (one, _), times in self.outcomes.items() if one == status)

    @property
    def late(self) -> int:
        """How many journeys are in their outermost state for longer than 95 % were; each counts once."""
        return sum(self.state(box.name).late for box, _ in self.layout.boxes)

    def state(self, name: str) -> StateKnown:
        """What is known of a state, if only its name."""
        return self.states.get(name) or StateKnown(name)

    @property
    def slowest(self) -> StateKnown | None:
        """The state that took longest, by the median."""
        left = [state for state in self.states.values() if state.spent.median > 0]
        return max(left, key=lambda state: state.spent.median, default=None)

    @property
    def oldest(self) -> StateKnown | None:
        """The state in which somebody waits longest."""
        held = [state for state in self.states.values() if state.oldest is not None]
        return min(held, key=lambda state: state.oldest or 0.0, default=None)
