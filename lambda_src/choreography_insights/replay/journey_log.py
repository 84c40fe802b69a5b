"""What is remembered of a journey while it is replayed."""

from dataclasses import dataclass, field

from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Began, Cut, Deviation, Ended, Lapsed, Moved, Passed, Record, Running

Transition = tuple[str, str, str]
"""A state (`BEGIN` before the first), the event, `TIMEOUT` or `ONWARD` by which it is left, the state that comes."""

BEGIN = "(begin)"
TIMEOUT = "(timeout)"
ONWARD = "(onward)"


@dataclass(slots=True)
class Stay:
    """How often a state was left, after how many seconds in all, and after how many at most."""

    visits: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    def add(self, other: "Stay") -> None:
        """Count *other* in."""
        self.visits += other.visits
        self.seconds += other.seconds
        self.longest = max(self.longest, other.longest)


@dataclass(slots=True)
class ReplayedJourney:
    """One journey; *state* is where it ended or waits. *running* is None once it has ended.

    *stays* are those in the states that it, or a line of it, has left. *cut*: how often one in a state
    ended with what is around it, or in it.
    """

    entity: str
    started_by: Event
    started_at: float
    state: str
    entered_at: float
    status: str = "RUNNING"
    error: str | None = None
    ended_at: float | None = None
    running: Running | None = None
    events: int = 1
    stays: dict[str, Stay] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    transitions: dict[Transition, int] = field(default_factory=dict)
    deviations: list[Deviation] = field(default_factory=list)

    @classmethod
    def begun(cls, began: Began) -> "ReplayedJourney":
        """A journey that has just begun."""
        event, now = began.event, began.at
        journey = cls(event.entity, event, now, began.state, now)
        journey.transitions[BEGIN, event.name, began.state] = 1
        return journey

    @property
    def conforms(self) -> bool:
        """Whether it went as the choreography says: nothing unexpected, and not out of time."""
        return not self.deviations and self.status != "TIMED_OUT"

    def note(self, happening: Record) -> None:
        """Remember what has happened to it."""
        if isinstance(happening, Moved):  # as it mostly is
            at, event, state, _, following, stayed, whole = happening
            self.events += 1
            self._count((state, event.name, following))
            if stayed is not None:
                self._leave(state, stayed)
                if whole:
                    self.state, self.entered_at = following, at
        elif isinstance(happening, Ended):
            self.ended_at, self.status, self.state, self.error = happening
        elif isinstance(happening, Passed | Lapsed):
            at, state, following, stayed, whole = happening
            self._count((state, TIMEOUT if isinstance(happening, Lapsed) else ONWARD, following))
            self._leave(state, stayed)
            if whole:
                self.state, self.entered_at = following, at
        elif isinstance(happening, Cut):
            self.cut[happening.state] = self.cut.get(happening.state, 0) + 1
        elif isinstance(happening, Deviation):
            self.deviations.append(happening)
        else:
            raise TypeError(f"{happening} happens to no journey that runs")

    def _count(self, transition: Transition) -> None:
        self.transitions[transition] = self.transitions.get(transition, 0) + 1

    def _leave(self, state: str, seconds: float) -> None:
        stay = self.stays.get(state)
        if stay is None:
            stay = self.stays[state] = Stay()
        stay.visits += 1
        stay.seconds += seconds
        stay.longest = max(stay.longest, seconds)
