"""Whether each Task is a wait, tells where a journey is, or counts a line: docs/reference/interfaces.md, section 2."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from choreography_insights.compile.data import TALLY, in_format
from choreography_insights.compile.groups import count_task
from choreography_insights.compile.read_model import AROUND, HERE, Whereabouts, arrival_task, before
from choreography_insights.compile.wait_states import Surroundings, own_row, persistent_retry, wait_task
from choreography_insights.core import fields
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, Spot, listed
from choreography_insights.diagnostics.rule import Rule
from choreography_insights.lint.json_document import Document, Path
from choreography_insights.lint.machines import Machine
from choreography_insights.model.workflow import OnUnexpected
from choreography_insights.parse.document import Cursor, load
from choreography_insights.parse.pattern import parse_pattern

_RESOURCE = re.compile(
    r"arn:(\$\{partition\}|aws[a-z-]*):states:::aws-sdk:dynamodb:updateItem(?P<waits>\.waitForTaskToken)?"
)
_ITEM_ROW = re.compile(
    r"States\.Format\('WAIT#\{\}#\{\}', \$\$\.Execution\.Name, States\.Hash\(States\.JsonToString\("
    r"States\.Array\('(?P<state>.*?)', (?P<keys>\$\.[^()]*)\)\), 'SHA-1'\)\)",
    re.DOTALL,
)
_DONE_ROW = re.compile(
    r"States\.Format\('DONE#\{\}#\{\}', \$\$\.Execution\.Name, States\.Hash\(States\.JsonToString\("
    r"States\.Array\(('.*?', ([^()]*, )?)?\$\.count[1-9][0-9]*\.since\)\), 'SHA-1'\)\)",
    re.DOTALL,
)
_LINE = ("#line", "#line.$")
_POLICIES = get_args(OnUnexpected)
_VARIANT = (
    *("e", "sources", "items", "when", "remembered", "contestedBy", "ownKind", "yields", "stays", "gate", "remember"),
    *("times", "distinct"),
)
_FLAGS = ("beside", "tracked", "watches", "races")

_WHY: Mapping[str, str] = {
    "TableName": "Terraform fills in the table of journeys there",
    "Key": "it names the journey whose row is written",
    "item": "it is the journey's row, and in a Map a row for each wait, by execution, state and keys of items",
    "UpdateExpression": "it records the wait, and in the journey's row that the journey runs",
    "ConditionExpression": "it keeps an older execution, or an older entry, from writing over a newer one",
    "ExpressionAttributeNames": "no two waits share a place: '#wait' has the state's name, or a row of its own",
    ":expires": "what is left of a wait whose time was over goes then",
    "ExpressionAttributeValues": "these are what the functions need to know of the wait",
    "t": "the task token, with which the functions resume the journey",
    "a": "the events that are accepted",
    "state": "metrics count the waits of all items under this name",
    "keys": "no event says which items a line is about that is over",
    "remembered": "the wait hands on what the journey remembers",
    "tally": "the wait hands on what has come so far of the events that it counts",
    "unexpected": "that is what can become of unexpected events",
    "early": "so many seconds are early events kept",
    "v": "it tells a newer entry of the same state from an older one, and since when it waits",
    "r": "it tells a repeated write from the one before",
    "beside": "other lines may wait at the same time, and one of their waits may be stored late",
    "tracked": "what is claimed for it shows in the journey's row until it is recorded",
    "races": "a group around it may be over while its line is not, and the journey goes on",
    "opens": "a gate is open while waits say so",
    "watches": "its events end the lines beside it by a failure, and nothing is unexpected because of it",
    ":at": "the journey is found by it, by those who look",
    ":since": "it says where the journey is, and since when, to those who look",
    ":others": "so many lines may be done before the one that is enough",
    "ResultSelector": "what the line knew is no part of what the branches end with",
    ":version": "it says to those who look on which picture to show the journey",
    "ResultPath": "the journey's data stay as they are",
    "Catch": "the journey goes on, whatever becomes of what is told",
}


def wait_state_problems(document: Document, machine: Machine) -> Iterator[Problem]:
    """Yield the problems of every Task of *machine*."""
    for name, state in machine.states.items():
        if state.get("Type") == "Task":
            yield from _Wait(document, machine, name, state).problems()


def waits_for_event(state: Mapping[str, Any]) -> bool:
    """Whether *state* is a Task that waits for an event, right or not."""
    resource = state.get("Resource")
    found = _RESOURCE.fullmatch(resource) if isinstance(resource, str) else None
    return found is not None and found["waits"] is not None


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
        found = _RESOURCE.fullmatch(resource) if isinstance(resource, str) else None
        if found is None:
            right = wait_task(self._name, (), Surroundings())["Resource"]
            yield self._wrong(
                catalogue.FOREIGN_TASK,
                ("Resource",),
                f"a Task of a choreography waits for an event and does nothing else, but this one calls {resource!r}; "
                f"write {str(right)!r}, or leave the work to a service that sends an event",
            )
            return
        if self._state.get("QueryLanguage", self._machine.query_language) != "JSONPath":
            yield self._wrong(
                catalogue.WAIT_NOT_IN_JSONPATH,
                (),
                'a wait state is written in JSONPath; add "QueryLanguage": "JSONPath" to it',
            )
            return
        if not found["waits"]:
            row = _row_in(self._state.get("Parameters"))
            yield from self._counting(row) if _DONE_ROW.fullmatch(row) else self._arrival()
            return
        yield from self._parameters()
        yield from self._result()
        yield from self._retries()
        for key in ("HeartbeatSeconds", "HeartbeatSecondsPath"):
            if key in self._state:
                yield self._wrong(
                    catalogue.HEARTBEAT,
                    (key,),
                    f"nothing sends heartbeats, so {key!r} would end every wait; use TimeoutSeconds",
                )

    def _wrong(self, rule: Rule, below: Path, message: str) -> Problem:
        return self._document.spot((*self._path, *below)).problem(rule, message)

    def _parameters(self) -> Iterator[Problem]:
        """Compare with what the compiler would write, but for what is accepted."""
        seen = self._state.get("Parameters")
        around = Surroundings(depth=self._machine.maps, whereabouts=self._whereabouts(_values_in(seen)))
        expected = wait_task(self._name, (), around)["Parameters"]
        if seen is None:
            yield self._wrong(
                catalogue.MISSING_IN_WAIT,
                (),
                "'Parameters' is missing; write them as docs/reference/interfaces.md, section 2, has them",
            )
            return
        if self._machine.maps:
            expected["Key"]["item"]["S.$"] = self._row_of_item(seen)
        _wait_in(expected).update(self._optional(_wait_in(seen)))
        yield from self._compare(seen, expected, ("Parameters",))

    def _whereabouts(self, seen: Mapping[str, Any]) -> Whereabouts | None:
        """Return what the wait is to write for those who look, if it does at all."""
        if self._machine.maps or not {":at", ":since", ":version"} & seen.keys():
            return None
        here = f"{TALLY}.since" if _counts(_wait_of(seen)) else HERE
        return Whereabouts(here if self._machine.around == "nothing" else AROUND, _version_in(seen))

    def _arrival(self) -> Iterator[Problem]:
        """Compare with what the compiler would write to tell that the journey is in a state."""
        seen = _values_in(self._state.get("Parameters"))
        following = self._state.get("Next", "")
        if self._machine.around == "nothing":
            told = seen.get(":since")
            since = next(filter(lambda one: told == {"S.$": one}, map(before, self._machine.states)), before(following))
        else:
            since = AROUND
        expected = arrival_task(Whereabouts(since, _version_in(seen)), following)
        compared = ("Parameters", "ResultPath", "Catch")
        yield from self._compare(self._state, {key: expected[key] for key in compared}, (), whole=False)

    def _counting(self, row: str) -> Iterator[Problem]:
        """Compare with what the compiler would write to count a line that is done, by the name of its *row*."""
        parameters = self._state["Parameters"]
        names, values = parameters.get("ExpressionAttributeNames"), _values_in(parameters)
        line = {key: name for key, name in names.items() if key in _LINE} if isinstance(names, dict) else {}
        others = values[":others"]["N"] if _is_number(values.get(":others")) else "1"
        expected = count_task(row, line or {"#line": "line"}, int(others), self._caught())
        compared = ("Parameters", "ResultSelector", "Catch")
        yield from self._compare(self._state, {key: expected[key] for key in compared}, (), whole=False)

    def _caught(self) -> str:
        """Return where the first error that the Task catches leads."""
        match self._state.get("Catch"):
            case [{"Next": str(following)}, *_]:
                return following
            case _:
                return f"{self._name}.Enough"

    def _row_of_item(self, seen: Any) -> str:
        """Return what the row's name is to be inside a Map: that which is *seen* if each item has one of its own."""
        keys = _ITEM_ROW.fullmatch(_row_in(seen))
        count = self._machine.maps
        if keys and keys["state"] == in_format(self._name) and len(_item_keys(keys["keys"])) == count:
            return keys[0]
        return own_row(self._name, count)

    def _keys_of_item(self) -> list[str]:
        """Return where the data have the keys of the items around the wait, by the name of its row."""
        found = _ITEM_ROW.fullmatch(self._row_of_item(self._state.get("Parameters")))
        return _item_keys(found["keys"]) if found else []

    def _optional(self, seen: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the wait must have, or may have and does."""
        form: dict[str, Any] = {}
        if self._machine.maps:
            form["state"] = {"S": self._name}
        if self._machine.maps and _ends_its_line(seen):
            form["keys"] = {"L": [{"S.$": key} for key in self._keys_of_item()]}
        remembers = any(
            key in entry for entry in map(_variant_in, _accepts_in(seen)) for key in ("remembered", "remember")
        )
        if remembers or "remembered" in seen:
            form["remembered"] = {"S.$": "States.JsonToString($.event.remembered)"}
        if _counts(seen):
            form["tally"] = {"S.$": f"States.JsonToString({TALLY})"}
        if "unexpected" in seen:
            form["unexpected"] = seen["unexpected"] if _text(seen["unexpected"]) in _POLICIES else {"S": "report"}
        if "opens" in seen:
            form["opens"] = seen["opens"] if _says_something(seen["opens"]) else {"S": "Sold"}
        if "early" in seen:
            form["early"] = seen["early"] if _is_number(seen["early"]) else {"N": "60"}
        beside = self._machine.around != "nothing"
        form |= {key: {"BOOL": True} for key in _FLAGS if key in seen or (key == "beside" and beside)}
        return form

    def _compare(self, seen: Any, right: Any, below: Path, *, whole: bool = True) -> Iterator[Problem]:
        """Say where *seen* differs from what is *right*, which may be not the *whole* of it."""
        if below[-1:] == ("a",):
            yield from self._accepts(seen, below)
        elif isinstance(right, dict) and isinstance(seen, dict):
            for key, value in right.items():
                if key in seen:
                    yield from self._compare(seen[key], value, (*below, key))
                else:
                    wanted = "a list of events" if key == "a" else json.dumps(value, ensure_ascii=False)
                    yield self._wrong(
                        catalogue.MISSING_IN_WAIT,
                        below,
                        f"{key!r} is missing; add it ({_why((*below, key))}): {wanted}",
                    )
            for key in seen:
                if whole and key not in right:
                    yield self._wrong(
                        catalogue.SUPERFLUOUS_IN_WAIT, (*below, key), f"a wait state has no {key!r} here; remove it"
                    )
        elif _plain(seen) != _plain(right):
            wrong = f"this is {json.dumps(seen, ensure_ascii=False)}; write {json.dumps(right, ensure_ascii=False)}"
            yield self._wrong(catalogue.DIFFERENT_IN_WAIT, below, f"{wrong}: {_why(below)}")

    def _accepts(self, seen: Any, below: Path) -> Iterator[Problem]:
        entries = seen.get("L") if isinstance(seen, dict) and set(seen) == {"L"} else None
        ends_its_line = _ends_its_line(_wait_in(self._state.get("Parameters")))
        if not isinstance(entries, list) or not (entries or ends_its_line):
            form = '{"L": [{"M": {"e": {"S": "Order Paid"}}}]}'
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                below,
                f"this is no list of the events that are accepted; write {form}",
            )
            return
        for position, entry in enumerate(entries):
            yield from self._variant(entry, (*below, "L", position), len(entries))

    def _variant(self, entry: Any, below: Path, count: int) -> Iterator[Problem]:
        inner = entry.get("M") if isinstance(entry, dict) and set(entry) == {"M"} else None
        if not isinstance(inner, dict):
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                below,
                'this is no event that is accepted; write {"M": {"e": {"S": "Order Paid"}}}',
            )
            return
        below = (*below, "M")
        if not _text(inner.get("e")):
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "e"),
                'the name of the event is missing; write "e": {"S": "Order Paid"}',
            )
        for key in ("when", "remembered"):
            if key in inner:
                yield from self._when(inner[key], (*below, key))
        yield from self._contested(inner, below, count)
        yield from self._flags(inner, below)
        if "sources" in inner and not _texts(inner["sources"]):
            form = '{"L": [{"S": "billing"}]}'
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "sources"),
                f"this is no list of an event's sources; write {form}",
            )
        if "remember" in inner and not _paths(inner["remember"]):
            form = '{"M": {"price": {"S": "$.detail.price"}}}'
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "remember"),
                f"these are no fields of the event by name; write {form}",
            )
        if "times" in inner and not _is_number(inner["times"]):
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "times"),
                'this is no number of events; write {"N": "3"}',
            )
        if "gate" in inner and not _is_gate(inner["gate"]):
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "gate"),
                'this does not say while which waits are open it is accepted; write {"M": {"by": {"S": "Sold"}, '
                '"waits": {"N": "2"}}}, and "opens": {"S": "Sold"} in these',
            )
        if "distinct" in inner and not ("times" in inner and _is_path(_text(inner["distinct"]))):
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "distinct"),
                "this is no field by which events that are counted are told apart; write "
                '"distinct": {"S": "$.detail.reviewer"}, and "times" beside it',
            )
        yield from self._items(inner, below)
        for key in inner:
            if key not in _VARIANT:
                yield self._wrong(
                    catalogue.INVALID_ACCEPTED_EVENTS,
                    (*below, key),
                    f"an accepted event has no {key!r}; it has {listed(_VARIANT)}",
                )

    def _flags(self, inner: Mapping[str, Any], below: Path) -> Iterator[Problem]:
        for key in ("ownKind", "yields", "stays"):
            if inner.get(key, {"BOOL": True}) != {"BOOL": True}:
                yield self._wrong(
                    catalogue.INVALID_ACCEPTED_EVENTS, (*below, key), f'write "{key}": {{"BOOL": true}}, or remove it'
                )
        if "stays" in inner and inner.keys() & {"remember", "times", "distinct"}:
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "stays"),
                "an event that is only noted is not counted, and nothing of it is remembered; remove one or the other",
            )

    def _items(self, inner: Mapping[str, Any], below: Path) -> Iterator[Problem]:
        """Say whether the event is told from those about other items of the Maps around."""
        if not self._machine.maps and "items" not in inner:
            return
        if not self._machine.maps:
            yield self._wrong(
                catalogue.INVALID_ITEMS,
                (*below, "items"),
                "this wait is in no Map, so there is no item to be about; remove it",
            )
            return
        keys = self._keys_of_item()
        if "items" in inner and _keys_asked(inner["items"]) == keys:
            return
        form = {"L": [{"M": {"path": {"S": "$.detail.item"}, "key": {"S.$": key}}} for key in keys]}
        place = (*below, "items") if "items" in inner else below
        yield self._wrong(
            catalogue.INVALID_ITEMS,
            place,
            f"'items' must say where the event has the key of its item; write \"items\": {json.dumps(form)}",
        )

    def _when(self, seen: Any, below: Path) -> Iterator[Problem]:
        text = _text(seen)
        if text is None:
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_PATTERN,
                below,
                'this is no pattern; write {"S": "..."} with the pattern as JSON in the text',
            )
            return
        try:
            json.loads(text)
        except ValueError as error:
            yield self._wrong(catalogue.INVALID_ACCEPTED_PATTERN, below, f"the pattern is not JSON ({error}); mend it")
            return
        found: list[Problem] = []
        tree = load(text, "", found.append)
        if tree is not None:
            parse_pattern(Cursor(tree, "", found.append))
        spot = self._document.spot((*self._path, *below))
        for problem in found:
            inside = f"{problem.spot.path}: " if problem.spot.path else ""
            yield Spot(spot.at, spot.path).problem(problem.rule, f"{inside}{problem.message}")

    def _contested(self, inner: Mapping[str, Any], below: Path, count: int) -> Iterator[Problem]:
        seen = inner.get("contestedBy")
        entries = seen.get("L") if isinstance(seen, dict) and set(seen) == {"L"} else None
        listed_in = entries if isinstance(entries, list) else []
        numbers = [entry.get("N") if isinstance(entry, dict) else None for entry in listed_in]
        positions = [str(number) for number in range(count)]
        if "contestedBy" in inner and (not numbers or any(number not in positions for number in numbers)):
            form = '{"L": [{"N": "0"}]}'
            wrong = f"this does not name accepted events by position, as {form} does"
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "contestedBy"),
                f"{wrong}; the positions are {listed(positions)}, or leave it away",
            )
        own = str(below[-2])
        if "ownKind" in inner and own not in numbers:
            yield self._wrong(
                catalogue.INVALID_ACCEPTED_EVENTS,
                (*below, "ownKind"),
                "it says what the event's own position stands for in 'contestedBy', and that is not there; add "
                f'{{"N": "{own}"}} to it, or remove this',
            )

    def _result(self) -> Iterator[Problem]:
        if self._machine.around == "nothing" and self._state.get("ResultPath", "$") == "$":
            yield self._wrong(
                catalogue.EVENT_REPLACES_DATA,
                ("ResultPath",),
                "the event would take the place of all the journey's data, which later states need; "
                'write "ResultPath": "$.event"',
            )

    def _retries(self) -> Iterator[Problem]:
        """Say whether the write is tried on while DynamoDB is not to be had, and never again where that is wrong."""
        retries = self._state.get("Retry")
        entries = [entry for entry in retries if isinstance(entry, dict)] if isinstance(retries, list) else []
        final, persistent = persistent_retry()
        if repeated := [error for error in final["ErrorEquals"] if _repeats(entries, error)]:
            why = f"{repeated[0]!r} would be tried again, and the journey would wait anew instead of going on"
        elif not all(_persists(entries, error) for error in persistent["ErrorEquals"]):
            why = "an hour without DynamoDB would fail the journey"
        else:
            return
        yield self._wrong(
            catalogue.INVALID_RETRY,
            ("Retry",) if entries else (),
            f'{why}; write "Retry": {json.dumps([final, persistent])}',
        )


def _wait_of(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return _wait_in({"ExpressionAttributeValues": values})


def _ends_its_line(wait: Mapping[str, Any]) -> bool:
    """Whether *wait* accepts nothing, and only says that its line is over."""
    return "opens" in wait and wait.get("a") == {"L": []}


def _counts(wait: Mapping[str, Any]) -> bool:
    """Whether *wait* waits anew until all have come that it counts."""
    return "tally" in wait or any("times" in _variant_in(entry) for entry in _accepts_in(wait))


def _wait_in(parameters: Any) -> dict[str, Any]:
    """Return the wait that *parameters* write, as far as there is one."""
    for key in ("ExpressionAttributeValues", ":wait", "M"):
        parameters = parameters.get(key) if isinstance(parameters, dict) else None
    return parameters if isinstance(parameters, dict) else {}


def _row_in(parameters: Any) -> str:
    """Return the name of the row that is written, as an expression; empty, if it is none."""
    name = parameters
    for key in ("Key", "item", "S.$"):
        name = name.get(key) if isinstance(name, dict) else None
    return _text({"S": name}) or ""


def _values_in(parameters: Any) -> Mapping[str, Any]:
    values = parameters.get("ExpressionAttributeValues") if isinstance(parameters, dict) else None
    return values if isinstance(values, dict) else {}


def _version_in(values: Mapping[str, Any]) -> str:
    """Return the version that is told, which is for its author to say."""
    return _text(values.get(":version")) or "1"


def _accepts_in(wait: Mapping[str, Any]) -> list[Any]:
    accepts = wait.get("a")
    entries = accepts.get("L") if isinstance(accepts, dict) else None
    return entries if isinstance(entries, list) else []


def _variant_in(entry: Any) -> Mapping[str, Any]:
    inner = entry.get("M") if isinstance(entry, dict) else None
    return inner if isinstance(inner, dict) else {}


def _item_keys(text: str) -> list[str]:
    """Return the paths of the items' keys out of the arguments of the wait's name."""
    return [key.strip() for key in text.split(", ") if key.strip()]


def _keys_asked(seen: Any) -> list[str] | None:
    """Return the keys that an accepted event is asked for; None if they are not written as they must be."""
    entries = seen.get("L") if isinstance(seen, dict) else None
    keys: list[str] = []
    for entry in entries if isinstance(entries, list) else [None]:
        match _variant_in(entry):
            case {"path": path, "key": {"S.$": str() as key}} if _is_path(_text(path)):
                keys.append(key)
            case _:
                return None
    return keys


def _texts(seen: Any) -> bool:
    entries = seen.get("L") if isinstance(seen, dict) else None
    return isinstance(entries, list) and bool(entries) and all(_text(entry) for entry in entries)


def _paths(seen: Any) -> bool:
    fields = seen.get("M") if isinstance(seen, dict) else None
    return isinstance(fields, dict) and bool(fields) and all(_is_path(_text(path)) for path in fields.values())


def _is_path(text: str | None) -> bool:
    """Whether *text* is the path of a field of an event's detail."""
    names = fields.field_path(text) if text else None
    return names is not None and len(names) > 1 and names[0] == "detail"


def _says_something(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and any(_text({"S": value.get(key)}) for key in ("S", "S.$"))


def _is_gate(value: Any) -> bool:
    inner = value.get("M") if isinstance(value, dict) else None
    if not isinstance(inner, dict) or set(inner) != {"by", "waits"}:
        return False
    return _says_something(inner["by"]) and _is_number(inner["waits"])


def _is_number(value: Any) -> bool:
    match value:
        case {"N": str() as text} if len(value) == 1:
            return text.isdecimal()
    return False


def _that_takes(entries: Sequence[Mapping[str, Any]], error: str) -> Mapping[str, Any] | None:
    """Return which of the entries of a Retry Step Functions goes by: the first that names the error, or all of them."""
    wide = ("States.ALL",) if error == "States.Timeout" else ("States.ALL", "States.TaskFailed")
    for entry in entries:
        names = entry.get("ErrorEquals")
        if isinstance(names, list) and any(name in names for name in (error, *wide)):
            return entry
    return None


def _repeats(entries: Sequence[Mapping[str, Any]], error: str) -> bool:
    entry = _that_takes(entries, error)
    return entry is not None and entry.get("MaxAttempts") != 0


def _persists(entries: Sequence[Mapping[str, Any]], error: str) -> bool:
    """Whether *error* is tried for an hour at least, on average: full jitter halves the pauses."""
    entry = _that_takes(entries, error) or {"MaxAttempts": 0}
    attempts, longest = entry.get("MaxAttempts", 3), entry.get("MaxDelaySeconds", 60)
    return isinstance(attempts, int) and isinstance(longest, int) and attempts * longest >= 7_200


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
