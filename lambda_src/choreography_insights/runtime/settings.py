"""A choreography's settings, as the rule wraps them around each event (docs/reference/interfaces.md, section 4)."""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Self, cast

from .errors import InvalidMessage, kind_of


class ChoreographySettings(NamedTuple):
    """What the functions must know of a choreography; durations in seconds.

    *expected_seconds*: after which a journey is overdue; None if nobody said.
    *remember*: what a journey remembers of its start event, path by name; None if it never remembers anything.
    """

    name: str
    state_machine_arn: str
    entity: str
    time: str
    events: tuple[str, ...]
    early_seconds: float
    settle_seconds: float
    unexpected: Literal["fail", "ignore"]
    timeout_seconds: float
    reads: tuple[str, ...]
    remember: Mapping[str, str] | None = None
    expected_seconds: float | None = None

    @classmethod
    def from_message(cls, settings: Mapping[str, Any]) -> Self:
        """Read the settings; raise `InvalidMessage` naming the field that is missing or wrong."""
        try:
            choreography = cls(
                name=settings["name"],
                state_machine_arn=settings["stateMachineArn"],
                entity=settings["entity"],
                time=settings.get("time", "$.time"),
                events=tuple(settings.get("events", ())),
                early_seconds=float(settings["earlySeconds"]),
                settle_seconds=float(settings["settleSeconds"]),
                unexpected=cast("Literal['fail', 'ignore']", settings.get("unexpected", "fail")),
                timeout_seconds=float(settings["timeoutSeconds"]),
                reads=tuple(settings.get("reads", ())),
                remember=settings.get("remember"),
                expected_seconds=float(settings["expectedSeconds"]) if "expectedSeconds" in settings else None,
            )
        except KeyError as missing:
            raise InvalidMessage(
                f"the message's choreography has no {missing}; is its rule made by this project?"
            ) from None
        except (TypeError, ValueError, AttributeError) as wrong:
            raise InvalidMessage(
                "the message's choreography cannot be read: a setting is not of its kind, such as a text for a number"
            ) from wrong
        if not isinstance(choreography.name, str):
            raise InvalidMessage(f"the choreography's name is {kind_of(choreography.name)}; it must be a text")
        if choreography.unexpected not in ("fail", "ignore"):
            raise InvalidMessage(f"unexpected is {kind_of(choreography.unexpected)}; it must be 'fail' or 'ignore'")
        return choreography

    def to_message(self) -> dict[str, Any]:
        """The form that `from_message` reads."""
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
            **({} if self.expected_seconds is None else {"expectedSeconds": self.expected_seconds}),
        }

    def to_json(self) -> str:
        """`to_message`, compact."""
        return json.dumps(self.to_message(), ensure_ascii=False, separators=(",", ":"))

    def journey_key(self, entity_id: str) -> str:
        """The table's partition key. A choreography's name has no ``#``, so different choreographies never meet."""
        return f"{self.name}#{entity_id}"
