"""Reads a ``when``: EventBridge's pattern language, refusing by name what a Choice cannot express."""

import re
from typing import get_args

from choreography_insights.core.fields import FieldPath, is_field_name
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import listed, suggestion
from choreography_insights.model.patterns import (
    AnythingBut,
    Comparison,
    Exactly,
    Excluded,
    Exists,
    FieldTest,
    Matcher,
    Numeric,
    Pattern,
    Prefix,
    Suffix,
    Wildcard,
)
from choreography_insights.model.workflow import Name
from choreography_insights.parse.document import Cursor, MapTree, ScalarTree, Tree, described, plain

_OPERATORS = ("prefix", "suffix", "wildcard", "anything-but", "numeric", "exists")
_INEXPRESSIBLE = {
    "equals-ignore-case": "list the spellings that occur: [Paid, paid, PAID]",
    "cidr": "compare with 'prefix' or 'wildcard', or let the sender put the network's name into the event",
}
_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
"""What YAML 1.1 took for booleans, and 1.2 does not."""

_SIGNS = get_args(Comparison)
_LARGEST = 2**53 - 1
"""Beyond it, JSON's numbers are not exact everywhere (RFC 8259, section 6)."""


def parse_pattern(cursor: Cursor) -> Pattern | None:
    """Return the pattern here; None, after reporting why, if any part of it cannot be read."""
    return _pattern(cursor, ())


def _pattern(cursor: Cursor, above: FieldPath) -> Pattern | None:
    tests: list[FieldTest] = []
    choices: list[tuple[Pattern, ...]] = []
    sound = cursor.is_map()
    for key, value in cursor.entries("a pattern", instead=_as_a_pattern(cursor.tree)):
        if not above:
            _doubt(key, cursor)
        if key.text == "$or":
            alternatives = _alternatives(value, above)
            sound &= alternatives is not None
            choices.append(alternatives or ())
        elif not is_field_name(key.text):
            cursor.report(
                key.spot.problem(
                    catalogue.INVALID_FIELD_NAME,
                    "a field's name must not hold quotes, backslashes, '<', '>' or control characters; "
                    "let the event carry it under another name",
                )
            )
            sound = False
        elif value.is_map():
            nested = _pattern(value, (*above, key.text))
            sound &= nested is not None
            tests += nested.tests if nested else ()
            choices += nested.choices if nested else ()
        else:
            matchers = _matchers(value)
            sound &= matchers is not None
            tests.append(FieldTest((*above, key.text), matchers or ()))
    sound &= bool(tests or choices)
    return Pattern(tuple(tests), tuple(choices), plain(cursor.tree)) if sound else None


def _as_a_pattern(tree: Tree) -> str:
    """Say how what *tree* seems to mean is written: for a comparison as programming languages have it, that one."""
    text = tree.value if isinstance(tree, ScalarTree) and isinstance(tree.value, str) else ""
    found = _COMPARISON.fullmatch(text)
    matcher = _as_a_matcher(found["sign"], found["value"]) if found else None
    if found is None or matcher is None:
        return "write each field with a list of what may match: {status: [PAID]}"
    first, *rest = reversed(found["field"].split("."))
    written = f"{{{first}: [{matcher}]}}"
    for name in rest:
        written = f"{{{name}: {written}}}"
    return f"write {written}"


_COMPARISON = re.compile(r"(?:\$\.)?(?:detail\.)?(?P<field>\w+(?:\.\w+)*)\s*(?P<sign>[<>!=]=?=?)\s*(?P<value>[^<>!=]+)")


def _as_a_matcher(sign: str, value: str) -> str | None:
    match sign:
        case "=" | "==" | "===":
            return value
        case "!=" | "!==":
            return f"{{anything-but: [{value}]}}"
        case "<" | "<=" | ">" | ">=" if re.fullmatch(r"-?\d+(\.\d+)?", value):
            return f"{{numeric: ['{sign}', {value}]}}"
        case _:
            return None


