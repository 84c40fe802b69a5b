"""States of several lines that run at once: their data, the guard before an `each`, races with what may end them."""

from typing import Any

from choreography_insights.compile.data import EVENT, in_format, located
from choreography_insights.compile.wait_states import key_path
from choreography_insights.core import fields
from choreography_insights.model.names import DONE, INTERRUPTED, LATE, excess_name, racer_name, refusal_name
from choreography_insights.model.workflow import Each, Group, Timeout, leaving, watch_name

MOST_ITEMS = 40
"""Step Functions runs so many iterations of an inline Map at once; the events of others would be unexpected."""

_OF_THE_JOURNEY = ("choreography", "entityId", "journey")
_OF_THE_EVENT = ("eventName", "eventId", "source", "time", "entityId")
_VALUE = "$$.Map.Item.Value"


def handed_on(since: str) -> dict[str, Any]:
    """Return the data of the branches of an outermost state: all that a journey has, and since when it is in there."""
    return {**{f"{field}.$": f"$.{field}" for field in (*_OF_THE_JOURNEY, "event")}, "since.$": since}


def needed(depth: int, *, remembers: bool, bare: bool) -> dict[str, Any]:
    """Return what waits inside a state read of its data: the keys of the items around them, what is remembered."""
    kept: dict[str, Any] = {f"item{level}.$": key_path(level) for level in range(1, depth + 1)}
    if bare and remembers:
        kept["event"] = {"remembered.$": "$.event.remembered"}
    return kept


def items_path(state: Each) -> str:
    """Return where the list of *state* is."""
    return located(state.items)


def item_selector(state: Each, depth: int, *, remembers: bool) -> dict[str, Any]:
    """Return the data of an item's line: the item stands for the newest event's detail, so that no list multiplies."""
    event: dict[str, Any] = {f"{field}.$": f"$.event.{field}" for field in _OF_THE_EVENT}
    if remembers:
        event["remembered.$"] = "$.event.remembered"
    event["detail.$"] = _VALUE
    key = fields.written(state.key, root=_VALUE) if state.key else _VALUE
    keys = fields.written(state.key, root=f"{items_path(state)}[*]") if state.key else items_path(state)
    outer = {f"{field}.$": f"$.{field}" for field in _OF_THE_JOURNEY}
    above = needed(depth - 1, remembers=False, bare=False)
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


def guard(state: Each) -> dict[str, Any]:
    """Return the Choice that lets a list by, if it is there and no longer than Step Functions runs at once."""
    items = located(state.items)
    ways = [
        {"Variable": f"{items}[{MOST_ITEMS}]", "IsPresent": True, "Next": excess_name(state)},
        {"Variable": items, "IsPresent": True, "Next": state.name.text},
    ]
    return {"Type": "Choice", "Choices": ways, "Default": refusal_name(state)}


def refusal(state: Each) -> dict[str, Any]:
    """Return the end of a journey without a list."""
    return {"Type": "Fail", "Error": "NoItems", "Cause": _needs(state)}


def excess(state: Each) -> dict[str, Any]:
    """Return the end of a journey whose list is too long; its cause says how long it is."""
    cause = f"States.Format('{in_format(_needs(state))}; it has {{}}', States.ArrayLength({items_path(state)}))"
    return {"Type": "Fail", "Error": "NoItems", "CausePath": cause}


def _needs(state: Each) -> str:
    return f"{state.name.text} needs a list of at most {MOST_ITEMS} items at {fields.written(state.items.path)}"


Side = dict[str, Any]
"""One branch of a race: the first to come to its end ends the others. A failure is what ends branches."""


def finishing(state: Group, group: dict[str, Any]) -> Side:
    """Return the side of *group*, which ends the race when all is done there."""
    branches, done = racer_name(state, "Branches"), racer_name(state, "Done")
    beside = "what waits beside it" if state.anytime else "its deadline"
    end = {"Type": "Fail", "Error": DONE, "Cause": f"{state.name.text} is done; this ends {beside}"}
    thrown_away = {} if group["Type"] == "Wait" else {"ResultPath": None}
    return {"StartAt": branches, "States": {branches: {**group, **thrown_away, "Next": done}, done: end}}


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


def race_catches(done: str, late: str | None = None, left: str | None = None) -> list[dict[str, Any]]:
    """Return where each end of a race leads."""
    ends = [{"ErrorEquals": [DONE], "ResultPath": None, "Next": done}]
    ends += [{"ErrorEquals": [LATE], "ResultPath": "$.timeout", "Next": late}] if late else []
    ends += [{"ErrorEquals": [INTERRUPTED], "ResultPath": "$.interrupted", "Next": left}] if left else []
    return ends


def left_by(depth: int, following: str, *, nested: bool) -> dict[str, Any]:
    """Return the state behind a race that an event has ended: the event is the newest again, and leads to *following*.

    The data is otherwise as it was before, as *nested* in other groups and so many `each`.
    """
    kept = {f"{field}.$": f"$.{field}" for field in _OF_THE_JOURNEY} | needed(depth, remembers=False, bare=False)
    since = {"since.$": "$.since"} if nested and not depth else {}
    event = {"event.$": "States.StringToJson($.interrupted.Cause)"}
    return {"Type": "Pass", "Parameters": {**kept, **since, **event}, "Next": following}
