"""Events that a state could never tell apart, or never see."""

from collections.abc import Iterator

from choreography_insights.authoring.patterns import can_match
from choreography_insights.authoring.problems import Problem
from choreography_insights.authoring.workflow import All, Await, Name, Variant, Workflow, accepted


def start_event_awaited_again(workflow: Workflow) -> Iterator[Problem]:
    """A start event begins a journey; it can not also move one that runs."""
    starts = {name.text for name in workflow.starts}
    reported = set()
    for state in workflow.states:
        for event, _ in accepted(state):
            if event.text in starts and event.spot not in reported:
                reported.add(event.spot)
                yield event.spot.problem(
                    f"{event.text!r} is a start event and always begins a journey, so no state can await it; "
                    "let the services send an event of another name here"
                )


def entries_that_nothing_reaches(workflow: Workflow) -> Iterator[Problem]:
    """Entries are tried in order: none may follow one that takes every event, or repeat one."""
    for state in workflow.states:
        if isinstance(state, Await):
            for index, variant in enumerate(state.variants):
                yield from _shadowed(variant, state.variants[:index])


def _shadowed(variant: Variant, earlier: tuple[Variant, ...]) -> Iterator[Problem]:
    for other in earlier:
        if other.event != variant.event:
            continue
        line = other.spot.at.line
        if other.when is None:
            yield variant.spot.problem(
                f"the entry at line {line} has no 'when' and takes every {variant.event.text!r}, so this one is never "
                "reached; put the entry without 'when' last"
            )
            return
        if other.when == variant.when:
            yield variant.spot.problem(
                f"the entry at line {line} has the same 'when', so this one is never reached; change one or remove it"
            )
            return


def patterns_that_never_match(workflow: Workflow) -> Iterator[Problem]:
    """A ``when`` must not contradict itself."""
    for state in workflow.states:
        if isinstance(state, Await):
            for variant in state.variants:
                if variant.when is not None and not can_match(variant.when):
                    yield variant.spot.problem(
                        "no event can match this 'when': its parts contradict each other; change or remove it"
                    )


def event_in_two_branches(workflow: Workflow) -> Iterator[Problem]:
    """The branches of an ``all`` wait at the same time, so an event must belong to one of them."""
    for state in workflow.states:
        if not isinstance(state, All):
            continue
        seen: dict[str, Name] = {}
        for item in state.items:
            first = seen.setdefault(item.event.text, item.name)
            if first is not item.name:
                yield item.event.spot.problem(
                    f"{item.event.text!r} is awaited by the branch {first.text!r} too, and which of the two an event "
                    "belongs to cannot be told; give them different events"
                )


RULES = (start_event_awaited_again, entries_that_nothing_reaches, patterns_that_never_match, event_in_two_branches)
