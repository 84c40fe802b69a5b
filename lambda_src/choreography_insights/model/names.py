"""What states and ways are called: the names that the compiler adds to those of the author, and labels for people."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from choreography_insights.core import fields
from choreography_insights.core.durations import in_words
from choreography_insights.model.graph import opens_wait
from choreography_insights.model.lists import most_items
from choreography_insights.model.patterns import Pattern
from choreography_insights.model.workflow import (
    ITEMS_AT_ONCE,
    All,
    Await,
    Choose,
    Condition,
    DataPath,
    Each,
    Group,
    Item,
    Name,
    Parallel,
    Pass,
    Quorum,
    Start,
    State,
    Succeed,
    Variant,
    Wait,
    Waiting,
    Workflow,
    anytime,
    branches,
    goes_on,
    leaving,
    lessons,
    may_leave_lines,
    needed_lines,
    nested,
    spread,
    watch_name,
)

UNEXPECTED_EVENT = "UnexpectedEvent"
UNEXPECTED_TRANSITION = "UnexpectedTransition"
BEGUN_BY = "BegunBy?"
"""The Choice before all states, where start events lead apart."""

DONE, LATE, INTERRUPTED = "Choreography.Done", "Choreography.TimedOut", "Choreography.Interrupted"
"""The errors by which the sides of a race end it."""


def choice_name(state: Await) -> str:
    """Return the name of the Choice behind *state*."""
    return f"{state.name.text}?"


def guard_name(state: Each) -> str:
    """Return the name of the Choice before *state*."""
    return f"{state.name.text}?"


def refusal_name(state: Each) -> str:
    """Return the name of the end that the guard before *state* leads to without a list."""
    return f"{state.name.text}.Refused"


def excess_name(state: Each) -> str:
    """Return the name of the end that the guard before *state* leads to with too long a list."""
    return f"{state.name.text}.TooMany"


def queue_name(state: Each) -> str:
    """Return the name of the Pass that the guard before *state* leads to with more items than run at once."""
    return f"{state.name.text}.Queue"


def branch_name(state: All, item: Item) -> str:
    """Return the name of the wait for *item* in *state*."""
    return f"{state.name.text}.{item.name.text}"


def enough_name(line: str) -> str:
    """Return the name of the end of a line after which no other is needed; *line*: the state that it ends in."""
    return f"{line}.Enough"


def over_name(state: Await) -> str:
    """Return the name of the end of a line that is done in *state*: each must have one, though another ends it."""
    return f"{state.name.text}.Over"


def counting_name(state: All, item: Item) -> str:
    """Return the name of the Task that counts *item*, once its event has come."""
    return f"{branch_name(state, item)}.Counted"


def racer_name(state: Group, what: str) -> str:
    """Return the name of a state that *state* is made of if something may end it: see `_racers`."""
    return f"{state.name.text}.{what}"


def count_name(state: State) -> str:
    """Return the name of the Pass before *state* with which its counts begin."""
    return f"{state.name.text}.Count"


def left_name(state: Group) -> str:
    """Return the name of the state behind *state* to which its `anytime` leads."""
    return f"{state.name.text}.Left"


def left_choice_name(state: Group) -> str:
    """Return the name of the Choice behind that."""
    return f"{state.name.text}.Left?"


def lesson_names(state: State) -> tuple[str, str, str]:
    """Return the names of the states behind *state* in which what its lines remember becomes known."""
    name = state.name.text
    return f"{name}.Gathered", f"{name}.Remembered", f"{name}.Learned"


def arrival_name(state: State) -> str:
    """Return the name of the Task that tells of the arrival in *state*."""
    return f"{state.name.text}.Entered"


def entry_name(state: State) -> str:
    """Return where a way to *state* leads: to itself, or to what guards it."""
    match state:
        case Each():
            return guard_name(state)
        case Await() if state.counts:
            return count_name(state)
        case _:
            return begin_name(state)


def begin_name(state: State) -> str:
    """Return the name of what comes first of *state* behind its guard: itself, or the Pass with which counts begin."""
    return count_name(state) if tells_visits_apart(state) else state.name.text


def is_followed_by_choice(state: Await) -> bool:
    """Whether a Choice stands behind *state*: it leads to several states, or back to itself until all have come."""
    return state.counts or needs_choice([variant.next for variant in leaving(state.variants)])


def needs_choice(targets: Sequence[Name]) -> bool:
    """Whether there is something to choose: there is more than one of *targets*."""
    return len({target.text for target in targets}) > 1


def needs_arrival(state: State) -> bool:
    """Whether a journey may stay in the outermost *state* before any wait of it writes where the journey is."""
    return isinstance(state, Wait | Parallel | Each) and not opens_wait(state)


def added(workflow: Workflow) -> Iterator[tuple[State, str]]:
    """Yield each state, and the name of each state that it brings with it."""
    outermost = spread(workflow).states
    outer = set(map(id, outermost))
    for state in nested(outermost):
        yield from ((state, name) for name in _added_by(state))
        if isinstance(state, Each) and most_items(workflow, state) > ITEMS_AT_ONCE:
            yield state, queue_name(state)
        if id(state) in outer and needs_arrival(state):
            yield state, arrival_name(state)
        if counts_lines(state):
            ends = (one for branch in branches(state) for one in branch.states if isinstance(one, Succeed))
            yield from ((end, enough_name(end.name.text)) for end in ends)


def counts_lines(state: State) -> bool:
    """Whether the lines of *state* that are done are counted: more than one is needed, but not all."""
    return isinstance(state, All | Parallel | Each) and state.need is not None and state.need.lines > 1


def tells_visits_apart(state: State) -> bool:
    """Whether it is known in *state* since when: what the table says of its lines must be of this visit."""
    return counts_lines(state) or goes_on(state)


def _added_by(state: State) -> Iterator[str]:
    match state:
        case Await():
            if is_followed_by_choice(state):
                yield choice_name(state)
            if state.counts:
                yield count_name(state)
            if state.done:
                yield over_name(state)
        case All():
            yield from (branch_name(state, item) for item in state.items)
            for item in state.items if state.need else ():
                name = counting_name(state, item) if counts_lines(state) else branch_name(state, item)
                yield from (enough_name(name), *([name] if counts_lines(state) else []))
        case Each():
            yield from (guard_name(state), refusal_name(state), excess_name(state))
    if tells_visits_apart(state):
        yield count_name(state)
    if lessons(state):
        yield from lesson_names(state)
    if isinstance(state, Group):
        yield from _racers(state)


def has_finishing_side(state: Group) -> bool:
    """Whether a side of a race stands for all that *state* itself does: its branches do not end the race themselves."""
    if goes_on(state):
        return False
    if isinstance(state, Parallel) and may_leave_lines(state):
        return needed_lines(state) is None
    return bool(state.anytime or (isinstance(state, Parallel | Each) and state.timeout))


def _racers(state: Group) -> Iterator[str]:
    """Yield the names of the sides of a race, and of what stands behind it."""
    late = isinstance(state, Parallel | Each) and state.timeout
    if has_finishing_side(state):
        yield from (racer_name(state, what) for what in ("Branches", "Done"))
    if late:
        yield from (racer_name(state, what) for what in ("Deadline", "TimedOut"))
    if state.anytime:
        yield watch_name(state)
    if onward := leaving(state.anytime):
        yield from (racer_name(state, "Interrupted"), left_name(state))
        if needs_choice([entry.next for entry in onward]):
            yield left_choice_name(state)


_WORDS = {"prefix": "beginning with", "suffix": "ending with", "wildcard": "like"}


def start_in_words(start: Start) -> str:
    """Say what begins a journey."""
    return _in_brackets(start.event.text, condition_in_words(start.when) if start.when else "")


def ways_in_words(state: State) -> Iterator[tuple[str, str]]:
    """Yield each way out of *state*, as a label says it, and where it leads."""
    match state:
        case Await():
            for variant in leaving(state.variants):
                yield entry_in_words(variant), variant.next.text
        case Choose():
            for option in state.options:
                yield asked_in_words(option.condition), option.next.text
            if state.otherwise:
                yield "otherwise", state.otherwise.text
        case Wait(until=int() as seconds):
            yield f"after {in_words(seconds)}", state.next.text
        case Wait(until=DataPath() as until):
            yield f"at {fields.written(until.path)}", state.next.text
        case All() | Parallel() | Each() if not goes_on(state):
            yield f"{needed_in_words(state)} of them", state.next.text
        case Pass():
            yield "", state.next.text
    for entry in leaving(anytime(state)):
        yield entry_in_words(entry), entry.next.text
    if isinstance(state, Waiting) and state.timeout:
        yield f"after {in_words(state.timeout.seconds)}", state.timeout.next.text


def entry_in_words(entry: Variant) -> str:
    """Say what takes *entry*."""
    return _in_brackets(entry.event.text, more_in_words(entry))


_GATES = {"untouched": "before any of them", "done": "when all are done"}


def more_in_words(entry: Variant) -> str:
    """Say what takes *entry*, beside its event."""
    gate = _GATES[entry.gate] if entry.gate else ""
    return ", ".join(filter(None, (asked_in_words(entry.condition), quorum_in_words(entry.quorum), gate)))


def stays_in_words(entries: Sequence[Variant]) -> str:
    """Say which of *entries* are only noted, wherever a journey is; nothing if none are."""
    noted = [entry_in_words(entry) for entry in entries if entry.stays]
    return f"stays by {' or '.join(noted)}" if noted else ""


def asked_in_words(condition: Condition) -> str:
    """Say what *condition* asks for; nothing if it is open."""
    when = [condition_in_words(condition.when)] if condition.when else []
    remembered = [f"remembered {condition_in_words(condition.remembered)}"] if condition.remembered else []
    return ", ".join((*when, *remembered))


def needed_in_words(state: All | Parallel | Each) -> str:
    """Say how many of its lines must be done before *state* is."""
    if state.need is None:
        return "all"
    return "the first" if state.need.lines == 1 else str(state.need.lines)


def quorum_in_words(quorum: Quorum | None) -> str:
    """Say how many events it takes; nothing if one is enough."""
    if quorum is None:
        return ""
    times = f"{quorum.times} times"
    return (
        times
        if quorum.distinct is None
        else f"{times}, each of another {fields.written(quorum.distinct[1:], '').removeprefix('.')}"
    )


def _in_brackets(text: str, more: str) -> str:
    return f"{text} ({more})" if more else text


def condition_in_words(pattern: Pattern) -> str:
    """Say what *pattern* asks for, as briefly as a label must: ``result is Rejected or Failed``."""
    return _fields_in_words(pattern.source)


def _fields_in_words(source: Any) -> str:
    return ", ".join(_field_in_words(name, value) for name, value in source.items())


def _field_in_words(name: str, value: Any) -> str:
    if name == "$or":
        return " or ".join(f"({_fields_in_words(alternative)})" for alternative in value)
    if isinstance(value, dict):
        return f"{name}.({_fields_in_words(value)})"
    return f"{name} is {' or '.join(_matcher_in_words(matcher) for matcher in value)}"


def _matcher_in_words(matcher: Any) -> str:
    if not isinstance(matcher, dict):
        return matcher if _is_word(matcher) else json.dumps(matcher, ensure_ascii=False)
    ((operator, operand),) = matcher.items()
    match operator, operand:
        case "exists", there:
            return "there" if there else "missing"
        case "numeric", pairs:
            return " and ".join(f"{sign} {number}" for sign, number in zip(pairs[::2], pairs[1::2], strict=True))
        case "anything-but", dict():
            return f"not {_matcher_in_words(operand)}"
        case "anything-but", list():
            return f"not {' or '.join(map(_matcher_in_words, operand))}"
        case "anything-but", _:
            return f"not {_matcher_in_words(operand)}"
        case _:
            return f"{_WORDS[operator]} {_matcher_in_words(operand)}"


def _is_word(value: Any) -> bool:
    """Whether *value* is text that nobody would take for a number or another value."""
    return isinstance(value, str) and bool(re.search(r"[^\W\d_]", value)) and value not in ("true", "false", "null")
