"""How many items the list of an `each` may have: those that run at once, or as many as wait for their turn."""

from choreography_insights.model.workflow import (
    ITEMS_AT_ONCE,
    All,
    Await,
    Each,
    Parallel,
    State,
    Wait,
    Waiting,
    Workflow,
    lessons,
    nested,
)

MOST_ITEMS = 1_000
"""No list has more: so many numbers are in a range that Step Functions makes (`States.ArrayRange`)."""
_KEPT = 960
"""So many events may wait for lines that have yet to begin: of the thousand that a journey's row names, 40 are left."""
_HISTORY = 12_500
"""So many events of an execution's 25,000 tell of the lines: the rest is for what comes round again, and all else."""

PER_EVENT, ELSE = 8, 2
"""So many events of the history tell of one that was awaited, and of a state in which nothing is, at most."""


def most_items(workflow: Workflow, state: Each) -> int:
    """Return how many items the list of *state* may have.

    Those beyond `ITEMS_AT_ONCE` begin when others are done. So all must be done before anything else comes of them, and
    no time lead on in them: it would begin as late. An `each` in an `each` has too many lines as it is.
    """
    inside = [*nested(state.body.states)]
    is_outermost = any(one.name == state.name for one in workflow.states)
    may_be_left = state.timeout or state.anytime or state.need or workflow.anytime
    if not is_outermost or may_be_left or any(isinstance(one, Each) or _measures_time(one) for one in inside):
        return ITEMS_AT_ONCE
    return most_in_turn(sum(map(_events, inside)), sum(map(_happenings, inside)))


def most_in_turn(events: int, happenings: int) -> int:
    """Return how many items may wait for their turn, where so many *events* lead one through all of its states.

    *happenings*: so many events of the execution's history tell of it.
    """
    return max(ITEMS_AT_ONCE, min(MOST_ITEMS, ITEMS_AT_ONCE + _KEPT // max(1, events), _HISTORY // (2 + happenings)))


def _measures_time(state: State) -> bool:
    return isinstance(state, Wait) or (isinstance(state, Waiting) and state.timeout is not None)


def _events(state: State) -> int:
    """So many events lead through *state*."""
    match state:
        case Await():
            return max((one.quorum.times if one.quorum else 1 for one in state.variants if not one.stays), default=0)
        case All():
            return len(state.items)
        case _:
            return 0


def _happenings(state: State) -> int:
    """So many events of an execution's history tell of a way through *state*, at most."""
    match state:
        case Await():
            return PER_EVENT * _events(state) + 2 * state.counts
        case All():
            return 4 + 6 * len(state.items) + _of_group(state, len(state.items))
        case Parallel():
            return 4 + _of_group(state, len(state.branches))
        case _:
            return ELSE


def _of_group(state: All | Parallel, lines: int) -> int:
    """The same of what counts the *lines* of *state*, ends them, or knows what they remembered."""
    counting = 2 + 7 * lines if state.need else 0
    return counting + (20 if state.anytime else 0) + (6 if lessons(state) else 0)
