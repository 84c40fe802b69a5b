"""A choreography's settings, as the rule wraps them around each event (docs/reference/interfaces.md, section 4).

`messages` reads them.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple


class ChoreographySettings(NamedTuple):
    """What the functions must know of a choreography; durations in seconds.

    *entity*: where events carry the id of their entity, in a form of `core.fields`; or
    ``{"entries": [{"when": pattern, "entity": form}, ..., {"entity": form}]}``, of which the first that fits says it.
    *also*: where they carry other names of it, by kind.
    *expected_seconds*: after which a journey is overdue; None if nobody said.
    *id*: where events carry an id of their own; None where EventBridge's counts.
    *remember*: what a journey remembers of its start event, path by name; None if it never remembers anything.
    *retired*: the events that only journeys of older definitions await. *moves*: the start events that move a journey,
    too, where one runs.
    """

    name: str
    state_machine_arn: str
    entity: Any
    time: str
    events: tuple[str, ...]
    early_seconds: float
    settle_seconds: float
    unexpected: Literal["report", "fail"]
    timeout_seconds: float
    reads: tuple[str, ...]
    remember: Mapping[str, str] | None = None
    expected_seconds: float | None = None
    retired: tuple[str, ...] = ()
    id: str | None = None
    also: Mapping[str, Any] | None = None
    moves: tuple[str, ...] = ()

    def to_message(self) -> dict[str, Any]:
        """The form that `messages.settings_from` reads."""
        return {
            "name": self.name,
            "stateMachineArn": self.state_machine_arn,
            "entity": self.entity,
            "time": self.time,
            "events": list(self.events),
            "earlySeconds": self.early_seconds,
            "settleSeconds": self.settle_seconds,
            "unexpected": self.unexpected,
            "timeoutSeconds": self.timeout_seconds,
            "reads": list(self.reads),
            **({} if self.remember is None else {"remember": dict(self.remember)}),
            **({} if self.also is None else {"also": dict(self.also)}),
            **({} if self.expected_seconds is None else {"expectedSeconds": self.expected_seconds}),
            **({"retired": list(self.retired)} if self.retired else {}),
            **({} if self.id is None else {"id": self.id}),
            **({"moves": list(self.moves)} if self.moves else {}),
        }

    def to_json(self) -> str:
        """`to_message`, compact."""
        return json.dumps(self.to_message(), ensure_ascii=False, separators=(",", ":"))