def _doubt(key: Name, cursor: Cursor) -> None:
    """Warn of a field that is named as it would be in EventBridge's rules, or by a path."""
    is_when = cursor.path.rpartition(".")[2] == "when"
    if is_when and key.text == "detail":
        cursor.report(
            key.spot.problem(
                catalogue.DETAIL_IN_WHEN,
                "a 'when' looks into the event's detail already, and this asks for a field 'detail' in it; leave that "
                "level away if it is not meant",
            )
        )
    if key.text.startswith(("$.", "detail.")):
        cursor.report(
            key.spot.problem(
                catalogue.PATH_AS_FIELD_NAME,
                f"{key.text!r} is taken as the name of one field of the detail; write the fields one in the other, "
                "{order: {status: [PAID]}}, if a path is meant",
            )
        )


def _alternatives(cursor: Cursor, above: FieldPath) -> tuple[Pattern, ...] | None:
    if len(cursor.items()) < 2:
        cursor.wrong(
            catalogue.OR_WITHOUT_ALTERNATIVES,
            "'$or' takes a list of two or more patterns; without a second one leave '$or' away",
        )
        return None
    patterns = [_pattern(item, above) for item in cursor.items()]
    found = tuple(pattern for pattern in patterns if pattern is not None)
    return found if len(found) == len(patterns) else None


def _matchers(cursor: Cursor) -> tuple[Matcher, ...] | None:
    if not cursor.is_list():
        cursor.wrong(
            catalogue.FIELD_WITHOUT_LIST,
            f"a field takes a list of what may match, but this is {described(cursor.tree)}; put it in [ ]",
        )
        return None
    if not cursor.items():
        cursor.wrong(
            catalogue.EMPTY_MATCHERS,
            "an empty list matches nothing; name what may match, or {exists: true} for anything",
        )
        return None
    matchers = [_matcher(item) for item in cursor.items()]
    found = tuple(matcher for matcher in matchers if matcher is not None)
    return found if len(found) == len(matchers) else None


def _matcher(cursor: Cursor) -> Matcher | None:
    if isinstance(cursor.tree, ScalarTree):
        return _exactly(cursor)
    operator = _operator(cursor, _OPERATORS)
    if operator is None:
        return None
    name, operand = operator
    match name:
        case "exists":
            return _exists(operand)
        case "numeric":
            return _numeric(operand)
        case "anything-but":
            return _anything_but(operand)
        case _:
            return _text_matcher(name, operand)


def _operator(cursor: Cursor, known: tuple[str, ...]) -> tuple[str, Cursor] | None:
    """Return the single key of the mapping here and what it is given, if it is one of *known*."""
    if not isinstance(cursor.tree, MapTree) or len(cursor.tree.entries) != 1:
        cursor.wrong(
            catalogue.INVALID_MATCHER,
            f"a matcher cannot be {described(cursor.tree)} like this; write a value, or one key of {listed(known)}",
        )
        return None
    ((key, operand),) = cursor.entries("a matcher")
    if key.text in _INEXPRESSIBLE:
        cursor.report(
            key.spot.problem(
                catalogue.INEXPRESSIBLE_MATCHER,
                f"Step Functions cannot express {key.text!r}, so the journey could not go on; "
                f"{_INEXPRESSIBLE[key.text]}",
            )
        )
        return None
    if key.text not in known:
        remedy = suggestion(key.text, known, "they")
        cursor.report(key.spot.problem(catalogue.UNKNOWN_MATCHER, f"there is no matcher {key.text!r} here; {remedy}"))
        return None
    return key.text, operand


def _exactly(cursor: Cursor) -> Exactly | None:
    value = cursor.tree.value if isinstance(cursor.tree, ScalarTree) else None
    if isinstance(cursor.tree, ScalarTree) and not cursor.tree.is_quoted and str(value).lower() in _BOOLEANS:
        boolean = _BOOLEANS[str(value).lower()]
        cursor.wrong(
            catalogue.BOOLEAN_OF_YAML_1_1,
            f"{value!r} is text in YAML 1.2; write {boolean} if a boolean is meant, or put quotes around it",
        )
    if isinstance(value, int | float) and not isinstance(value, bool) and not _comparable(cursor, value):
        return None
    return Exactly(value)


