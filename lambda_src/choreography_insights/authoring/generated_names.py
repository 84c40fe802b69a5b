"""The names of the states that the compiler adds to those of the author."""

from collections.abc import Iterator

from choreography_insights.authoring.workflow import All, Await, Item, State, Variant

UNEXPECTED_EVENT = "UnexpectedEvent"
UNEXPECTED_TRANSITION = "UnexpectedTransition"


def choice_name(state: Await) -> str:
    """Return the name of the Choice behind *state*."""
    return f"{state.name.text}?"


def branch_name(state: All, item: Item) -> str:
    """Return the name of the wait for *item* in *state*."""
    return f"{state.name.text}.{item.name.text}"


def needs_choice(variants: tuple[Variant, ...]) -> bool:
    """Whether there is something to choose: the variants lead to more than one state."""
    return len({variant.next.text for variant in variants}) > 1


def added_by(state: State) -> Iterator[str]:
    """Yield the names of the states that *state* brings with it."""
    if isinstance(state, Await) and needs_choice(state.variants):
        yield choice_name(state)
    if isinstance(state, All):
        yield from (branch_name(state, item) for item in state.items)
