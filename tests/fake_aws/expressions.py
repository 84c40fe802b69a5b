"""DynamoDB's condition and update expressions, as far as the functions and the generated state machines use them.

A text is parsed once into closures. A closure gets the item, the names and the values; items are never changed but
copied along the changed path.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from fake_aws.errors import Unmodelled
from fake_aws.reserved_words import RESERVED

Value = Mapping[str, Any]
Item = Mapping[str, Value]
Names = Mapping[str, str]
Values = Mapping[str, Value]
Path = tuple[str, ...]
Condition = Callable[[Item, Names, Values], bool]
Operand = Callable[[Item, Names, Values], Value | None]
Change = Callable[[Item, dict[str, Any], Names, Values], None]


class InvalidExpression(ValueError):
    """DynamoDB answers with a ValidationException of this text."""


@dataclass(frozen=True, slots=True)
class Placeholders:
    """What an expression refers to, `#names` and `:values`."""

    names: frozenset[str]
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """A condition that can be asked of an item."""

    holds: Condition
    uses: Placeholders


@dataclass(frozen=True, slots=True)
class ParsedUpdate:
    """An update that makes a new item of an old one."""

    changes: tuple[Change, ...]
    paths: tuple[Path, ...]
    uses: Placeholders

    def apply(self, item: Item, names: Names, values: Values) -> dict[str, Any]:
        """The item after the update; every operand is read from the item before it."""
        if len(self.paths) > 1:
            _refuse_overlaps(self.paths, frozenset(names.items()))
        changed = dict(item)
        for change in self.changes:
            change(item, changed, names, values)
        return changed


@cache
def condition(text: str) -> ParsedCondition:
    """Parse a condition or key condition."""
    parser = _Parser(text)
    holds = parser.disjunction()
    parser.end()
    return ParsedCondition(holds, parser.placeholders)


@cache
def update(text: str) -> ParsedUpdate:
    """Parse an update expression."""
    parser = _Parser(text)
    changes = tuple(parser.sections())
    parser.end()
    return ParsedUpdate(changes, tuple(parser.changed), parser.placeholders)


_TOKEN = re.compile(r"\s*(?:([#:]?[A-Za-z0-9_]+)|(<>|<=|>=|[=<>(),.+\-\[\]]))")


def _tokens(text: str) -> list[str]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise InvalidExpression(f"Invalid expression: Syntax error; near {text[at : at + 10]!r}")
        found.append(token[1] or token[2])
        at = token.end()
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at = text, _tokens(text), 0
        self.names: set[str] = set()
        self.values: set[str] = set()
        self.changed: list[Path] = []

    @property
    def placeholders(self) -> Placeholders:
        return Placeholders(frozenset(self.names), frozenset(self.values))

    # ---- tokens --------

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if wanted and token.upper() not in wanted:
            raise InvalidExpression(f"Invalid expression {self.text!r}: Syntax error; token: {token!r}")
        self.at += 1
        return token

    def accept(self, *wanted: str) -> bool:
        if self.peek().upper() in wanted:
            self.at += 1
            return True
        return False

    def end(self) -> None:
        if self.peek():
            raise InvalidExpression(f"Invalid expression {self.text!r}: Syntax error; token: {self.peek()!r}")

    # ---- conditions --------

    def disjunction(self) -> Condition:
        parts = [self.conjunction()]
        while self.accept("OR"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda i, n, v: any(part(i, n, v) for part in parts)

    def conjunction(self) -> Condition:
        parts = [self.negation()]
        while self.accept("AND"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else lambda i, n, v: all(part(i, n, v) for part in parts)

    def negation(self) -> Condition:
        if self.accept("NOT"):
            inner = self.negation()
            return lambda i, n, v: not inner(i, n, v)
        if self.accept("("):
            inner = self.disjunction()
            self.take(")")
            return inner
        if self.is_call():
            return self.predicate()
        return self.comparison()

    def is_call(self) -> bool:
        return self.at + 1 < len(self.tokens) and self.tokens[self.at + 1] == "("

    def predicate(self) -> Condition:
        function = self.take()
        if function not in ("attribute_exists", "attribute_not_exists"):
            raise Unmodelled(f"the function {function!r} in {self.text!r}")
        self.take("(")
        path = self.path()
        self.take(")")
        wanted = function == "attribute_exists"
        return lambda i, n, v: (_read(i, path, n) is not None) is wanted

    def comparison(self) -> Condition:
        left = self.operand()
        if self.accept("IN"):
            self.take("(")
            options = [self.operand()]
            while self.accept(","):
                options.append(self.operand())
            self.take(")")
            return lambda i, n, v: any(_equal(left(i, n, v), option(i, n, v)) for option in options)
        if self.peek().upper() == "BETWEEN":
            raise Unmodelled(f"BETWEEN in {self.text!r}")
        if self.peek() == "<>":
            raise Unmodelled(f"<> in {self.text!r}")
        compare = _COMPARISONS[self.take(*_COMPARISONS)]
        right = self.operand()
        return lambda i, n, v: compare(left(i, n, v), right(i, n, v))

    def operand(self) -> Operand:
        if self.is_call():
            raise Unmodelled(f"the function {self.peek()!r} in {self.text!r}")
        if self.peek().startswith(":"):
            name = self.value()
            return lambda i, n, v: v[name]
        path = self.path()
        return lambda i, n, v: _read(i, path, n)

    def value(self) -> str:
        name = self.take()
        if not name.startswith(":"):
            raise InvalidExpression(f"Invalid expression {self.text!r}: Syntax error; token: {name!r}")
        self.values.add(name)
        return name

    def path(self) -> Path:
        steps = [self.step()]
        while self.accept("."):
            steps.append(self.step())
        if self.peek() == "[":
            raise Unmodelled(f"a list index in {self.text!r}")
        return tuple(steps)

    def step(self) -> str:
        step = self.take()
        if step.startswith("#"):
            self.names.add(step)
        elif not step[:1].isalpha():
            raise InvalidExpression(f"Invalid expression {self.text!r}: Syntax error; token: {step!r}")
        elif step.upper() in RESERVED:
            raise InvalidExpression(
                f"Invalid expression {self.text!r}: Attribute name is a reserved keyword; reserved keyword: {step}"
            )
        return step

    # ---- updates --------

    def sections(self) -> Iterator[Change]:
        actions = {"SET": self.set, "REMOVE": self.remove, "ADD": self.add, "DELETE": self.delete}
        seen: set[str] = set()
        while self.peek():
            section = self.take(*actions).upper()
            if section in seen:
                raise InvalidExpression(f'The "{section}" section can only be used once in an update expression')
            seen.add(section)
            yield actions[section]()
            while self.accept(","):
                yield actions[section]()
        if not seen:
            raise InvalidExpression("Invalid UpdateExpression: The expression can not be empty;")

    def target(self) -> Path:
        path = self.path()
        self.changed.append(path)
        return path

    def set(self) -> Change:
        path = self.target()
        self.take("=")
        new = self.new_value()
        if self.peek() == "-":
            raise Unmodelled(f"a difference in {self.text!r}")
        if self.accept("+"):
            new = _sum(new, self.new_value())

        def change(old: Item, item: dict[str, Any], names: Names, values: Values) -> None:
            value = new(old, names, values)
            if value is None:
                raise InvalidExpression("The provided expression refers to an attribute that is not in the item")
            _write(item, path, names, value)

        return change

    def new_value(self) -> Operand:
        if not self.is_call():
            return self.operand()
        function = self.take()
        if function != "if_not_exists":
            raise Unmodelled(f"the function {function!r} in {self.text!r}")
        self.take("(")
        path = self.path()
        self.take(",")
        default = self.operand()
        self.take(")")

        def present_or_default(item: Item, names: Names, values: Values) -> Value | None:
            there = _read(item, path, names)
            return default(item, names, values) if there is None else there

        return present_or_default

    def remove(self) -> Change:
        path = self.target()
        return lambda old, item, names, values: _remove(item, path, names)

    def add(self) -> Change:
        path, value = self.target(), self.value()

        def change(old: Item, item: dict[str, Any], names: Names, values: Values) -> None:
            there = _read(old, path, names)
            if "N" in values[value]:
                _write(
                    item, path, names, {"N": str(_number(there or {"N": "0"}, "ADD to") + Decimal(values[value]["N"]))}
                )
                return
            added = _string_set(values[value], "ADD")
            before = set() if there is None else _string_set(there, "ADD to")
            _write(item, path, names, {"SS": sorted(before | added)})

        return change

    def delete(self) -> Change:
        path, value = self.target(), self.value()

        def change(old: Item, item: dict[str, Any], names: Names, values: Values) -> None:
            gone = _string_set(values[value], "DELETE")
            there = _read(old, path, names)
            if there is None:
                return
            left = _string_set(there, "DELETE from") - gone
            if left:
                _write(item, path, names, {"SS": sorted(left)})
            else:
                _remove(item, path, names)

        return change


def _sum(one: Operand, other: Operand) -> Operand:
    def added(item: Item, names: Names, values: Values) -> Value | None:
        found = one(item, names, values), other(item, names, values)
        if None in found:
            return None
        return {"N": str(sum(_number(value, "+") for value in found if value is not None))}

    return added


def _string_set(value: Value, action: str) -> set[str]:
    if "SS" not in value:
        raise Unmodelled(f"{action} a value of type {next(iter(value))}")
    return set(value["SS"])


def _number(value: Value, action: str) -> Decimal:
    if "N" not in value:
        raise Unmodelled(f"{action} a value of type {next(iter(value))}")
    return Decimal(value["N"])


def _read(item: Item, path: Path, names: Names) -> Value | None:
    value = item.get(names.get(path[0], path[0]))
    for step in path[1:]:
        if value is None or "M" not in value:
            return None
        value = value["M"].get(names.get(step, step))
    return value


def _write(item: dict[str, Any], path: Path, names: Names, value: Value) -> None:
    _around(item, path, names)[names.get(path[-1], path[-1])] = value


def _remove(item: dict[str, Any], path: Path, names: Names) -> None:
    _around(item, path, names).pop(names.get(path[-1], path[-1]), None)


def _around(item: dict[str, Any], path: Path, names: Names) -> dict[str, Any]:
    """The attributes among which the last step of *path* is, copied on the way, since items never change in place."""
    for step in path[:-1]:
        name = names.get(step, step)
        if "M" not in item.get(name, {}):
            raise InvalidExpression("The document path provided in the update expression is invalid for update")
        inner = dict(item[name]["M"])
        item[name] = {"M": inner}
        item = inner
    return item


@cache
def _refuse_overlaps(written: tuple[Path, ...], given: frozenset[tuple[str, str]]) -> None:
    names = dict(given)
    paths = [tuple(names.get(step, step) for step in path) for path in written]
    for index, one in enumerate(paths):
        for other in paths[index + 1 :]:
            if one[: len(other)] == other[: len(one)]:
                raise InvalidExpression(
                    "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one "
                    f"of these paths; path one: {list(one)}, path two: {list(other)}"
                )


def _equal(left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return False
    if "N" in left and "N" in right:
        return Decimal(left["N"]) == Decimal(right["N"])
    return left == right


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Value | None, Value | None], bool]:
    def holds(left: Value | None, right: Value | None) -> bool:
        if left is None or right is None:
            return False
        if "S" in left and "S" in right:
            return compare(left["S"].encode(), right["S"].encode())
        if "N" in left and "N" in right:
            return compare(Decimal(left["N"]), Decimal(right["N"]))
        return False

    return holds


_COMPARISONS: dict[str, Callable[[Value | None, Value | None], bool]] = {
    "=": _equal,
    "<": _ordered(lambda a, b: a < b),
    "<=": _ordered(lambda a, b: a <= b),
    ">": _ordered(lambda a, b: a > b),
    ">=": _ordered(lambda a, b: a >= b),
}
