"""A scenario: a choreography, the events that come, what may go wrong, and what must come of it."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from .choreographies import CHOREOGRAPHIES, Choreography

#: How the executions end, by the number of the start event: "R" if it still runs, None if there is none.
Ends = tuple[str | None, ...]
#: When deadlines may pass. "quiet": when all else is done. "redelivery": when all else is done but what hangs on the
#: messages of younger events, and of older ones that were taken in vain more often than the deadline allows for.
#: "recorded": when all events have a row, however much hangs. "any": at any moment.
Grace = Literal["quiet", "redelivery", "recorded", "any"]


@dataclass(frozen=True)
class Scenario:
    """*events*: in the order of their times; "S" begins a journey. They come in any order.

    *repeated* are delivered twice. How often may go wrong: *crashes* (a function dies or is slow, or a stream record
    comes again), *retries* (Step Functions tries a state again), *aborts* (somebody ends an execution), *throttles*
    (the write of a wait is put off). *submits*: a wait is in the table before its token is good; *early_ok*: and yet
    it is. *lags*: an execution takes time between states. *two_reads*: the rows of events are read after the JOURNEY
    row. *apart*: each wait has a row of its own, as inside an `each`; those of the first line are read after the
    JOURNEY row, the others, and the rows of events, after them. *zombies*: writes of abandoned tasks land. *closes*:
    status events come. *forgets*: rows of done events expire too early. *starts_first*: no start event is overtaken.
    *alike*: all start events say the same. *teaches*: events that teach another name of the entity. *under_name*: those
    that come under it. *taken*: that name is another entity's.
    """

    of: str
    events: str
    ends: AbstractSet[Ends] | None = None
    reports: Literal["none", "some", "any"] = "none"
    repeated: tuple[int, ...] = ()
    crashes: int = 1
    retries: int = 0
    aborts: int = 0
    throttles: int = 0
    grace: Grace = "quiet"
    policy: Literal["fail", "report"] = "fail"
    submits: bool = False
    early_ok: bool = True
    lags: bool = False
    two_reads: bool = False
    apart: bool = False
    zombies: bool = False
    closes: bool = False
    forgets: bool = False
    starts_first: bool = False
    alike: bool = False
    teaches: tuple[int, ...] = ()
    under_name: tuple[int, ...] = ()
    taken: bool = False
    known_bad: str = ""

    @cached_property
    def choreography(self) -> Choreography:
        """What the journeys follow."""
        return CHOREOGRAPHIES[self.of]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of each event."""
        return tuple(self.events.split())

    @cached_property
    def count(self) -> int:
        """How many events come."""
        return len(self.names)

    @cached_property
    def known(self) -> int:
        """Those whose names the choreography knows."""
        return sum(1 << i for i, name in enumerate(self.names) if name in self.choreography.known)

    @cached_property
    def starts(self) -> int:
        """Those that begin a journey."""
        return sum(1 << i for i, name in enumerate(self.names) if name == "S")

    @cached_property
    def may_be_held(self) -> tuple[int, ...]:
        """Those that may have to settle: contested ones, and where journeys follow each other all."""
        contested, several = self.choreography.contested, self.names.count("S") > 1
        later = {name for name in self.names if name != "S" or self.choreography.awaits_starts} if several else set()
        return tuple(i for i, name in enumerate(self.names) if name in contested or name in later)