def _exists(cursor: Cursor) -> Exists | None:
    match cursor.tree:
        case ScalarTree(_, bool() as there):
            return Exists(there)
    cursor.wrong(catalogue.INVALID_MATCHER, f"'exists' cannot be {described(cursor.tree)}; write true or false")
    return None


def _text_matcher(name: str, cursor: Cursor) -> Prefix | Suffix | Wildcard | None:
    if cursor.is_map():
        _operator(cursor, ())
        return None
    text = cursor.text(f"what {name!r} compares with")
    if text is None:
        return None
    match name:
        case "prefix":
            return Prefix(text)
        case "suffix":
            return Suffix(text)
        case _:
            return _wildcard(text, cursor)


def _wildcard(text: str, cursor: Cursor) -> Wildcard | None:
    escapes = re.findall(r"\\(.?)", re.sub(r"\\\\", "", text), re.DOTALL)
    if any(escape != "*" for escape in escapes):
        cursor.wrong(
            catalogue.INVALID_WILDCARD,
            r"in a wildcard a backslash stands before '*' or another backslash only; write \\ for one of them",
        )
        return None
    if "**" in re.sub(r"\\.", "", text):
        cursor.wrong(
            catalogue.INVALID_WILDCARD, "EventBridge refuses two '*' in a row; one of them already stands for any text"
        )
        return None
    return Wildcard(text)


def _numeric(cursor: Cursor) -> Numeric | None:
    items = cursor.items()
    usage = "'numeric' takes a list of sign and number, one or two pairs: ['>=', 10, '<', 20]"
    if len(items) not in (2, 4):
        cursor.wrong(catalogue.INVALID_NUMERIC, f"{described(cursor.tree)} like this is no comparison; {usage}")
        return None
    bounds: list[tuple[Comparison, float]] = []
    for sign, number in zip(items[::2], items[1::2], strict=True):
        bound = _bound(sign, number, usage)
        if bound is None:
            return None
        bounds.append(bound)
    return Numeric(tuple(bounds))


def _bound(sign: Cursor, number: Cursor, usage: str) -> tuple[Comparison, float] | None:
    if not isinstance(sign.tree, ScalarTree) or sign.tree.value not in _SIGNS:
        sign.wrong(catalogue.INVALID_NUMERIC, f"{described(sign.tree)} is no sign of a comparison; {usage}")
        return None
    match number.tree:
        case ScalarTree(_, bool()):
            pass
        case ScalarTree(_, int() | float() as value):
            return (_sign(str(sign.tree.value)), value) if _comparable(number, value) else None
    number.wrong(catalogue.INVALID_NUMERIC, f"{described(number.tree)} is no number; {usage}")
    return None


def _sign(text: str) -> Comparison:
    return next(sign for sign in _SIGNS if sign == text)


def _comparable(cursor: Cursor, value: float) -> bool:
    if abs(value) > _LARGEST:
        cursor.wrong(
            catalogue.NUMBER_TOO_LARGE,
            f"numbers beyond {_LARGEST:,} cannot be compared exactly, and {value} is one; send it as text",
        )
        return False
    return True


def _anything_but(cursor: Cursor) -> AnythingBut | None:
    if cursor.is_map():
        operator = _operator(cursor, ("prefix", "suffix", "wildcard"))
        matcher = _text_matcher(*operator) if operator else None
        return AnythingBut((matcher,)) if matcher else None
    items = cursor.items() if cursor.is_list() else [cursor]
    if not items:
        cursor.wrong(
            catalogue.EMPTY_MATCHERS,
            "'anything-but' of nothing is the same as 'exists: true'; name what is not to match",
        )
        return None
    excluded: list[Excluded] = []
    for item in items:
        value = _scalar(item)
        if value is None:
            return None
        excluded.append(value)
    return AnythingBut(tuple(excluded))


def _scalar(cursor: Cursor) -> Exactly | None:
    tree: Tree = cursor.tree
    if isinstance(tree, ScalarTree):
        return _exactly(cursor)
    cursor.wrong(
        catalogue.INVALID_MATCHER,
        f"'anything-but' takes values in its list, but this is {described(tree)}; write them out",
    )
    return None
