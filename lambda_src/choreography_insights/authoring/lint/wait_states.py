"""Whether each Task is a wait state, with all that it needs: docs/interfaces.md, section 2."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from choreography_insights.authoring.compiler.waits import transient_retry, wait_task
from choreography_insights.authoring.lint.json_document import Document, Path
from choreography_insights.authoring.lint.machines import Machine
from choreography_insights.authoring.parser.cursor import Cursor
from choreography_insights.authoring.parser.document import load
from choreography_insights.authoring.parser.pattern import parse_pattern
from choreography_insights.authoring.problems import Problem, Spot, listed

_RESOURCE = re.compile(r"arn:(\$\{partition\}|aws[a-z-]*):states:::aws-sdk:dynamodb:updateItem\.waitForTaskToken")
_UNEXPECTED = "UnexpectedEvent"
_WILDCARDS = ("States.ALL", "States.TaskFailed")
_MOST_RETRIES = 9
_DEFAULT_RETRIES = 3

_WHY: Mapping[str, str] = {
    "TableName": "Terraform fills in the table of journeys there",
    "Key": "it names the journey whose row is written",
    "UpdateExpression": "it records the wait and that the journey runs",
    "ConditionExpression": "it keeps an older execution, or an older entry, from writing over a newer one",
    "ExpressionAttributeNames": "'#wait' is 'wait:' and the state's own name, so that no two waits share a place",
    "ExpressionAttributeValues": "these are what the functions need to know of the wait",
    "token": "with it the functions resume the journey",
    "execution": "waits of another execution are never resumed",
    "enteredAt": "the time spent in the state is counted from there",
    "v": "it tells a newer entry of the same state from an older one",
}


def wait_state_problems(document: Document, machine: Machine) -> Iterator[Problem]:
    """Yield the problems of every Task of *machine*."""
    for name, state in machine.states.items():
        if state.get("Type") == "Task":
            yield from _Wait(document, machine, name, state).problems()


class _Wait:
    """One Task under examination."""

    def __init__(self, document: Document, machine: Machine, name: str, state: Mapping[str, Any]) -> None:
        self._document = document
        self._machine = machine
        self._name = name
        self._state = state
        self._path: Path = (*machine.path, "States", name)

    def problems(self) -> Iterator[Problem]:
        resource = self._state.get("Resource")
        if not isinstance(resource, str) or not _RESOURCE.fullmatch(resource):
            right = wait_task(self._name, ())["Resource"]
            yield self._wrong(
                ("Resource",),
                f"a Task of a choreography waits for an event and does nothing else, but this one calls {resource!r}; "
                f"write {str(right)!r}, or leave the work to a service that sends an event",
            )
            return
        if self._state.get("QueryLanguage", self._machine.query_language) != "JSONPath":
            yield self._wrong((), 'a wait state is written in JSONPath; add "QueryLanguage": "JSONPath" to it')
            return
        yield from self._parameters()
        yield from self._result()
        yield from self._retries()
        for key in ("HeartbeatSeconds", "HeartbeatSecondsPath"):
            if key in self._state:
                yield self._wrong(
                    (key,), f"nothing sends heartbeats, so {key!r} would end every wait; use TimeoutSeconds"
                )

    def _wrong(self, below: Path, message: str) -> Problem:
        return self._document.spot((*self._path, *below)).problem(message)

    def _parameters(self) -> Iterator[Problem]:
        """Compare with what the compiler would write, but for what is accepted."""
        expected = wait_task(self._name, ())["Parameters"]
        seen = self._state.get("Parameters")
        if seen is None:
            yield self._wrong((), "'Parameters' is missing; write them as docs/interfaces.md, section 2, has them")
            return
        yield from self._compare(seen, expected, ("Parameters",))

    def _compare(self, seen: Any, right: Any, below: Path) -> Iterator[Problem]:
        if below[-1] == "accepts":
            yield from self._accepts(seen, below)
        elif isinstance(right, dict) and isinstance(seen, dict):
            for key, value in right.items():
                if key in seen:
                    yield from self._compare(seen[key], value, (*below, key))
                else:
                    wanted = "a list of events" if key == "accepts" else json.dumps(value, ensure_ascii=False)
                    yield self._wrong(below, f"{key!r} is missing; add it ({_why((*below, key))}): {wanted}")
            for key in seen:
                if key not in right:
                    yield self._wrong((*below, key), f"a wait state has no {key!r} here; remove it")
        elif _plain(seen) != _plain(right):
            wrong = f"this is {json.dumps(seen, ensure_ascii=False)}; write {json.dumps(right, ensure_ascii=False)}"
            yield self._wrong(below, f"{wrong}: {_why(below)}")

    def _accepts(self, seen: Any, below: Path) -> Iterator[Problem]:
        entries = seen.get("L") if isinstance(seen, dict) and set(seen) == {"L"} else None
        if not isinstance(entries, list) or not entries:
            form = '{"L": [{"M": {"event": {"S": "Order Paid"}}}]}'
            yield self._wrong(below, f"this is no list of the events that are accepted; write {form}")
            return
        for position, entry in enumerate(entries):
            yield from self._variant(entry, (*below, "L", position), position, len(entries))

    def _variant(self, entry: Any, below: Path, position: int, count: int) -> Iterator[Problem]:
        inner = entry.get("M") if isinstance(entry, dict) and set(entry) == {"M"} else None
        if not isinstance(inner, dict):
            yield self._wrong(below, 'this is no event that is accepted; write {"M": {"event": {"S": "Order Paid"}}}')
            return
        below = (*below, "M")
        if not _text(inner.get("event")):
            yield self._wrong((*below, "event"), 'the name of the event is missing; write "event": {"S": "Order Paid"}')
        if "when" in inner:
            yield from self._when(inner["when"], (*below, "when"))
        if "contestedBy" in inner:
            yield from self._contested(inner["contestedBy"], (*below, "contestedBy"), position, count)
        for key in inner:
            if key not in ("event", "when", "contestedBy"):
                yield self._wrong(
                    (*below, key), f"an accepted event has no {key!r}; it has 'event', 'when' and 'contestedBy'"
                )

    def _when(self, seen: Any, below: Path) -> Iterator[Problem]:
        text = _text(seen)
        if text is None:
            yield self._wrong(below, 'this is no pattern; write {"S": "..."} with the pattern as JSON in the text')
            return
        try:
            json.loads(text)
        except ValueError as error:
            yield self._wrong(below, f"the pattern is not JSON ({error}); mend it")
            return
        found: list[Problem] = []
        tree = load(text, "", found.append)
        if tree is not None:
            parse_pattern(Cursor(tree, "", found.append))
        spot = self._document.spot((*self._path, *below))
        for problem in found:
            inside = f"{problem.spot.path}: " if problem.spot.path else ""
            yield Spot(spot.at, spot.path).problem(f"{inside}{problem.message}")

    def _contested(self, seen: Any, below: Path, position: int, count: int) -> Iterator[Problem]:
        entries = seen.get("L") if isinstance(seen, dict) and set(seen) == {"L"} else None
        numbers = [entry.get("N") if isinstance(entry, dict) else None for entry in entries or ()]
        others = [str(number) for number in range(count) if number != position]
        if not numbers or any(number not in others for number in numbers):
            form = '{"L": [{"N": "0"}]}'
            right = f"positions of others, of which there are {listed(others)}" if others else "nothing: leave it away"
            yield self._wrong(below, f"this does not name other accepted events by position, as {form}; write {right}")

    def _result(self) -> Iterator[Problem]:
        if self._machine.around == "nothing" and self._state.get("ResultPath", "$") == "$":
            yield self._wrong(
                ("ResultPath",),
                "the event would take the place of all the journey's data, which later states need; "
                'write "ResultPath": "$.event"',
            )

    def _retries(self) -> Iterator[Problem]:
        retries = self._state.get("Retry")
        entries = [entry for entry in retries if isinstance(entry, dict)] if isinstance(retries, list) else []
        covered = {error for entry in entries for error in _errors(entry)}
        transient = transient_retry()[0]["ErrorEquals"]
        missing = [error for error in transient if error not in covered]
        if missing and not covered.intersection(_WILDCARDS):
            yield self._wrong(
                ("Retry",),
                f"DynamoDB's passing error {missing[0]!r}{_more(missing)} would fail the journey; "
                f'add to "Retry": {json.dumps(transient_retry()[0])}',
            )
        for position, entry in enumerate(entries):
            wide = [error for error in _errors(entry) if error in (*_WILDCARDS, _UNEXPECTED)]
            if wide:
                yield self._wrong(
                    ("Retry", position),
                    f"{wide[0]!r} takes {_UNEXPECTED!r} too, so the journey would wait again instead of failing; "
                    "name DynamoDB's errors only",
                )
        tries = sum(_attempts(entry) for entry in entries)
        if tries > _MOST_RETRIES:
            yield self._wrong(
                ("Retry",),
                f"{tries} retries make 'v' a number of two digits, which no longer orders as text; "
                f"allow {_MOST_RETRIES} in all",
            )


def _errors(entry: Mapping[str, Any]) -> list[str]:
    errors = entry.get("ErrorEquals")
    return [error for error in errors if isinstance(error, str)] if isinstance(errors, list) else []


def _attempts(entry: Mapping[str, Any]) -> int:
    attempts = entry.get("MaxAttempts", _DEFAULT_RETRIES)
    return attempts if isinstance(attempts, int) else 0


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _text(value: Any) -> str | None:
    match value:
        case {"S": str() as text} if text and len(value) == 1:
            return text
    return None


def _plain(value: Any) -> Any:
    """Return *value*; of text only the words count, not the space between them."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _why(below: Path) -> str:
    return next((_WHY[key] for key in reversed(below) if isinstance(key, str) and key in _WHY), "a wait state needs it")
