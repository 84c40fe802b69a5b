"""Choreographies on one source: where the events of one would be deviations of another."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, listed
from choreography_insights.model.patterns import Pattern, may_overlap
from choreography_insights.model.workflow import Name, Workflow, accepted, awaited_events, nested, retired_events


def events_of_others(workflows: Sequence[Workflow]) -> Iterator[Problem]:
    """Yield what is to be said of each of *workflows* because another of them is there, too."""
    for own, other in permutations(workflows, 2):
        if own.name != other.name:
            if own.capture == "all":
                yield from _unknown(own, other)
            yield from _awaited_by_both(own, other)


def _unknown(own: Workflow, other: Workflow) -> Iterator[Problem]:
    """Events that only the other knows, where the one hears of all."""
    known = {*_known(own), *retired_events(own)}
    names = [event for event in _known(other) if event not in known and _heard_by_both(own, other, event)]
    if names:
        yield own.spot_of("capture").problem(
            catalogue.EVENTS_OF_ANOTHER,
            f"'capture: all' hears of {listed(names)}, which {_named(other)} knows and no state here accepts, so they "
            "would be deviations; leave 'capture' out, or say by a 'where' which events are meant",
        )


def _awaited_by_both(own: Workflow, other: Workflow) -> Iterator[Problem]:
    for event in awaited_events(own):
        if event in _known(other) and _heard_by_both(own, other, event):
            wheres = [own.where_of(event, source) for source in _sources(own, other, event)]
            here = _patterns(own, event)
            heard = [one for one in _patterns(other, event) if any(may_overlap(one, where) for where in wheres)]
            shared = [any(may_overlap(one, pattern) for pattern in here) for one in heard]
            if not all(shared):
                yield _first(own, event).spot.problem(
                    catalogue.EVENTS_OF_ANOTHER,
                    f"{_named(other)} accepts an {event!r} that fits no entry here, so it would be a deviation; say by "
                    "a 'where' which of these events are meant",
                )
            elif shared and not _follow_each_other(own, other):
                yield _first(own, event).spot.problem(
                    catalogue.EVENTS_OF_ANOTHER,
                    f"{_named(other)} awaits {event!r} too, and its journeys begin by other events; one that is about "
                    "none of the entities here would be a deviation; say by a 'where' which of these events are meant",
                )


def _heard_by_both(own: Workflow, other: Workflow, event: str) -> bool:
    return any(
        may_overlap(own.where_of(event, source), other.where_of(event, source))
        for source in _sources(own, other, event)
    )


def _sources(own: Workflow, other: Workflow, event: str) -> list[str]:
    """Return where events of this name come from for both."""
    sources = {source.text for source in other.sources_of(event)}
    return [source.text for source in own.sources_of(event) if source.text in sources]


def _follow_each_other(own: Workflow, other: Workflow) -> bool:
    """Whether one hears of an event that begins journeys of the other: then both may follow the same entities."""
    return any(
        start.event.text in _known(two) and _heard_by_both(one, two, start.event.text)
        for one, two in ((own, other), (other, own))
        for start in one.starts
    )


def _known(workflow: Workflow) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(start.event.text for start in workflow.starts), *awaited_events(workflow))))


def _patterns(workflow: Workflow, event: str) -> list[Pattern | None]:
    """Return what the choreography asks of the events of this name, wherever it accepts one."""
    awaited = [when for name, when in _accepted(workflow) if name.text == event]
    starts = [start.when for start in workflow.starts if start.event.text == event]
    return [*starts, *awaited]


def _first(workflow: Workflow, event: str) -> Name:
    """Return where the event is awaited first."""
    return next(name for name, _ in _accepted(workflow) if name.text == event)


def _accepted(workflow: Workflow) -> Iterator[tuple[Name, Pattern | None]]:
    """Yield what the choreography accepts in some state, or at any time."""
    for state in nested(workflow.states):
        yield from accepted(state)
    yield from ((entry.event, entry.when) for entry in workflow.anytime)


def _named(workflow: Workflow) -> str:
    return f"{workflow.name.text!r} ({workflow.name.spot.at.file})"
