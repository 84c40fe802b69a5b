"""What many journeys come to, in sum."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney, Stay, Transition


@dataclass(slots=True)
class StateSummary:
    """What happened in a state: how many journeys entered it, left it and when, ended in it, wait in it."""

    entered: int = 0
    stay: Stay = field(default_factory=Stay)
    ended: int = 0
    waiting: int = 0

    @property
    def mean(self) -> float:
        """Seconds from entering the state to leaving it."""
        return self.stay.seconds / self.stay.visits if self.stay.visits else 0.0


@dataclass(slots=True)
class Summary:
    """The sum of everything replayed. *events* are those that the choreography heard of, repeated ones aside."""

    choreography: Automaton
    events: int = 0
    repeated: int = 0
    unheard: int = 0
    unusable: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    conforming: int = 0
    deviations: Counter[str] = field(default_factory=Counter)
    states: dict[str, StateSummary] = field(default_factory=dict)
    transitions: Counter[Transition] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.states = {name: StateSummary() for name in self.choreography.places}

    @property
    def journeys(self) -> int:
        """How many there were."""
        return self.statuses.total()

    @property
    def conformance(self) -> float | None:
        """Which part of the journeys conforms; None where there is none."""
        return self.conforming / self.journeys if self.journeys else None

    @property
    def all_conform(self) -> bool:
        """Whether nothing departed from the choreography."""
        return self.conforming == self.journeys and not self.deviations and not self.unusable

    def add(self, told: ReplayedJourney | Deviation) -> None:
        """Count a journey, or a deviation that met none."""
        if isinstance(told, Deviation):
            self.deviations[told.reason] += 1
            return
        self.statuses[told.status] += 1
        self.conforming += told.conforms
        for deviation in told.deviations:
            self.deviations[deviation.reason] += 1
        for transition, times in told.transitions.items():
            self.transitions[transition] += times
        for name, stay in told.stays.items():
            state = self.states[name]
            state.entered += stay.visits
            state.stay.add(stay)
        for name, times in told.cut.items():
            self.states[name].entered += times
        last = self.states.setdefault(told.state, StateSummary())  # some ends are made by the compiler
        last.entered += 1
        if told.running is None:
            last.ended += 1
        else:
            last.waiting += 1
            for line in told.running.line.inner():
                inside = self.states[line.place.name]
                inside.entered += 1
                inside.waiting += 1

    def slowest(self, count: int = 3) -> Iterator[tuple[str, StateSummary]]:
        """Yield the states that journeys took longest to leave, the slowest first."""
        left = [(name, state) for name, state in self.states.items() if state.mean > 0]
        yield from sorted(left, key=lambda one: one[1].mean, reverse=True)[:count]
