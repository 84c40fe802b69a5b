"""A choreography as its definition says it: plain values, made by `parser`, trusted by everything after `rules`.

A new kind of state is a new class in the union `State`; type checking then names every place that must know it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from choreography_insights.authoring.paths import FieldPath
from choreography_insights.authoring.patterns import Pattern
from choreography_insights.authoring.problems import Spot


@dataclass(frozen=True, slots=True)
class Name:
    """A name (of a state, an event, a source) and where it is written; equal if the text is."""

    text: str
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Timeout:
    """After so long without the awaited event, the journey goes on to *next*."""

    seconds: int
    next: Name
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way out of an `Await`: an event, perhaps only if its detail matches *when*, leads to *next*."""

    event: Name
    when: Pattern | None
    next: Name
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One of the events that an `All` waits for, under the short name that the wait bears."""

    name: Name
    event: Name


@dataclass(frozen=True, slots=True)
class Await:
    """Waits for one event; the first of *variants* that accepts it says where the journey goes."""

    name: Name
    variants: tuple[Variant, ...]
    timeout: Timeout | None


@dataclass(frozen=True, slots=True)
class All:
    """Waits for every one of *items*, in any order, then goes on to *next*."""

    name: Name
    items: tuple[Item, ...]
    next: Name
    timeout: Timeout | None


@dataclass(frozen=True, slots=True)
class Succeed:
    """The journey ends well."""

    name: Name


@dataclass(frozen=True, slots=True)
class Fail:
    """The journey ends badly, with an error's name and its cause in words."""

    name: Name
    error: str
    cause: str | None


State = Await | All | Succeed | Fail

OnUnexpected = Literal["fail", "ignore"]
Capture = Literal["all", "known"]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A whole choreography. A journey begins in the first of *states*."""

    name: Name
    description: str | None
    entity: FieldPath
    time: FieldPath
    sources: tuple[Name, ...]
    starts: tuple[Name, ...]
    timeout_seconds: int
    early_seconds: int
    settle_seconds: int
    unexpected: OnUnexpected
    capture: Capture
    states: tuple[State, ...]
    spots: Mapping[str, Spot] = field(default_factory=dict, compare=False, repr=False, hash=False)
    """Where each top-level key is written."""

    def spot_of(self, key: str) -> Spot:
        """Return where *key* is written; if it is left to its default, where the choreography is named."""
        return self.spots.get(key, Spot(self.name.spot.at, key))


def targets(state: State) -> Iterator[Name]:
    """Yield every state that *state* can lead to, in the order of the definition, repeated as there."""
    match state:
        case Await():
            yield from (variant.next for variant in state.variants)
        case All():
            yield state.next
        case Succeed() | Fail():
            return
    if state.timeout:
        yield state.timeout.next


def accepted(state: State) -> Iterator[tuple[Name, Pattern | None]]:
    """Yield each event that *state* accepts, with the pattern its detail must match, if any."""
    match state:
        case Await():
            yield from ((variant.event, variant.when) for variant in state.variants)
        case All():
            yield from ((item.event, None) for item in state.items)
        case Succeed() | Fail():
            return


def awaited_events(workflow: Workflow) -> tuple[str, ...]:
    """Return the names of all events that some state accepts, sorted."""
    return tuple(sorted({event.text for state in workflow.states for event, _ in accepted(state)}))


def is_end(state: State) -> bool:
    """Whether a journey ends in *state*."""
    return isinstance(state, Succeed | Fail)
