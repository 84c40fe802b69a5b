"""What AWS and the functions suffer in a run: values, so that a run can be repeated with less of it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from fake_aws import FakeAws
from fake_aws.errors import client_error
from fake_aws.executions import Execution
from fake_aws.gates import Died, Gatekeeper
from journeys.plans import Plan
from journeys.randomness import Dice

FaultKind = Literal[
    "dies before",
    "dies after",
    "throttled",
    "server error",
    "error after it was done",
    "answer lost, asked again",
    "transaction conflict",
    "report refused",
]
FAULT_KINDS: Sequence[FaultKind] = get_args(FaultKind)
_CALLS_OF_AN_EVENT = 5
_ENDS = 12
Word = Literal["sent", "lost", "late", "sent twice"]
"""What becomes of Step Functions' word that an execution has ended."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first call from this *number* on (counted over all functions) that can goes wrong like that."""

    number: int
    kind: FaultKind


@dataclass(frozen=True, slots=True)
class LateWrite:
    """The wait that is the *wait*-th to be stored is refused so many *times* before; *lands*: but is stored at once."""

    wait: int
    times: int
    code: str
    lands: bool


@dataclass(frozen=True, slots=True)
class Disturbances:
    """Everything that goes wrong in a run besides late and repeated events.

    *words*: what becomes of the word of each end, in the order of the ends; then all are sent. *repeated*: which stream
    records come twice. *too_soon*: answers to tasks that were not noted as submitted are refused. *stored_twice*: Step
    Functions' SDK repeats its writes. *abandoned*: writes of given-up tries may land later. *page*: the items of
    a page. *interleaved*: functions run side by side, call by call. *batches*: messages come several at once.
    """

    seed: int
    faults: tuple[Fault, ...] = ()
    late_writes: tuple[LateWrite, ...] = ()
    words: tuple[Word, ...] = ()
    repeated: tuple[int, ...] = ()
    too_soon: bool = False
    stored_twice: bool = False
    abandoned: bool = False
    page: int = 100
    interleaved: bool = False
    batches: bool = False

    @property
    def prompt(self) -> bool:
        """Whether the word of each end comes at once."""
        return come_promptly(self.words)


def come_promptly(told: Sequence[Word]) -> bool:
    """Whether each word comes at once."""
    return all(word in ("sent", "sent twice") for word in told)


def words(dice: Dice) -> tuple[Word, ...]:
    """What becomes of Step Functions' words: all are sent mostly."""
    if dice.chance(0.6):
        return ()
    options: Sequence[Word] = ("sent", "lost", "lost", "late", "sent twice")
    return tuple(dice.one_of(options) for _ in range(_ENDS))


def disturbances(dice: Dice, plan: Plan, told: tuple[Word, ...], events: int) -> Disturbances:
    """Any that *plan* allows, besides what becomes of Step Functions' words; so many *events* come."""
    calls = _CALLS_OF_AN_EVENT * events
    kinds = [dice.one_of(FAULT_KINDS) for _ in range(plan.faults)]
    faults = [Fault(0 if kind == "report refused" else dice.between(0, calls), kind) for kind in kinds]
    late = [_late_write(dice, events) for _ in range(dice.between(1, 2) if plan.late_writes else 0)]
    return Disturbances(
        seed=dice.seed(),
        faults=tuple(sorted(faults, key=lambda one: one.number)),
        late_writes=tuple(late),
        words=told,
        repeated=tuple(dice.between(0, 20) for _ in range(dice.one_of((0, 0, 3)))),
        too_soon=plan.answered_too_soon,
        stored_twice=dice.chance(0.15),
        abandoned=dice.chance(0.4),
        page=dice.one_of((100, 100, 2)),
        interleaved=dice.chance(0.15),
        batches=dice.chance(0.3),
    )


def _late_write(dice: Dice, events: int) -> LateWrite:
    code = dice.one_of(("ThrottlingException", "InternalServerError", "ProvisionedThroughputExceededException"))
    return LateWrite(dice.between(0, events), dice.between(1, 5), code, dice.chance(0.35))


class Troubled(Gatekeeper):
    """Lets calls go wrong; *met* counts which did."""

    def __init__(self, faults: Sequence[Fault], aws: FakeAws, met: Counter[str]) -> None:
        super().__init__()
        self.to_come, self.aws, self.met = list(faults), aws, met

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
            number, self.count = self.count, self.count + 1
            for one in self.to_come:
                if one.number > number:
                    break
                if _can(one.kind, operation):
                    self.to_come.remove(one)
                    self.met[one.kind] += 1
                    return self._wrong(one.kind, operation, do)
            return do()

    def _wrong(self, kind: FaultKind, operation: str, do: Callable[[], Any]) -> Any:
        match kind:
            case "dies before":
                raise Died
            case "dies after":
                do()
                raise Died
            case "throttled":
                raise _throttled(operation)
            case "server error":
                raise client_error("InternalServerError", "told to go wrong", operation)
            case "error after it was done":
                do()
                raise client_error("InternalServerError", "told to go wrong", operation)
            case "answer lost, asked again":
                do()
                return do()
            case "transaction conflict":
                raise _conflict(operation)
            case "report refused":
                self.aws.events.refusals += 1
                return do()


