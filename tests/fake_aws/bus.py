"""EventBridge in memory: rules that match, and the wrapping that their targets do."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from choreography_insights.core.patterns import matches as detail_matches
from fake_aws.clock import Clock, iso_seconds
from fake_aws.errors import Unmodelled


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether *event* matches a generated pattern: (anything-but) lists of texts, a `when` on the detail."""
    return all(
        detail_matches(rules, event["detail"]) if name == "detail" else _field_matches(rules, event.get(name))
        for name, rules in pattern.items()
    )


def _field_matches(rules: Any, value: Any) -> bool:
    if not isinstance(rules, list):
        raise Unmodelled(f"the pattern {rules!r}")
    return any(_one_matches(rule, value) for rule in rules)


def _one_matches(rule: Any, value: Any) -> bool:
    if isinstance(rule, str):
        return bool(rule == value)
    if isinstance(rule, Mapping) and set(rule) == {"anything-but"} and isinstance(rule["anything-but"], Sequence):
        return value not in rule["anything-but"]
    raise Unmodelled(f"the matcher {rule!r}")


class EventsClient:
    """The bus, as botocore's client shows it. *deliver* gets each event that is put."""

    def __init__(self, clock: Clock, bus_name: str, deliver: Callable[[dict[str, Any]], None]) -> None:
        self.clock, self.bus_name, self.deliver = clock, bus_name, deliver
        self.put: list[dict[str, Any]] = []
        self.refusals = 0

    def put_events(self, *, Entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Put events on the bus; *refusals* of the next entries are not taken, as under throttling."""
        answers: list[dict[str, Any]] = []
        for entry in Entries:
            if entry["EventBusName"] != self.bus_name:
                raise Unmodelled(f"the bus {entry['EventBusName']!r}")
            if self.refusals:
                self.refusals -= 1
                answers.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"})
                continue
            event = {
                "version": "0",
                "id": f"report-{len(self.put) + 1}",
                "source": entry["Source"],
                "detail-type": entry["DetailType"],
                "time": iso_seconds(self.clock.now),
                "detail": json.loads(entry["Detail"]),
            }
            self.put.append(event)
            answers.append({"EventId": event["id"]})
            self.deliver(event)
        return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}
