"""A wait state: a Task that writes its token into the journeys table and then waits to be told of an event."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.compile import read_model
from choreography_insights.compile.data import ENTERED, TALLY, in_format
from choreography_insights.compile.read_model import Whereabouts
from choreography_insights.compile.templates import Template
from choreography_insights.core import fields
from choreography_insights.core.fields import EventPath
from choreography_insights.model.names import UNEXPECTED_EVENT
from choreography_insights.model.patterns import Pattern
from choreography_insights.model.workflow import (
    ANYTHING,
    AS_EVERYWHERE,
    Condition,
    Memory,
    Policy,
    Quorum,
    remembered_fields,
)

_ENTERED = {"S.$": ENTERED}
_RETRIES = {"N.$": "States.Format('{}', $$.State.RetryCount)"}
#: Step Functions cannot reckon with moments; the start function can.
EXPIRES = {"N.$": "States.Format('{}', $$.Execution.Input.expiresAt)"}
#: What no repeat may change: an event failed the journey; the row is a newer execution's, or entry's; time is over.
_FINAL = ("UnexpectedEvent", "DynamoDb.ConditionalCheckFailedException", "States.Timeout")


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that a wait accepts.

    *contested_by*: the positions of those after which it could still come; *own_kind*: its own position there says that
    of others of its kind, and not that it may end the lines beside it; *yields*: older events that other lines wait for
    go first; *sources*: where it may come from, if not from anywhere; *items*: where it carries the key of the item of
    each `each` around the wait, the outermost first; *stays*: it is only noted; *gate*: only while so many waits are
    open that say this.
    """

    event: str
    condition: Condition = ANYTHING
    contested_by: tuple[int, ...] = ()
    own_kind: bool = False
    yields: bool = False
    sources: tuple[str, ...] = ()
    items: tuple[EventPath, ...] = ()
    remember: tuple[Memory, ...] = ()
    quorum: Quorum | None = None
    stays: bool = False
    gate: tuple[Mapping[str, str], int] | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a wait has from around it: the policy, how many `each` it is inside of, whether the journey remembers.

    *beside*: other lines of the journey may wait at the same time. *tracked*: that an event is claimed for this wait
    must show in the journey's row until it is recorded. *whereabouts*: what it writes there for those who look.
    *counts*: it waits again until all have come that it counts. *watches*: it waits for what ends the lines beside it,
    and has no say in what is unexpected. *opens*: what it says to a gate. *is_over*: its line is, and it accepts
    nothing. *races*: a group around it may be over while its line is not, and the journey goes on.
    """

    policy: Policy = AS_EVERYWHERE
    depth: int = 0
    remembers: bool = False
    beside: bool = False
    tracked: bool = False
    whereabouts: Whereabouts | None = None
    counts: bool = False
    watches: bool = False
    opens: Mapping[str, str] | None = None
    is_over: bool = False
    races: bool = False


def key_path(level: int) -> str:
    """Return where the data of an execution has the key of the item, in the `each` of that *level* (from 1)."""
    return f"$.item{level}"


def wait_task(name: str, accepts: Sequence[Accepted], around: Surroundings) -> dict[str, Any]:
    """Return the Task that waits under *name*, up to (not including) what becomes of its result.

    It writes a place in the journey's row, and inside an `each` a row of its own: of 40 items in one row, each would
    write all the others.
    """
    wait = {
        "t": {"S.$": "$$.Task.Token"},
        "a": {"L": [{"M": _accepted(one)} for one in accepts]},
        "v": _ENTERED,
        "r": _RETRIES,
        **_surroundings(name, around),
    }
    return {
        "Type": "Task",
        "Resource": Template("arn:${partition}:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken"),
        "Parameters": {
            "TableName": Template("${journeys_table}"),
            **(_own_row(name, around.depth, wait) if around.depth else _journeys_row(name, wait, around.whereabouts)),
        },
    }


def _journeys_row(name: str, wait: Mapping[str, Any], whereabouts: Whereabouts | None) -> dict[str, Any]:
    return {
        "Key": {"journey": {"S.$": "$$.Execution.Input.journey"}, "item": {"S": "JOURNEY"}},
        "UpdateExpression": "SET waits.#wait = :wait, #status = :running"
        + (f", {read_model.ASSIGNMENTS}" if whereabouts else ""),
        "ConditionExpression": f"#execution = :execution AND ({_is_newer('waits.#wait')})",
        "ExpressionAttributeNames": {
            "#wait": name,
            "#status": "status",
            "#execution": "execution",
            **(read_model.NAMES if whereabouts else {}),
        },
        "ExpressionAttributeValues": {
            ":wait": {"M": wait},
            ":execution": {"S.$": "$$.Execution.Name"},
            ":running": {"S": "RUNNING"},
            ":v": _ENTERED,
            ":r": _RETRIES,
            **(whereabouts.values if whereabouts else {}),
        },
    }


def _own_row(name: str, depth: int, wait: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is written of a wait that is about an item: what an abandoned execution writes, nobody reads."""
    return {
        "Key": {"journey": {"S.$": "$$.Execution.Input.journey"}, "item": {"S.$": own_row(name, depth)}},
        "UpdateExpression": "SET #wait = :wait, expiresAt = :expires",
        "ConditionExpression": _is_newer("#wait"),
        "ExpressionAttributeNames": {"#wait": "wait"},
        "ExpressionAttributeValues": {
            ":wait": {"M": wait},
            ":expires": EXPIRES,
            ":v": _ENTERED,
            ":r": _RETRIES,
        },
    }


