"""The data of an execution: where fields of the newest event, and of what is remembered, are found in it.

And the words of Step Functions' intrinsic functions that several states have the same need of.
"""

from typing import Any

from choreography_insights.core import fields
from choreography_insights.model.workflow import DataPath

EVENT = "$.event"
DETAIL = f"{EVENT}.detail"
REMEMBERED = f"{EVENT}.remembered"
#: What has come so far in a state that counts events, and since when it is waited for.
TALLY = f"{EVENT}.tally"
#: AWS leaves out the fraction of a whole second ("…06Z"); without the Z the earlier text sorts first all the same.
ENTERED = "States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'Z'), 0)"


def located(data: DataPath) -> str:
    """Return the reference path of *data* in an execution's data."""
    return fields.written(data.path, root=EVENT)


def text_fields(key: str, text: str | DataPath | None) -> dict[str, Any]:
    """Return the field *key* of a Fail state: written out, or found in the data, whatever its type is there."""
    match text:
        case None:
            return {}
        case str():
            return {key: text}
        case DataPath():
            return {f"{key}Path": f"States.Format('{{}}', {located(text)})"}


def wait_fields(until: int | DataPath) -> dict[str, Any]:
    """Return what a Wait state waits for."""
    match until:
        case int():
            return {"Seconds": until}
        case DataPath():
            return {"TimestampPath": located(until)}


def in_format(text: str) -> str:
    """Write *text* as an intrinsic function takes it for just that."""
    for special in "\\'{}":
        text = text.replace(special, f"\\{special}")
    return text
