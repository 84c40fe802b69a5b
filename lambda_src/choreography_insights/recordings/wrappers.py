"""Events in messages: what queues, topics and streams wrap them in, and the other forms in which events are told.

From a queue they come by `aws sqs receive-message`, or as a function gets them; so does what lies on a dead-letter
queue of ours. Nothing is lost: what is no wrapper stays what it is.
"""

import hashlib
import json
from base64 import b64decode
from binascii import Error as NoBase64Error
from collections.abc import Iterator, Mapping
from typing import Any

from choreography_insights.recordings.logs import parsed

_LISTS = ("Records", "records", "Messages", "Entries")
"""What a function gets of a queue, a topic or a stream; what Firehose asks one to transform; what the AWS CLI prints of
a queue's messages, and takes to be published."""


def wrapped(value: Mapping[str, Any]) -> Iterator[Any] | None:
    """Yield what *value* wraps, as JSON or as the text of it; None if it is no wrapper that is known."""
    for name in _LISTS:
        inner = value.get(name)
        if isinstance(inner, list) and any(map(_is_known, inner)):
            return iter(inner)
    if not _is_known(value):
        return None
    return iter((_inside(value),))


def _is_known(value: Any) -> bool:
    return isinstance(value, Mapping) and _inside(value) is not value


def _inside(value: Mapping[str, Any]) -> Any:
    """Return what is in *value*; itself, if it is nothing that is known."""
    match value:
        case {"messageId": _, "body": str(text)} | {"MessageId": _, "Body": str(text)}:  # SQS
            return text
        case {"Type": "Notification", "Message": str(text)}:  # SNS
            return text
        case {"Sns": {"Message": str(text)}}:
            return text
        case {"kinesis": {"data": str(data)}} | {"recordId": _, "data": str(data)}:
            return _decoded(data)
        case {"choreography": {}, "event": {"detail-type": _} as event}:  # our own queues
            return event
        case {"DetailType": name, "Source": source, "Detail": _}:  # PutEvents
            return _published(value, name, source)
        case {"specversion": _, "type": name, "source": source, "id": own}:  # CloudEvents
            return _of_cloudevents(value, name, source, own)
    return value


def _published(entry: Mapping[str, Any], name: Any, source: Any) -> dict[str, Any]:
    """Return an entry of PutEvents as it is delivered. It has no id: the same entry is the same event."""
    told = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
    return {
        "id": told[:32],
        "detail-type": name,
        "source": source,
        "time": entry.get("Time"),
        "resources": entry.get("Resources", []),
        "detail": parsed(entry["Detail"]),
    }


def _of_cloudevents(event: Mapping[str, Any], name: Any, source: Any, own: Any) -> dict[str, Any]:
    """Return a CloudEvent as it is published to EventBridge: whole, as the detail of an event of its type and source.

    https://aws.amazon.com/blogs/compute/sending-and-receiving-cloudevents-with-amazon-eventbridge/
    """
    detail = dict(event)
    if isinstance(data := detail.pop("data_base64", None), str):
        detail["data"] = parsed(_decoded(data))
    return {"id": own, "detail-type": name, "source": source, "time": event.get("time"), "detail": detail}


def _decoded(data: str) -> str:
    try:
        return b64decode(data, validate=True).decode()
    except (NoBase64Error, UnicodeDecodeError):
        return data
