"""Deviations as views show them: by event, state and reason, with the event that may have been meant."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from choreography_insights.insights.counts import MOST_GROUPS, OTHER_EVENTS, Group
from choreography_insights.insights.rows import EventFound
from choreography_insights.views.flow import Flow
from choreography_insights.views.known import Deviation, DeviationGroup

OF_EACH_GROUP = 6


def deviation(entity: str, event: EventFound) -> Deviation:
    """Return what is shown of an *event* that was reported."""
    told = event.deviation
    return Deviation(
        at=event.deviated or 0.0,
        entity=entity,
        event=event.name,
        event_id=event.event_id,
        time=event.time,
        reason=told.reason if told else "",
        states=told.states if told else (),
        key=entity,
    )


def with_nearest(flow: Flow, one: Deviation) -> Deviation:
    """Return *one* with the event that may be meant. That takes a while to find, so it is for what is shown."""
    return replace(one, nearest=_nearest(flow, one.event))


def _nearest(flow: Flow, name: str) -> str | None:
    """Return the event that is known and may be meant by one that is not."""
    if name in flow.known:
        return None
    return next(iter(get_close_matches(name, sorted(flow.known), n=1)), None)


def met(flow: Flow, states: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return the author's state that the first of the waits belongs to that an event met; empty if it met none."""
    if not states:
        return ""
    name = wait = states[0][0]
    while name not in flow.states and "[" in name:
        name = name[: name.rindex("[")]
    state = flow.states.get(name)
    if state is None:
        return wait
    return state.owner


def groups(flow: Flow, counted: Mapping[Group, int], some: Iterable[Deviation]) -> tuple[DeviationGroup, ...]:
    """Return the groups, the largest first. *counted*: how many there are of each; *some* are the newest of all.

    What was counted may be a minute older than what was found: the larger number is true.
    """
    examples: dict[Group, list[Deviation]] = {}
    for one in sorted(some, key=lambda one: -one.at):
        examples.setdefault((one.event, met(flow, one.states), one.reason), []).append(one)
    sizes = {group: max(counted.get(group, 0), len(examples.get(group, ()))) for group in {**counted, **examples}}
    largest = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
    shown = [
        DeviationGroup(*group, count, _told(flow, examples.get(group, ())[:OF_EACH_GROUP]))
        for group, count in largest[:MOST_GROUPS]
    ]
    rest: Counter[str] = Counter()
    for (_, _, reason), count in largest[MOST_GROUPS:]:
        rest[reason] += count
    return (*shown, *(DeviationGroup(OTHER_EVENTS, "", reason, count, ()) for reason, count in rest.most_common()))


def _told(flow: Flow, some: Sequence[Deviation]) -> tuple[Deviation, ...]:
    """Return *some*, which are of one event, with the one that may be meant."""
    nearest = _nearest(flow, some[0].event) if some else None
    return tuple(replace(one, nearest=nearest) for one in some)
