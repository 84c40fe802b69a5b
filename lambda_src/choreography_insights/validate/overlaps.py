"""Events that a state could never tell apart, or never see."""

from collections.abc import Iterator, Mapping, Sequence

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, Spot, suggestion
from choreography_insights.model.names import is_followed_by_choice
from choreography_insights.model.patterns import Pattern, can_match, covers, may_overlap
from choreography_insights.model.workflow import (
    ANYTHING,
    All,
    Branch,
    Choose,
    Condition,
    Gate,
    Name,
    Parallel,
    State,
    Workflow,
    accepted,
    anytime,
    awaited_events,
    awaits,
    branches,
    conditions,
    data_read,
    leaving,
    lessons,
    memories,
    nested,
    spread,
)


def entries_that_begin_journeys(workflow: Workflow) -> Iterator[Problem]:
    """Of an event that is awaited too, those that begin a journey move none."""
    starts = {start.event.text: start for start in workflow.starts if start.when is not None}
    for state in awaits(workflow):
        for variant in state.variants:
            start = starts.get(variant.event.text)
            if start is not None and covers(start.when, variant.when):
                yield variant.spot.problem(
                    catalogue.ENTRY_BEGINS_JOURNEYS,
                    f"every {variant.event.text!r} that fits this 'when' begins a journey, as 'start' says at line "
                    f"{start.event.spot.at.line}, so this entry is never reached; change one of the two",
                )


def entries_that_nothing_reaches(workflow: Workflow) -> Iterator[Problem]:
    """Entries are tried in order: none may follow one that takes all that it would."""
    for waiting in awaits(workflow):
        for index, variant in enumerate(waiting.variants):
            earlier = [other for other in waiting.variants[:index] if other.event == variant.event]
            what = f"every {variant.event.text!r}"
            yield from _shadowed(variant.condition, variant.spot, [(one.condition, one.spot) for one in earlier], what)
    for state in nested(workflow.states):
        if isinstance(state, Choose):
            for index, option in enumerate(state.options):
                before = [(one.condition, one.spot) for one in state.options[:index]]
                yield from _shadowed(option.condition, option.spot, before, "everything")


def ids_that_nothing_reaches(workflow: Workflow) -> Iterator[Problem]:
    """Of the places at which events of one name carry the id, none may follow one that takes all that it would."""
    for one in workflow.events:
        start = next((start for start in workflow.starts if start.event == one.event and start.entity), None)
        own = [(Condition(entry.when), entry.spot) for entry in one.entries]
        if one.entity:
            own = [(ANYTHING, one.event.spot)]
        for position, (condition, spot) in enumerate(own):
            if start is not None and covers(start.when, condition.when):
                yield spot.problem(
                    catalogue.UNREACHABLE_ENTRY,
                    f"'start' says at line {start.event.spot.at.line} where each such {one.event.text!r} carries the "
                    "id, so what is said here is never read; remove one of the two",
                )
            else:
                yield from _shadowed(condition, spot, own[:position], f"every {one.event.text!r}")


def _shadowed(
    condition: Condition, spot: Spot, earlier: Sequence[tuple[Condition, Spot]], what: str
) -> Iterator[Problem]:
    for other, at in earlier:
        line = at.at.line
        if other.is_open:
            yield spot.problem(
                catalogue.UNREACHABLE_ENTRY,
                f"the entry at line {line} has no 'when' and takes {what}, so this one is never "
                "reached; put the entry without 'when' last",
            )
            return
        if other == condition:
            yield spot.problem(
                catalogue.UNREACHABLE_ENTRY,
                f"the entry at line {line} has the same 'when', so this one is never reached; change one or remove it",
            )
            return
        if _takes_all_of(other, condition):
            yield spot.problem(
                catalogue.UNREACHABLE_ENTRY,
                f"the entry at line {line} takes all that fits this 'when', so this one is never reached; put the "
                "narrower one first",
            )
            return


