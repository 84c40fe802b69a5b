"""Events put on the bus of a deployed example, and delivered once more, as EventBridge sometimes does."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from benchmarks.sample_values import envelope
from demonstration.deployment import Stage

_PLACE_OF_EVENT = "<aws.events.event.json>"
_BATCH = 10
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Event:
    """What a service puts on the bus; *time* in epoch seconds."""

    source: str
    name: str
    detail: dict[str, Any]
    time: float


@dataclass(frozen=True, slots=True)
class _Target:
    """What a rule sends its events to, each in the middle of *template*."""

    queue_url: str
    template: str
    events: frozenset[str]


class Bus:
    """The bus of a deployed example."""

    def __init__(self, stage: Stage) -> None:
        self._events, self._queues = stage.aws.client("events"), stage.aws.client("sqs")
        self._name: str = stage.outputs["event_bus_name"]
        self._targets = list(self._read_targets())

    def publish(self, events: Sequence[Event]) -> list[str]:
        """Put *events* on the bus; return the ids that EventBridge gives them."""
        ids: list[str] = []
        for batch in _batches(events):
            answer = self._events.put_events(Entries=[self._entry(event) for event in batch])
            ids += [entry["EventId"] for entry in answer["Entries"]]
        return ids

    def deliver_again(self, events: Sequence[tuple[str, Event]]) -> None:
        """Send the messages of *events* that have been published, with their ids, once more."""
        messages: dict[str, list[str]] = {}
        for event_id, event in events:
            again = envelope(event_id, event.source, event.name, event.time, event.detail)
            for target in self._targets:
                if event.name in target.events:
                    text = target.template.replace(_PLACE_OF_EVENT, json.dumps(again))
                    messages.setdefault(target.queue_url, []).append(text)
        for url, bodies in messages.items():
            for batch in _batches(bodies):
                entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)]
                self._queues.send_message_batch(QueueUrl=url, Entries=entries)

    def _entry(self, event: Event) -> dict[str, Any]:
        return {
            "EventBusName": self._name,
            "Source": event.source,
            "DetailType": event.name,
            "Detail": json.dumps(event.detail),
            "Time": datetime.fromtimestamp(event.time, UTC),
        }

    def _read_targets(self) -> Iterator[_Target]:
        for rule in self._events.list_rules(EventBusName=self._name)["Rules"]:
            answer = self._events.list_targets_by_rule(Rule=rule["Name"], EventBusName=self._name)
            for target in answer["Targets"]:
                template = target["InputTransformer"]["InputTemplate"]
                known = json.loads(template.replace(_PLACE_OF_EVENT, "null"))["choreography"]["events"]
                queue = self._queues.get_queue_url(QueueName=target["Arn"].rpartition(":")[2])
                yield _Target(queue["QueueUrl"], template, frozenset(known))


def _batches(items: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))
