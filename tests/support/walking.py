"""A walk through a definition, event by event in order: just enough to see where a simulation goes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from choreography_insights.core.fields import value_at
from choreography_insights.model.patterns import matches
from choreography_insights.model.workflow import All, Await, Workflow

Step = tuple[str, int]
"""A state that was left, and which of its ways was taken."""

START = ""


def ways_by_event(workflow: Workflow) -> Iterator[Step]:
    """Yield every way that events can take, the start events' from `START` first."""
    yield from ((START, position) for position in range(len(workflow.starts)))
    for state in workflow.states:
        if isinstance(state, Await):
            yield from ((state.name.text, position) for position in range(len(state.variants)))
        if isinstance(state, All):
            yield state.name.text, 0


def walk(workflow: Workflow, events: Sequence[Mapping[str, Any]]) -> tuple[str, list[Step]]:
    """Return the state in which *events* end, and the ways they take. Every event must be one that is awaited."""
    states = {state.name.text: state for state in workflow.states}
    names = [event["detailType"] for event in events]
    steps: list[Step] = [(START, [start.event.text for start in workflow.starts].index(names[0]))]
    here, position = workflow.states[0].name.text, 1
    came: dict[int, list[object]] = {}
    while position < len(events):
        state = states[here]
        if isinstance(state, Await):
            way = _variant(state, events[position])
            quorum = state.variants[way].quorum
            if quorum:
                own = value_at(quorum.distinct[1:], events[position]["detail"]) if quorum.distinct else position
                came.setdefault(way, []).extend([own] if own not in came.get(way, []) else [])
            position += 1
            if quorum is None or len(came[way]) == quorum.times:
                steps.append((here, way))
                here, came = state.variants[way].next.text, {}
        else:
            assert isinstance(state, All), f"{names[position]!r} comes after the end in {here}"
            taken = names[position : position + len(state.items)]
            assert sorted(taken) == sorted(item.event.text for item in state.items)
            steps.append((here, 0))
            here, position = state.next.text, position + len(state.items)
    return here, steps


def _variant(state: Await, event: Mapping[str, Any]) -> int:
    for position, variant in enumerate(state.variants):
        same = variant.event.text == event["detailType"]
        if same and (variant.when is None or matches(variant.when, event["detail"])):
            return position
    raise AssertionError(f"{state.name.text} does not accept {event}")
