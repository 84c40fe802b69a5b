"""Hypothesis strategies for patterns, details and whole definitions."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

_NAMES = ["a", "b", "odd name"]
TEXTS = ["", "x", "xy", "yx", "a*b", "1", "back\\slash", "line\nbreak"]
NUMBERS: list[float] = [0, 1, 1.0, -2, 2.5, 5_000_000_000, 1_767_225_600_000]

texts = st.sampled_from(TEXTS)
scalars = texts | st.sampled_from(NUMBERS) | st.booleans() | st.none()
_some_text = st.sampled_from([text for text in TEXTS if text])
WILDCARDS = ["*", "x*", "*y", "*a*", "x\\*", "back\\\\*", "x", "a\\*b", "1*"]
_wildcards = st.sampled_from(WILDCARDS)
_bounds = st.lists(
    st.tuples(st.sampled_from(["=", "<", "<=", ">", ">="]), st.sampled_from(NUMBERS)), min_size=1, max_size=2
).map(lambda pairs: [part for pair in pairs for part in pair])
_text_matchers = (
    _some_text.map(lambda text: {"prefix": text})
    | _some_text.map(lambda text: {"suffix": text})
    | _wildcards.map(lambda text: {"wildcard": text})
)
matchers = (
    scalars
    | _text_matchers
    | _bounds.map(lambda bounds: {"numeric": bounds})
    | st.booleans().map(lambda there: {"exists": there})
    | (scalars | st.lists(scalars, min_size=1, max_size=3) | _text_matchers).map(lambda out: {"anything-but": out})
)


def _objects(fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(_NAMES), fields, min_size=1, max_size=2)


def _with_or(patterns: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    alternatives = st.lists(patterns, min_size=2, max_size=3)
    return st.tuples(patterns, alternatives).map(lambda both: {**both[0], "$or": both[1]})


patterns: st.SearchStrategy[dict[str, Any]] = st.recursive(
    _objects(st.lists(matchers, min_size=1, max_size=3)), lambda inner: _objects(inner) | _with_or(inner), max_leaves=4
)
details: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(_NAMES),
    st.recursive(scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_NAMES), inner)),
)


def details_about(pattern: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return details with something in all or some of the fields that *pattern* looks at."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, asked in pattern.items():
        for one in asked if name == "$or" else [{name: asked}]:
            for field, wanted in one.items():
                if field != "$or":
                    inner = details_about(wanted) if isinstance(wanted, dict) else scalars
                    fields[field] = fields[field] | inner if field in fields else inner
    return st.fixed_dictionaries(fields) | st.fixed_dictionaries({}, optional=fields)


@st.composite
def judged(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a pattern, and details to hold against it."""
    pattern = draw(patterns)
    return pattern, draw(st.lists(details_about(pattern), min_size=1, max_size=8))


@st.composite
def definitions(draw: Callable[[st.SearchStrategy[Any]], Any]) -> dict[str, Any]:
    """Return the states of a definition that keeps to all rules: loops, timeouts, `all`, counts, shared events."""
    count = draw(st.integers(2, 7))
    last = count - 1
    kinds = ["await", *(draw(st.sampled_from(["await", "await", "all", "end"])) for _ in range(count - 2)), "end"]
    awaits = [i for i in range(count) if kinds[i] == "await"]
    ways: dict[int, list[int]] = {i: [draw(st.integers(0, last))] for i in awaits}
    for i in range(1, count):  # a way to each state from an earlier one
        ways[draw(st.sampled_from([j for j in awaits if j < i]))].append(i)
    for i in awaits:  # and a way onward from each
        if max(ways[i]) <= i:
            ways[i].append(draw(st.integers(i + 1, last)))
    states: dict[str, Any] = {}
    for i, kind in enumerate(kinds):
        if kind == "end":
            states[f"S{i}"] = draw(st.sampled_from(["succeed", "fail"]))
            continue
        states[f"S{i}"] = _waiting(draw, kind, ways.get(i, []), draw(st.integers(i + 1, last)))
        if draw(st.booleans()):
            states[f"S{i}"]["timeout"] = {"after": "5m", "next": f"S{draw(st.integers(0, last))}"}
    return states


def _waiting(draw: Callable[[st.SearchStrategy[Any]], Any], kind: str, ways: list[int], onward: int) -> dict[str, Any]:
    if kind == "all":
        events = draw(st.lists(st.sampled_from("EFGH"), min_size=1, max_size=3, unique=True))
        return {"all": {event.lower(): event for event in events}, "next": f"S{onward}"}
    accepts: dict[str, Any] = {}
    for value, target in enumerate(ways):
        entries = accepts.setdefault(draw(st.sampled_from("EFGH")), [])
        entries.append({"when": {"v": [value]}, "next": f"S{target}"})
    for event, entries in accepts.items():
        if draw(st.booleans()):  # the last entry takes what is left; a single one is written in one word
            del entries[-1]["when"]
        if draw(st.integers(0, 3)) == 0:
            distinct = draw(st.sampled_from([{}, {"distinct": "$.detail.by"}]))
            entries[-1] |= {"times": draw(st.integers(2, 3)), **distinct}
        elif len(entries[-1]) == 1:
            accepts[event] = entries if len(entries) > 1 else entries[0]["next"]
    return {"await": accepts}