def _is_newer(wait: str) -> str:
    """Return the condition that what is written at *wait* is of no later entry, and of no later try, than this."""
    return f"attribute_not_exists({wait}) OR {wait}.v < :v OR ({wait}.v = :v AND {wait}.r <= :r)"


def own_row(name: str, depth: int) -> str:
    """Return the name of the row of a wait inside so many `each`: of the execution, then of the state and the items.

    State and keys may be long, and have any sign in them: so they are hashed, as a list that says where each of them
    ends. The hash only tells the waits of one execution apart, and its length is paid for with every write.
    """
    parts = ", ".join((f"'{in_format(name)}'", *(key_path(level + 1) for level in range(depth))))
    hashed = f"States.Hash(States.JsonToString(States.Array({parts})), 'SHA-1')"
    return f"States.Format('WAIT#{{}}#{{}}', $$.Execution.Name, {hashed})"


def _surroundings(name: str, around: Surroundings) -> dict[str, Any]:
    form: dict[str, Any] = {}
    if around.depth:
        form["state"] = {"S": name}
    if around.depth and around.is_over:  # other waits tell it by what they accept
        form["keys"] = {"L": [{"S.$": key_path(level + 1)} for level in range(around.depth)]}
    if around.policy.unexpected is not None:
        form["unexpected"] = {"S": around.policy.unexpected}
    if around.policy.early_seconds is not None:
        form["early"] = {"N": str(around.policy.early_seconds)}
    if around.remembers:
        form["remembered"] = {"S.$": "States.JsonToString($.event.remembered)"}
    if around.counts:
        form["tally"] = {"S.$": f"States.JsonToString({TALLY})"}
    if around.opens is not None:
        form["opens"] = dict(around.opens)
    form |= {key: {"BOOL": True} for key in ("beside", "tracked", "watches", "races") if getattr(around, key)}
    return form


def _accepted(one: Accepted) -> dict[str, Any]:
    form: dict[str, Any] = {"e": {"S": one.event}}
    if one.sources:
        form["sources"] = {"L": [{"S": source} for source in one.sources]}
    if one.items:
        form["items"] = {"L": [{"M": _item(path, level)} for level, path in enumerate(one.items, 1)]}
    if one.condition.when is not None:
        form["when"] = _pattern(one.condition.when)
    if one.condition.remembered is not None:
        form["remembered"] = _pattern(one.condition.remembered)
    if one.contested_by:
        form["contestedBy"] = {"L": [{"N": str(position)} for position in one.contested_by]}
    if one.own_kind:
        form["ownKind"] = {"BOOL": True}
    if one.yields:
        form["yields"] = {"BOOL": True}
    if one.stays:
        form["stays"] = {"BOOL": True}
    if one.gate:
        opened_by, number = one.gate
        form["gate"] = {"M": {"by": dict(opened_by), "waits": {"N": str(number)}}}
    if one.remember:
        form["remember"] = {"M": {name: {"S": path} for name, path in remembered_fields(one.remember).items()}}
    if one.quorum:
        form["times"] = {"N": str(one.quorum.times)}
    if one.quorum and one.quorum.distinct:
        form["distinct"] = {"S": fields.written(one.quorum.distinct)}
    return form


def _item(path: EventPath, level: int) -> dict[str, Any]:
    return {"path": {"S": fields.written(path)}, "key": {"S.$": key_path(level)}}


def _pattern(pattern: Pattern) -> dict[str, str]:
    return {"S": json.dumps(pattern.source, ensure_ascii=False, separators=(",", ":"))}


def count_begins(name: str, timeout_seconds: int | None, following: str) -> dict[str, Any]:
    """Return the Pass before the state *name*: nothing that it counts has come, and its time begins.

    It waits again after each event, and so for what is left of its time: the functions say how much, each time anew.
    """
    limit = {} if timeout_seconds is None else {"timeout": timeout_seconds, "seconds": timeout_seconds}
    nothing = {"since.$": read_model.before(name), "came": 0, "of": {}, **limit}
    return {"Type": "Pass", "Parameters": nothing, "ResultPath": TALLY, "Next": following}


def persistent_retry() -> list[dict[str, Any]]:
    """Return what a wait does about errors of its write: go on trying, for more than an hour.

    A journey survives a brown-out of DynamoDB, a throttled partition and a permission that is put right again: each is
    tried for 100 minutes on average (60 s apart at most, with full jitter). Trying again what will never pass costs
    some state transitions; ending a journey for what passes costs the journey.
    """
    return [
        {"ErrorEquals": list(_FINAL), "MaxAttempts": 0},
        {
            "ErrorEquals": ["States.TaskFailed"],
            "IntervalSeconds": 1,
            "MaxAttempts": 200,
            "BackoffRate": 2,
            "MaxDelaySeconds": 60,
            "JitterStrategy": "FULL",
        },
    ]


def catches(timeout_target: str | None, *, nested: bool) -> list[dict[str, Any]]:
    """Return the ways out of a state that waits when something else than its event comes.

    An unexpected event ends the whole journey, so what is *nested* leaves it to the state around it.
    """
    caught: list[dict[str, Any]] = [] if nested else [{"ErrorEquals": ["UnexpectedEvent"], "Next": UNEXPECTED_EVENT}]
    if timeout_target is not None:
        caught.append({"ErrorEquals": ["States.Timeout"], "ResultPath": "$.timeout", "Next": timeout_target})
    return caught