def _can(kind: FaultKind, operation: str) -> bool:
    match kind:
        case "transaction conflict":
            return operation in ("transact_write_items", "update_item", "put_item")
        case "report refused":
            return operation == "put_events"
        case "answer lost, asked again":  # transactions carry a token of idempotency
            return operation != "transact_write_items"
        case _:
            return True


def _cancelled(operation: str, code: str) -> Exception:
    reasons = [{"Code": code, "Message": "told to go wrong"}, {"Code": "None"}]
    return client_error("TransactionCanceledException", "cancelled", operation, CancellationReasons=reasons)


def _conflict(operation: str) -> Exception:
    if operation == "transact_write_items":
        return _cancelled(operation, "TransactionConflict")
    return client_error("TransactionConflictException", "Transaction is ongoing for the item", operation)


def _throttled(operation: str) -> Exception:
    if operation == "transact_write_items":
        return _cancelled(operation, "ThrottlingError")
    return client_error("ThrottlingException", "Rate exceeded", operation)


# ---- Step Functions, the stream --------


class _Repeating(list[dict[str, Any]]):
    """A stream of which some records come twice."""

    def __init__(self, numbers: Sequence[int], met: Counter[str]) -> None:
        super().__init__()
        self.numbers, self.met, self.seen = set(numbers), met, 0

    def append(self, record: dict[str, Any]) -> None:
        super().append(record)
        if self.seen in self.numbers:
            self.met["stream record repeated"] += 1
            super().append(record)
        self.seen += 1


def disturb(aws: FakeAws, what: Disturbances, met: Counter[str]) -> None:
    """Let *what* happen in *aws*; *met* counts what really did."""
    aws.keeper = Troubled(what.faults, aws, met)
    aws.dynamodb.page_items = what.page
    service = aws.stepfunctions
    service.keep_late, service.repeats_writes = what.abandoned, what.stored_twice
    service.before_submitted = "refused" if what.too_soon else "accepted"
    if what.too_soon:
        _count_refusals(aws, met)
    if what.repeated:
        aws.table.stream = _Repeating(what.repeated, met)
    if what.late_writes:
        service.write = _late(what.late_writes, aws, met)  # type: ignore[assignment, method-assign]
    if any(word != "sent" for word in what.words):
        service.on_execution_ended = _worded(what.words, aws, met)


def _count_refusals(aws: FakeAws, met: Counter[str]) -> None:
    """Count answers to tasks that Step Functions has not noted as submitted yet."""
    client = aws.clients["stepfunctions"]
    send: Callable[..., dict[str, Any]] = client.send_task_success

    def sent(*, taskToken: str, output: str) -> dict[str, Any]:
        line = aws.stepfunctions.tokens.get(taskToken)
        met["answer refused, given too soon"] += (
            line is not None and line.token == taskToken and line.phase == "submitting"
        )
        return send(taskToken=taskToken, output=output)

    client.send_task_success = sent


def _late(late: Sequence[LateWrite], aws: FakeAws, met: Counter[str]) -> Callable[[Mapping[str, Any]], None]:
    """Step Functions' UpdateItem: some waits are stored late, whichever others are beside them."""
    write, waits = aws.stepfunctions.write, dict[tuple[str, ...], int]()
    to_come = {(one.wait, time): one for one in late for time in range(one.times)}

    def written(parameters: Mapping[str, Any]) -> None:
        if "#wait" not in parameters["ExpressionAttributeNames"]:  # it only tells where the journey is
            write(parameters)
            return
        row = (parameters["Key"][name]["S"] for name in ("journey", "item"))
        key = (*row, parameters["ExpressionAttributeNames"]["#wait"])
        number = waits.setdefault(key, len(waits))
        for time in range(5):
            if (one := to_come.pop((number, time), None)) is not None:
                met["wait stored late" if not one.lands else "wait stored, and Step Functions not told"] += 1
                if one.lands:
                    write(parameters)
                raise client_error(one.code, "told to go wrong", "UpdateItem")
        write(parameters)

    return written


def _worded(words: Sequence[Word], aws: FakeAws, met: Counter[str]) -> Callable[[Execution], None]:
    tell, to_come = aws.stepfunctions.on_execution_ended, list(words)

    def told(execution: Execution) -> None:
        word = to_come.pop(0) if to_come else "sent"
        if word != "sent":
            met[f"word of an end {word}"] += 1
        if word == "lost":
            return
        before = len(aws.queues["event"].messages)
        tell(execution)
        if word == "sent twice":
            tell(execution)
        for message in aws.queues["event"].messages[before:]:
            message.visible_at += 400.0 if word == "late" else 0.0

    return told
