"""The names of the states that the compiler adds to those of the author."""

from collections.abc import Iterator, Sequence

from choreography_insights.model.workflow import All, Await, Each, Item, Name, Parallel, State

UNEXPECTED_EVENT = "UnexpectedEvent"
UNEXPECTED_TRANSITION = "UnexpectedTransition"

DONE, LATE = "Choreography.Done", "Choreography.TimedOut"
"""The errors by which the two sides of a race end it."""


def choice_name(state: Await) -> str:
    """Return the name of the Choice behind *state*."""
    return f"{state.name.text}?"


def guard_name(state: Each) -> str:
    """Return the name of the Choice before *state*."""
    return f"{state.name.text}?"


def refusal_name(state: Each) -> str:
    """Return the name of the end that the guard before *state* leads to."""
    return f"{state.name.text}.Refused"


def branch_name(state: All, item: Item) -> str:
    """Return the name of the wait for *item* in *state*."""
    return f"{state.name.text}.{item.name.text}"


def racer_name(state: Parallel | Each, what: str) -> str:
    """Return the name of a state that *state* with a timeout is made of: Branches, Done, Deadline, TimedOut."""
    return f"{state.name.text}.{what}"


def entry_name(state: State) -> str:
    """Return where a way to *state* leads: to itself, or to what guards it."""
    return guard_name(state) if isinstance(state, Each) else state.name.text


def needs_choice(targets: Sequence[Name]) -> bool:
    """Whether there is something to choose: there is more than one of *targets*."""
    return len({target.text for target in targets}) > 1


def added_by(state: State) -> Iterator[str]:
    """Yield the names of the states that *state* brings with it."""
    match state:
        case Await():
            if needs_choice([variant.next for variant in state.variants]):
                yield choice_name(state)
        case All():
            yield from (branch_name(state, item) for item in state.items)
        case Each():
            yield from (guard_name(state), refusal_name(state))
    if isinstance(state, Parallel | Each) and state.timeout:
        yield from (racer_name(state, what) for what in ("Branches", "Done", "Deadline", "TimedOut"))