def _takes_all_of(wide: Condition, narrow: Condition) -> bool:
    return covers(wide.when, narrow.when) and covers(wide.remembered, narrow.remembered)


def patterns_that_never_match(workflow: Workflow) -> Iterator[Problem]:
    """A ``when`` must not contradict itself."""
    message = "no event can match this 'when': its parts contradict each other; change or remove it"
    for start in workflow.starts:
        if start.when is not None and not can_match(start.when):
            yield start.event.spot.problem(catalogue.CONTRADICTION, message)
    for entry in (entry for one in workflow.events for entry in one.entries):
        if entry.when is not None and not can_match(entry.when):
            yield entry.spot.problem(catalogue.CONTRADICTION, message)
    for condition, spot in _all_conditions(workflow):
        if condition.when is not None and not can_match(condition.when):
            yield spot.problem(catalogue.CONTRADICTION, message)
        if condition.remembered is not None and not can_match(condition.remembered):
            yield spot.problem(
                catalogue.CONTRADICTION,
                "nothing can match this 'remembered': its parts contradict each other; change or remove it",
            )


def _all_conditions(workflow: Workflow) -> Iterator[tuple[Condition, Spot]]:
    yield from ((entry.condition, entry.spot) for entry in workflow.anytime)
    for state in nested(workflow.states):
        yield from conditions(state)


def event_in_two_branches(workflow: Workflow) -> Iterator[Problem]:
    """The branches of an ``all`` wait at the same time, so an event must belong to one of them."""
    for state in nested(workflow.states):
        if not isinstance(state, All):
            continue
        seen: dict[str, Name] = {}
        for item in state.items:
            first = seen.setdefault(item.event.text, item.name)
            if first is not item.name:
                yield item.event.spot.problem(
                    catalogue.EVENT_IN_TWO_BRANCHES, _two_branches(item.event.text, first.text)
                )


def event_in_two_parallel_branches(workflow: Workflow) -> Iterator[Problem]:
    """Branches run at the same time, so an event must be for one of them, by its name or by its detail."""
    for state in nested(workflow.states):
        if isinstance(state, Parallel):
            yield from _ambiguous(state.branches)


def _ambiguous(beside: Sequence[Branch]) -> Iterator[Problem]:
    seen: dict[str, list[tuple[Name, Pattern | None]]] = {}
    for branch in beside:
        own: dict[str, list[tuple[Name, Pattern | None]]] = {}
        for state in nested(branch.states):
            for event, when in accepted(state):
                clash = next((name for name, other in seen.get(event.text, ()) if may_overlap(when, other)), None)
                if clash is not None:
                    yield event.spot.problem(catalogue.EVENT_IN_TWO_BRANCHES, _two_branches(event.text, clash.text))
                if (branch.name, when) not in own.setdefault(event.text, []):
                    own[event.text].append((branch.name, when))
        for name, accepting in own.items():
            seen.setdefault(name, []).extend(accepting)


_ACCEPTED: Mapping[Gate | None, str] = {
    None: "at any time already, by the 'anytime'",
    "done": "when all are done already, by the 'until'",
    "untouched": "in place of them all already, by the 'instead'",
}


def event_in_a_group_and_at_any_time(workflow: Workflow) -> Iterator[Problem]:
    """What is accepted at any time must not be awaited inside, where it would be for both.

    What is only noted may be: the state that awaits it comes first.
    """
    told: set[Spot] = set()
    for state in nested(spread(workflow).states):
        entries = leaving(anytime(state))
        for event, when in _inside(state) if entries else ():
            clash = next((one for one in entries if one.event == event and may_overlap(when, one.when)), None)
            if clash is not None and event.spot not in told:
                told.add(event.spot)
                yield event.spot.problem(
                    catalogue.EVENT_IN_TWO_BRANCHES,
                    f"{event.text!r} is accepted {_ACCEPTED[clash.gate]} at line {clash.spot.at.line}, and "
                    "which of the two an event belongs to cannot be told; keep one of them",
                )


