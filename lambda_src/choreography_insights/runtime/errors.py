"""The ways in which a message cannot be finished now. What they say goes into the log, so it never quotes content.

Names and ids may stand in it (of choreographies, states, events and entities); of all else of a message, only what
kind of thing it is (`kind_of`).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_KINDS = {"dict": "a JSON object", "list": "a list", "bool": "true or false", "NoneType": "null"}


class InvalidMessage(ValueError):
    """The message itself is wrong: no repeat will mend it. It ends on the dead-letter queue, its reason in the log."""


class RetryLater(RuntimeError):
    """AWS has not caught up with us. The message must come again; nothing of what was claimed is given back."""


class Throttled(RetryLater):
    """AWS throttles what must be known first: it can be asked so often a second, for all journeys together.

    The message comes again after minutes, so that the queue asks no more often than AWS answers.
    """


def error_code(error: "ClientError") -> str:
    """The code by which AWS says what is wrong."""
    return str(error.response.get("Error", {}).get("Code"))


def kind_of(value: object) -> str:
    """What kind of JSON value it is, and how long, without a letter of it."""
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    return _KINDS.get(type(value).__name__, "a number")
