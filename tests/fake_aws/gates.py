"""Between a function and its AWS clients: every call passes a gate, and can be seen, delayed or made to go wrong."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from fake_aws.errors import client_error

_RIM = frozenset(
    f"choreography_insights.runtime.{name}"
    for name in (
        "claims",
        "due_index",
        "name_rows",
        "table",
        "executions",
        "history",
        "timers",
        "reports",
        "redelivery",
    )
)


class Died(BaseException):
    """The function was killed. No Exception, so that no handler catches it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS call of a function; *site* is the method of the rim that makes it (``Claims.claim``).

    *first*: it is the first of its invocation, or something else has happened since the one before.
    *changes*: something is other than before it.
    """

    number: int
    function: str
    service: str
    operation: str
    site: str
    first: bool
    changes: bool

    def __str__(self) -> str:
        return f"{self.number} {self.function}: {self.site} -> {self.service} {self.operation}"


FaultKind = Literal["die before", "die after", "conflict", "repeat", "fail before", "fail after"]

#: Operations that change nothing.
READS = {"get_item", "batch_get_item", "query", "describe_execution", "get_execution_history"}
_CONFLICTING = {"transact_write_items", "update_item"}


def differs(kind: FaultKind, call: Call) -> bool:
    """Whether a *call* that goes wrong so is neither like one that does not, nor like another that does.

    Who dies before a call that is not the first dies where another call dies that is tried: after the last that has
    changed something, or before the first. A transaction bears a token of idempotency, so it is not repeated.
    """
    match kind:
        case "die before":
            return call.first
        case "fail before":
            return True
        case "die after" | "fail after":
            return call.changes
        case "repeat":
            return call.changes and call.operation != "transact_write_items"
        case "conflict":
            return call.operation in _CONFLICTING


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with the call of this number, counted over all functions from 0.

    *conflict*: another transaction holds the row. *repeat*: the answer got lost, and botocore asks again. *fail*: the
    call raises an error that nobody knows, before or after AWS has done it.
    """

    number: int
    kind: FaultKind

    def __str__(self) -> str:
        return f"{self.kind} at call {self.number}"


@dataclass
class Gatekeeper:
    """Counts and remembers the calls of all functions, and says which go wrong; those in *broken* always do.

    *refusals*: what is called with the parameters of an operation instead of AWS, and raises.
    *interludes*: what happens in the fake AWS just before the next call of an operation, once.
    """

    watching: bool = False
    fault: Fault | None = None
    broken: set[str] = field(default_factory=set)
    refusals: dict[str, Callable[[dict[str, Any]], None]] = field(default_factory=dict)
    interludes: dict[str, Callable[[], None]] = field(default_factory=dict)
    count: int = 0
    calls: list[Call] = field(default_factory=list)
    lock: Any = field(default_factory=threading.RLock)

    def pass_through(
        self,
        function: str,
        service: str,
        operation: str,
        do: Callable[[], Any],
        parameters: dict[str, Any],
        *,
        first: bool,
    ) -> Any:
        """Let the call through, or not."""
        with self.lock:
            if not self.watching:
                return self._passed(operation, do, parameters)
            number, first, changes = self.count, first or operation in self.interludes, False
            try:
                answer = self._passed(operation, do, parameters)
                changes = operation not in READS
            finally:
                self.calls.append(Call(number, function, service, operation, _site(), first, changes))
            return answer

    def _passed(self, operation: str, do: Callable[[], Any], parameters: dict[str, Any]) -> Any:
        number, self.count = self.count, self.count + 1
        if (interlude := self.interludes.pop(operation, None)) is not None:
            interlude()
        if (refusal := self.refusals.get(operation)) is not None:
            refusal(parameters)
        if operation in self.broken:
            raise client_error("InternalServerError", "told to go wrong", operation)
        if self.fault is None or self.fault.number != number:
            return do()
        return _faulty(self.fault.kind, operation, do)


def _faulty(kind: FaultKind, operation: str, do: Callable[[], Any]) -> Any:
    match kind:
        case "die before":
            raise Died
        case "die after":
            do()
            raise Died
        case "fail before":
            raise client_error("InternalServerError", "told to go wrong", operation)
        case "fail after":
            do()
            raise client_error("InternalServerError", "told to go wrong", operation)
        case "repeat":
            if operation != "transact_write_items":  # botocore sends these with a token of idempotency
                do()
            return do()
        case "conflict":
            if operation == "transact_write_items":
                reasons = [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]
                raise client_error("TransactionCanceledException", "cancelled", operation, CancellationReasons=reasons)
            if operation == "update_item":
                raise client_error("TransactionConflictException", "Transaction is ongoing for the item", operation)
            return do()


def _site() -> str:
    site, frame = "?", sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") in _RIM:
            site = frame.f_code.co_qualname.partition(".<")[0]
        elif site != "?":
            return site
        frame = frame.f_back  # type: ignore[assignment]
    return site


Pass = Callable[[str, str, Callable[[], Any], dict[str, Any]], Any]


class Gated:
    """A client whose every operation passes a gate first."""

    def __init__(self, service: str, client: Any, gate: Pass) -> None:
        self._service, self._client, self._gate = service, client, gate

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self._client, operation)
        gate, service = self._gate, self._service

        def gated(**parameters: Any) -> Any:
            return gate(service, operation, lambda: method(**parameters), parameters)

        self.__dict__[operation] = gated
        return gated
