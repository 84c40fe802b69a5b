"""States of several lines that run at once: their data, the guard before an `each`, races with what may end them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from choreography_insights.compile.data import ENTERED, EVENT, REMEMBERED, in_format, located
from choreography_insights.compile.templates import Template
from choreography_insights.compile.wait_states import EXPIRES, key_path, persistent_retry
from choreography_insights.core import fields
from choreography_insights.core.fields import EventPath
from choreography_insights.model.names import (
    DONE,
    INTERRUPTED,
    LATE,
    begin_name,
    enough_name,
    excess_name,
    lesson_names,
    queue_name,
    racer_name,
    refusal_name,
    tells_visits_apart,
)
from choreography_insights.model.workflow import (
    ITEMS_AT_ONCE,
    All,
    Each,
    Gathering,
    Group,
    Lesson,
    Parallel,
    Timeout,
    goes_on,
    leaving,
    may_leave_lines,
    needed_lines,
    only_watches,
    watch_name,
)

_OF_THE_JOURNEY = ("choreography", "entityId", "journey")
_OF_THE_EVENT = ("eventName", "eventId", "source", "time", "entityId")
_VALUE = "$$.Map.Item.Value"


def handed_on(since: str) -> dict[str, Any]:
    """Return the data of the branches of an outermost state: all that a journey has, and since when it is in there."""
    return {**{f"{field}.$": f"$.{field}" for field in (*_OF_THE_JOURNEY, "event")}, "since.$": since}


def needed(depth: int, counts: int, *, remembers: bool, bare: bool) -> dict[str, Any]:
    """Return what waits inside a state read of its data: the keys of the items around them, what is remembered.

    And since when the lines are counted of so many groups around.
    """
    kept: dict[str, Any] = {f"item{level}.$": key_path(level) for level in range(1, depth + 1)}
    kept |= {f"count{level}.$": _count_path(level) for level in range(1, counts + 1)}
    if bare and remembers:
        kept["event"] = {"remembered.$": "$.event.remembered"}
    return kept


def items_path(state: Each) -> str:
    """Return where the list of *state* is."""
    return located(state.items)


def item_selector(state: Each, depth: int, counts: int, *, remembers: bool) -> dict[str, Any]:
    """Return the data of an item's line: the item stands for the newest event's detail, so that no list multiplies."""
    event: dict[str, Any] = {f"{field}.$": f"$.event.{field}" for field in _OF_THE_EVENT}
    if remembers:
        event["remembered.$"] = "$.event.remembered"
    event["detail.$"] = _VALUE
    key = fields.written(state.key, root=_VALUE) if state.key else _VALUE
    keys = fields.written(state.key, root=f"{items_path(state)}[*]") if state.key else items_path(state)
    outer = {f"{field}.$": f"$.{field}" for field in _OF_THE_JOURNEY}
    above = needed(depth - 1, counts, remembers=False, bare=False)
    return {**outer, "event": event, **above, f"item{depth}.$": _as_text(key), "keys": _key_checks(key, keys)}


def _key_checks(key: str, keys: str) -> dict[str, str]:
    """Return fields that cannot be had if *key* cannot stand among *keys*: then the journey fails at once.

    Nobody reads them. Without them two items would wait under one name, one in vain, or an item for a key that no event
    can carry. Step Functions takes ten functions in a field.
    """
    text = _as_text(key)
    forms = f"States.ArrayLength(States.ArrayUnique(States.Array({key}, {text})))"  # of a text one, of all else two
    is_text = f"States.ArrayContains(States.Array({text}), {key})"
    is_there_as_text = f"States.ArrayContains({keys}, {text})"
    return {
        # Of keys that repeat there are fewer different ones than items.
        "distinct.$": f"States.ArrayGetItem(States.ArrayUnique({keys}), $$.Map.Item.Index)",
        # 1 beside "1": what is no text is there as one, too. Both answers are the same, or the length is two.
        "apart.$": "States.ArrayGetItem(States.Array(0, 0), "
        f"States.ArrayLength(States.ArrayUnique(States.Array({is_there_as_text}, {is_text}))))",
        # Of all that is no text, only a whole number is JSON with ".0" behind it.
        "plain.$": f"States.StringToJson(States.Format('[{{}}.0]', "
        f"States.ArrayGetItem(States.Array(0, 0, {key}), {forms})))",
    }


def _as_text(key: str) -> str:
    return f"States.Format('{{}}', {key})"


def guard(state: Each, most: int) -> dict[str, Any]:
    """Return the Choice that lets a list by, if it is there and has no more than *most* items.

    If a number of items is needed, it must have as many.
    """
    items = located(state.items)
    least = f"{items}[{state.need.lines - 1}]" if state.need else items
    ways = [
        {"Variable": f"{items}[{most}]", "IsPresent": True, "Next": excess_name(state)},
        *([_if_more_than_run(state, items)] if most > ITEMS_AT_ONCE else []),
        {"Variable": least, "IsPresent": True, "Next": begin_name(state)},
    ]
    return {"Type": "Choice", "Choices": ways, "Default": refusal_name(state)}


def _if_more_than_run(state: Each, items: str) -> dict[str, Any]:
    return {"Variable": f"{items}[{ITEMS_AT_ONCE}]", "IsPresent": True, "Next": queue_name(state)}


def queue(state: Each, events: Iterable[tuple[str, EventPath]]) -> dict[str, Any]:
    """Return the Pass before an `each` of which not all lines run at once: it says whose lines they are.

    *events*: those that a line may await, and where each carries the item's key. The functions read it in the history.
    With the next event it is gone.
    """
    items = items_path(state)
    return {
        "Type": "Pass",
        "Parameters": {
            "keys.$": fields.written(state.key, root=f"{items}[*]") if state.key else items,
            "events": [{"name": name, "item": fields.written(path)} for name, path in events],
        },
        "ResultPath": f"{EVENT}.queue",
        "Next": state.name.text,
    }


def refusal(state: Each, most: int) -> dict[str, Any]:
    """Return the end of a journey without a list, or with too short a one."""
    return {"Type": "Fail", "Error": "NoItems", "Cause": _needs(state, most)}


def excess(state: Each, most: int) -> dict[str, Any]:
    """Return the end of a journey whose list is too long; its cause says how long it is."""
    cause = f"States.Format('{in_format(_needs(state, most))}; it has {{}}', States.ArrayLength({items_path(state)}))"
    return {"Type": "Fail", "Error": "NoItems", "CausePath": cause}


def _needs(state: Each, most: int) -> str:
    how_many = f"{state.need.lines} to" if state.need else "at most"
    return f"{state.name.text} needs a list of {how_many} {most:,} items at {fields.written(state.items.path)}"


# ---- as many lines as are needed --------


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of *state*, so many of which are *needed*. *level*: in how many groups lines are counted, this one too.

    *depth*: how many `each` the group is inside of. *line*: what one of them is called, as a field of a payload.
    """

    state: All | Parallel | Each
    needed: int
    level: int
    depth: int
    line: dict[str, str]

    def end(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the end of a line under *name*, and what it leads to: if it is the last that is needed, all others end.

        A failure does that. Where more than one is needed, a row of their own counts them.
        """
        cause = f"{self.state.name.text} is done; this ends what is left of it"
        enough = {"Type": "Fail", "Error": DONE, "Cause": cause}
        if self.needed == 1:
            yield name, enough
        else:
            yield name, self._counted(enough_name(name))
            yield enough_name(name), enough

    def _counted(self, enough: str) -> dict[str, Any]:
        of = (f"'{in_format(self.state.name.text)}'", *(key_path(level + 1) for level in range(self.depth)))
        parts = ", ".join((*of, f"{_count_path(self.level)}.since"))
        hashed = f"States.Hash(States.JsonToString(States.Array({parts})), 'SHA-1')"
        row = f"States.Format('DONE#{{}}#{{}}', $$.Execution.Name, {hashed})"
        return count_task(row, self.line, self.needed - 1, enough)


def count_task(row: str, line: Mapping[str, str], others: int, enough: str) -> dict[str, Any]:
    """Return the Task that counts a *line* in a *row*, unless so many *others* are there: then all is done.

    A line counts once, however often it is written: one that stands in the row already adds nothing.
    """
    return {
        "Type": "Task",
        "Resource": Template("arn:${partition}:states:::aws-sdk:dynamodb:updateItem"),
        "Parameters": {
            "TableName": Template("${journeys_table}"),
            "Key": {"journey": {"S.$": "$$.Execution.Input.journey"}, "item": {"S.$": row}},
            "UpdateExpression": "SET #lines = if_not_exists(#lines, :none) + if_not_exists(#line, :one), "
            "#line = :none, expiresAt = :expires",
            "ConditionExpression": "attribute_exists(#line) OR attribute_not_exists(#lines) OR #lines < :others",
            "ExpressionAttributeNames": {"#lines": "lines", **line},
            "ExpressionAttributeValues": {
                ":none": {"N": "0"},
                ":one": {"N": "1"},
                ":others": {"N": str(others)},
                ":expires": EXPIRES,
            },
        },
        "ResultSelector": {"counted": True},
        "Retry": persistent_retry(),
        "Catch": [{"ErrorEquals": ["DynamoDb.ConditionalCheckFailedException"], "ResultPath": None, "Next": enough}],
        "End": True,
    }


def branch_line(name: str) -> dict[str, str]:
    """Return what the line of a branch, or of one of several events, is called in the row that counts them."""
    return {"#line": f"line {name}"}


def item_line(depth: int) -> dict[str, str]:
    """Return the same of an item inside so many `each`."""
    return {"#line.$": f"States.Format('line {{}}', {key_path(depth)})"}


def counts_begin(level: int, following: str) -> dict[str, Any]:
    """Return the Pass before a group whose lines are counted: what an earlier visit counted is not of this one."""
    return {
        "Type": "Pass",
        "Parameters": {"since.$": ENTERED},
        "ResultPath": _count_path(level),
        "Next": following,
    }


def _count_path(level: int) -> str:
    return f"$.count{level}"


def mark(state: Group, depth: int, counts: int) -> dict[str, str]:
    """Return what the waits say by which a gate of *state* is told to be open, as a value of DynamoDB.

    The group is inside of so many `each`; so many *counts* are begun, its own too. What an earlier visit left in the
    table must not open the gate of this one.
    """
    name = state.name.text
    of = [f"'{in_format(name)}'", *(key_path(level) for level in range(1, depth + 1))]
    of += [f"{_count_path(counts)}.since"] if tells_visits_apart(state) else []
    return {"S": name} if len(of) == 1 else {"S.$": f"States.JsonToString(States.Array({', '.join(of)}))"}


# ---- what the lines remember --------

_LEARNED = "$.learned"
KNOWN_OF_LINES = f"{_LEARNED}.lines[*].remembered"
"""Where the data behind a group has what each of its lines remembers."""


def gathered() -> dict[str, Any]:
    """Return what becomes of the results of a group whose lines hand out what they remember."""
    return {"ResultSelector": {"lines.$": "$"}, "ResultPath": _LEARNED}


def line_done() -> dict[str, Any]:
    """Return the end of a line that hands out what it remembers."""
    return {"Type": "Pass", "Parameters": {"remembered.$": REMEMBERED}, "End": True}


def learn(
    state: Parallel | Each, kept: dict[str, Any], following: str, most: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the states behind *state* in which what its lines remember becomes known; the data is then *kept*.

    *most*: so many lines there are at most. JSONPath has no literal objects. So what is gathered, put to what is
    remembered, and put into the event, takes a state each. A wildcard leaves out the lines that know nothing, and of an
    empty list it is one.
    """
    first, second, third = lesson_names(state)
    own = {f"{lesson.name.text}.$": _gathering(lesson, most) for lesson in state.lessons}
    yield first, {"Type": "Pass", **gathering(own), "Next": second}
    yield second, {"Type": "Pass", **remembering(), "Next": third}
    yield third, {"Type": "Pass", **learning(kept), "Next": following}


def gathering(own: Mapping[str, str]) -> dict[str, Any]:
    """Return what the first of these states does: it gathers *own* of the lines."""
    return {"Parameters": {"own": dict(own)}, "ResultPath": _LEARNED}


def remembering() -> dict[str, Any]:
    """Return what the second does: what is gathered is put to what is remembered."""
    both = f"States.JsonMerge({REMEMBERED}, {_LEARNED}.own, false)"
    return {"Parameters": {"remembered.$": both}, "ResultPath": _LEARNED}


def learning(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the third does: the event has it, and of the other data what is *kept*."""
    return {"Parameters": {**kept, "event.$": f"States.JsonMerge({EVENT}, {_LEARNED}, false)"}}


def _gathering(lesson: Lesson, most: int) -> str:
    return gathered_as(lesson.how, fields.written((lesson.of.text,), root=KNOWN_OF_LINES), most)


def gathered_as(how: Gathering, known: str, most: int) -> str:
    """Return how to gather what stands at *known*, of those of the lines, *most* of them, that know it."""
    many = f"States.ArrayLength({known})"
    match how:
        case "list":
            return known
        case "count":
            return many
        case "any":
            return f"States.ArrayContains(States.ArrayRange(1, {most}, 1), {many})"
        case "all":
            return f"States.ArrayContains(States.Array(States.ArrayLength({_LEARNED}.lines)), {many})"


Side = dict[str, Any]
"""One branch of a race: the first to come to its end ends the others. A failure is what ends branches."""


def finishing(state: Group, group: dict[str, Any]) -> Side:
    """Return the side of *group*, which ends the race when all is done there."""
    branches, done = racer_name(state, "Branches"), racer_name(state, "Done")
    beside = "what waits beside it" if state.anytime or may_leave_lines(state) else "its deadline"
    end = {"Type": "Fail", "Error": DONE, "Cause": f"{state.name.text} is done; this ends {beside}"}
    thrown_away = {} if group["Type"] == "Wait" else {"ResultPath": None}
    return {"StartAt": branches, "States": {branches: {**group, **thrown_away, "Next": done}, done: end}}


def sides(state: Group, group: dict[str, Any], *, alone: bool) -> list[Side]:
    """Return the sides of what *state* itself does, as *group*; none where that is *alone* and ends itself.

    Branches that end the race themselves are sides of their own, and so are those that only watch.
    """
    if goes_on(state):
        return [*group["Branches"]]
    if isinstance(state, Parallel) and may_leave_lines(state):
        if needed_lines(state) is not None:
            return [*group["Branches"]]
        both = list(zip(state.branches, group["Branches"], strict=True))
        finishers = [compiled for branch, compiled in both if not only_watches(branch)]
        watchers = [compiled for branch, compiled in both if only_watches(branch)]
        return [finishing(state, {**group, "Branches": finishers}), *watchers]
    return [] if alone else [finishing(state, group)]


def deadline(state: Group, timeout: Timeout) -> Side:
    """Return the side of the time that *state* has."""
    name, late = racer_name(state, "Deadline"), racer_name(state, "TimedOut")
    return {
        "StartAt": name,
        "States": {
            name: {"Type": "Wait", "Seconds": timeout.seconds, "Next": late},
            late: {"Type": "Fail", "Error": LATE, "Cause": f"{state.name.text} took {timeout.seconds} seconds"},
        },
    }


def watching(state: Group, wait: dict[str, Any]) -> Side:
    """Return the side of the *wait* for what ends *state* at any time: a failure's cause can carry the event.

    What is only noted never ends it.
    """
    name, interrupted = watch_name(state), racer_name(state, "Interrupted")
    if not leaving(state.anytime):
        return {"StartAt": name, "States": {name: {**wait, "End": True}}}
    return {
        "StartAt": name,
        "States": {
            name: {**wait, "Next": interrupted},
            interrupted: {"Type": "Fail", "Error": INTERRUPTED, "CausePath": f"States.JsonToString({EVENT})"},
        },
    }


def race_catches(done: str | None, late: str | None = None, left: str | None = None) -> list[dict[str, Any]]:
    """Return where each end of a race leads."""
    ends = [{"ErrorEquals": [DONE], "ResultPath": None, "Next": done}] if done else []
    ends += [{"ErrorEquals": [LATE], "ResultPath": "$.timeout", "Next": late}] if late else []
    ends += [{"ErrorEquals": [INTERRUPTED], "ResultPath": "$.interrupted", "Next": left}] if left else []
    return ends


def left_by(depth: int, counts: int, following: str, *, nested: bool) -> dict[str, Any]:
    """Return the state behind a race that an event has ended: the event is the newest again, and leads to *following*.

    The data is otherwise as it was before, as *nested* in other groups and so many `each`.
    """
    event = {"event.$": "States.StringToJson($.interrupted.Cause)"}
    return {"Type": "Pass", "Parameters": {**kept_behind(depth, counts, nested=nested), **event}, "Next": following}


def kept_behind(depth: int, counts: int, *, nested: bool) -> dict[str, Any]:
    """Return the data behind a group, but for the newest event: what it was before the group."""
    since = {"since.$": "$.since"} if nested and not depth else {}
    of_the_journey = {f"{field}.$": f"$.{field}" for field in _OF_THE_JOURNEY}
    return {**of_the_journey, **needed(depth, counts, remembers=False, bare=False), **since}