def _inside(state: State) -> Iterator[tuple[Name, Pattern | None]]:
    if isinstance(state, All):
        yield from ((item.event, None) for item in state.items)
    for branch in branches(state):
        for inner in nested(branch.states):
            yield from accepted(inner)


def _two_branches(event: str, branch: str) -> str:
    return (
        f"{event!r} is awaited by {branch!r} too, and which of the two an event "
        "belongs to cannot be told; give them different events"
    )


def settings_of_events_never_awaited(workflow: Workflow) -> Iterator[Problem]:
    """What is said of an event must be of one that begins a journey or moves it."""
    known = {*awaited_events(workflow), *(start.event.text for start in workflow.starts)}
    for settings in workflow.events:
        if settings.event.text in known and settings.retired:
            yield settings.event.spot.problem(
                catalogue.RETIRED_BUT_KNOWN,
                f"{settings.event.text!r} is retired, and yet begins a journey or is awaited; take out 'retired', or "
                "let no state await it",
            )
        elif settings.event.text not in known and not settings.retired:
            remedy = suggestion(settings.event.text, known, "the events of the states")
            yield settings.event.spot.problem(
                catalogue.UNKNOWN_EVENT, f"no state awaits {settings.event.text!r}; {remedy}"
            )


def fields_never_remembered(workflow: Workflow) -> Iterator[Problem]:
    """What is asked of the journey's memory must be in it."""
    gathered = [lesson for state in nested(workflow.states) for lesson in lessons(state)]
    known = {memory.name.text for memory in memories(workflow)} | {lesson.name.text for lesson in gathered}
    asked = [(lesson.of.text, lesson.of.spot) for lesson in gathered]
    asked += [
        (name, spot)
        for condition, spot in _all_conditions(workflow)
        if condition.remembered is not None
        for name in _first_names(condition.remembered)
    ]
    for state in nested(workflow.states):
        asked += [(str(data.path[1]), data.spot) for data in data_read(state) if data.path[0] == "remembered"]
    for name, spot in dict.fromkeys(asked):
        if name not in known:
            remedy = suggestion(name, known, "the names that something is remembered under")
            remedy = remedy if known else "write 'remember' where the event with it comes"
            yield spot.problem(catalogue.NEVER_REMEMBERED, f"nothing is remembered under {name!r}; {remedy}")


def memory_changed_while_it_is_asked_for(workflow: Workflow) -> Iterator[Problem]:
    """Which entry an event takes is found out by the functions, and by a Choice that knows what they remember with it.

    So what one entry asks of the memory must not be changed by itself, or by one that is tried after it.
    """
    for state in awaits(spread(workflow)):
        if is_followed_by_choice(state):
            for position, variant in enumerate(state.variants):
                asked = {
                    name: other.spot.at.line
                    for other in reversed(state.variants[: position + 1])
                    if other.event == variant.event and other.condition.remembered is not None
                    for name in _first_names(other.condition.remembered)
                }
                for memory in variant.remember:
                    if memory.name.text in asked:
                        yield memory.name.spot.problem(
                            catalogue.MEMORY_CHANGED_WHILE_READ,
                            f"the entry at line {asked[memory.name.text]} asks what is remembered under "
                            f"{memory.name.text!r}, and would see this already; remember it under another name here",
                        )


def _first_names(pattern: Pattern) -> Iterator[str]:
    yield from dict.fromkeys(str(test.path[0]) for test in pattern.tests)
    for alternatives in pattern.choices:
        for alternative in alternatives:
            yield from _first_names(alternative)


RULES = (
    entries_that_begin_journeys,
    entries_that_nothing_reaches,
    ids_that_nothing_reaches,
    patterns_that_never_match,
    event_in_two_branches,
    event_in_two_parallel_branches,
    event_in_a_group_and_at_any_time,
    memory_changed_while_it_is_asked_for,
)
WHOLE_RULES = (settings_of_events_never_awaited, fields_never_remembered)
"""What is asked of all events and all that is remembered, and so only where all of a definition could be read."""
