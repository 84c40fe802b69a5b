"""What people and other services are told: deviations and ends, as events on the bus, in the log and as metrics."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .errors import RetryLater
from .event import Event, compact_json
from .journey import EventRow
from .log import code_of, logger
from .messages import OWN_SOURCE, ExecutionEnded
from .metrics import Metrics
from .settings import ChoreographySettings

_ENDED_METRICS = {
    "SUCCEEDED": "JourneysSucceeded",
    "FAILED": "JourneysFailed",
    "TIMED_OUT": "JourneysTimedOut",
    "ABORTED": "JourneysAborted",
}


#: Errors by which an execution ends that say nothing of an event: those that the compiler makes, Step Functions' and
#: DynamoDB's. Any other may have been read from an event's data.
_ERROR_OF_NO_EVENT = re.compile(
    r"(UnexpectedEvent|UnexpectedTransition|NoItems|States\.[A-Za-z]+|DynamoDb\.[A-Za-z]+Exception)\Z"
)


class Reports:
    """The rim towards the bus. A report is made at least once: a crash behind it repeats it."""

    def __init__(self, client: Any, bus_name: str, metrics: Metrics) -> None:
        self.client = client
        self.bus_name = bus_name
        self.metrics = metrics

    def deviated(
        self,
        choreography: ChoreographySettings,
        about: Event,
        execution_arn: str | None,
        row: EventRow,
        name: tuple[str, str] | None = None,
    ) -> None:
        """Report the deviation that *row*, that of the event *about*, holds.

        *name*: kind and text of the other name that it is about, if it is.
        """
        deviation: Mapping[str, Any] = row.deviation or {}
        states = [{"state": state, "accepts": accepts} for state, accepts in deviation.get("states", ())]
        event = {
            "eventName": row.name,
            "eventId": row.event_id,
            **({} if about.bridge_id is None else {"eventBridgeId": about.bridge_id}),
            "time": _iso(row.time),
            "known": row.is_start or row.name in choreography.events,
        }
        self._put(
            "Journey Deviated",
            {
                "choreography": choreography.name,
                "entityId": about.entity_id,
                "executionArn": execution_arn,
                **({} if name is None else {"name": {"as": name[0], "id": name[1]}}),
                "reason": deviation.get("reason"),
                "event": event,
                "states": states,
                "policy": deviation.get("policy") or choreography.unexpected,
                "cause": deviation.get("cause"),
            },
        )
        self.metrics.count("Deviations", choreography.name)
        logger.warning(
            "journey deviated",
            choreography=choreography.name,
            entity_id=about.entity_id,
            execution_arn=execution_arn,
            event_name=row.name,
            event_id=about.event_id,
            eventbridge_id=about.bridge_id,
            reason=deviation.get("reason"),
            cause=_without_items(deviation),
        )

    def ended(self, end: ExecutionEnded, choreography: str, entity_id: str) -> None:
        """Report how a journey ended and how long it took."""
        seconds = end.ended_at - end.started_at
        self._put(
            "Journey Ended",
            {
                "choreography": choreography,
                "entityId": entity_id,
                "executionArn": end.execution_arn,
                "status": end.status,
                "startedAt": _iso(end.started_at),
                "endedAt": _iso(end.ended_at),
                "durationSeconds": round(seconds, 3),
                "error": end.error,
                "cause": end.cause,
            },
        )
        self.metrics.count(_ENDED_METRICS[end.status], choreography)
        self.metrics.duration("JourneyDuration", choreography, seconds)
        logger.info(
            "journey ended",
            choreography=choreography,
            entity_id=entity_id,
            execution_arn=end.execution_arn,
            status=end.status,
            duration_seconds=round(seconds, 3),
            error=_without_data(end.error),
        )

    def _put(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        response = self.client.put_events(
            Entries=[
                {
                    "Source": OWN_SOURCE,
                    "DetailType": detail_type,
                    "Detail": compact_json(detail),
                    "EventBusName": self.bus_name,
                }
            ]
        )
        if response.get("FailedEntryCount"):
            entry = response["Entries"][0]
            code = code_of(entry.get("ErrorCode"))
            raise RetryLater(f"{detail_type!r} was not taken by the bus {self.bus_name!r}: {code}")


def _without_items(deviation: Mapping[str, Any]) -> str:
    """The cause for the log: the states without the keys of items, which come from events."""
    cause = str(deviation.get("cause"))
    for state in sorted((state for state, _ in deviation.get("states", ())), key=len, reverse=True):
        cause = cause.replace(repr(state), repr(state.partition("[")[0]))
    return cause


def _without_data(error: str | None) -> str | None:
    """The error for the log: one that may be an event's data is only said to be the choreography's own."""
    return error if error is None or _ERROR_OF_NO_EVENT.match(error) else "the choreography's own"


def _iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
