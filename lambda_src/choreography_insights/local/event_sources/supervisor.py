"""Keeps a poller running for every event source mapping that is enabled."""

import logging
import threading
from collections.abc import Sequence
from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction, lambda_backends

from choreography_insights.local.event_sources.queue_poller import QueuePoller
from choreography_insights.local.event_sources.stream_poller import Position, StreamPoller, starting_position
from choreography_insights.local.functions.pool import FunctionPool
from choreography_insights.local.functions.process import Outcome
from choreography_insights.local.patches.lambda_invocations import run
from choreography_insights.local.patches.source_digests import patch

log = logging.getLogger(__name__)

Poller = QueuePoller | StreamPoller

# Mappings that vanish without a call (a reset of moto) are noticed at the next look.
LOOK_EVERY_SECONDS = 2.0


class Supervisor:
    """Starts and stops pollers as mappings are created, enabled, disabled and deleted."""

    def __init__(self, pool: FunctionPool, *, retry_after_seconds: float | None = None) -> None:
        self._pool = pool
        self._retry_after_seconds = retry_after_seconds
        self._lock = threading.Lock()
        self._pollers: dict[str, Poller] = {}
        self._positions: dict[str, Position] = {}
        self._ended = threading.Event()

    def start(self) -> None:
        """Follow the calls that change mappings, and begin to look after them."""
        for name, source_digest in {
            "update_event_source_mapping": "7ec08b40f6d0",
            "delete_event_source_mapping": "0df9c39da24e",
        }.items():

            @patch(LambdaBackend, name, source_digest=source_digest)
            def followed(original: Any, *args: Any, **named: Any) -> Any:
                result = original(*args, **named)
                self.reconcile()
                return result

        created = LambdaBackend.create_event_source_mapping

        def create(backend: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
            mapping = created(backend, spec)
            self.reconcile()
            return mapping

        LambdaBackend.create_event_source_mapping = create  # type: ignore[assignment,method-assign]
        threading.Thread(target=self._look, daemon=True).start()

    def end(self) -> None:
        """Stop all pollers."""
        self._ended.set()
        with self._lock:
            for poller in self._pollers.values():
                poller.stop()

    def reconcile(self) -> None:
        """Let exactly the enabled mappings be polled."""
        with self._lock:
            mappings = _mappings()
            wanted = {uuid for uuid, mapping in mappings.items() if mapping.enabled and not self._ended.is_set()}
            for uuid in self._pollers.keys() - wanted:
                self._pollers.pop(uuid).stop()
            for uuid in wanted - self._pollers.keys():
                self._pollers[uuid] = self._poller(mappings[uuid])
                self._pollers[uuid].start()
            for uuid in self._positions.keys() - mappings.keys():
                del self._positions[uuid]

    def _poller(self, mapping: EventSourceMapping) -> Poller:
        def invoke(event: str, headers: Sequence[str] = ()) -> Outcome:
            return self._invoke(mapping, event, headers)

        if ":sqs:" in mapping.event_source_arn:
            return QueuePoller(
                mapping, invoke, concurrency=self._pool.processes, retry_after_seconds=self._retry_after_seconds
            )
        if mapping.uuid not in self._positions:
            self._positions[mapping.uuid] = starting_position(mapping)
        return StreamPoller(mapping, invoke, self._positions[mapping.uuid])

    def _invoke(self, mapping: EventSourceMapping, event: str, headers: Sequence[str]) -> Outcome:
        _, _, _, region, account, *_ = mapping.function_arn.split(":")
        function: LambdaFunction | None = lambda_backends[account][region].get_function_by_arn(mapping.function_arn)
        if function is None:
            self._ended.wait(1)
            return Outcome('{"errorType": "ResourceNotFoundException"}', failed=True)
        return run(self._pool, function, event, headers)

    def _look(self) -> None:
        while not self._ended.wait(LOOK_EVERY_SECONDS):
            self.reconcile()


def _mappings() -> dict[str, EventSourceMapping]:
    return {
        uuid: mapping
        for account in list(lambda_backends.values())
        for backend in list(account.values())
        for uuid, mapping in list(backend._event_source_mappings.items())  # noqa: SLF001  # moto lists them per function
    }
