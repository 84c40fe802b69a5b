"""Ids of events: EventBridge's, or an event's own, by which a message counts once however often it is published."""

from hashlib import sha256
from typing import Any
from urllib.parse import quote

from choreography_insights.core.fields import id_text

EVENT_ID_LIMIT = 256
"""DynamoDB's sort key takes 1,024 bytes; an id of EventBridge has 36 characters."""

_OWN, _HASHED = "own:", "own-hash:"


def own_event_id(value: Any, source: Any) -> str | None:
    """How an event from *source* is called whose own id is *value*; None if that is no id: EventBridge's counts then.

    Ids of one source are compared, as two services may count alike. The text is plain ASCII without ``#`` and blanks;
    what would be too long is hashed. Two ids are never called alike, and none like one of EventBridge's.
    """
    text = id_text(value)
    if not text:
        return None
    written = f"{_plain(source if isinstance(source, str) else '')}|{_plain(text)}"
    if len(_OWN) + len(written) <= EVENT_ID_LIMIT:
        return _OWN + written
    return _HASHED + sha256(written.encode()).hexdigest()


def is_own(event_id: str) -> bool:
    """Whether *event_id* is one that `own_event_id` makes."""
    return event_id.startswith((_OWN, _HASHED))


def _plain(text: str) -> str:
    return quote(text, safe=":/@+=", errors="surrogatepass")
