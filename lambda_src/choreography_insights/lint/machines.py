"""The machines in a document: the whole, and each one inside a Parallel or a Map."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.lint.json_document import Document, Path

Around = Literal["nothing", "Parallel", "Map"]


@dataclass(frozen=True, slots=True)
class Machine:
    """A set of states that lead to each other, what kind of state it lies in, and inside of how many a Map."""

    path: Path
    states: Mapping[str, Any]
    around: Around
    query_language: str
    maps: int = 0


def machines(document: Document) -> Iterator[Machine]:
    """Yield every machine of a well-shaped *document*, the outermost first."""
    yield from _machines(document.value, Machine((), {}, "nothing", "JSONPath"))


def _machines(value: Any, outline: Machine) -> Iterator[Machine]:
    """Yield the machine that *value* is, of which *outline* says where it lies, and those in it."""
    language = value.get("QueryLanguage", outline.query_language)
    machine = replace(outline, states=value["States"], query_language=language)
    yield machine
    for name, state in machine.states.items():
        for kind, inner, path in inside(state, (*machine.path, "States", name)):
            maps = machine.maps + (kind == "Map")
            yield from _machines(inner, Machine(path, {}, kind, state.get("QueryLanguage", language), maps))


def inside(state: Any, path: Path) -> Iterator[tuple[Around, Any, Path]]:
    """Yield each machine in *state*, with the kind of state that it lies in, and where it is."""
    branches = state.get("Branches", [])
    for position, branch in enumerate(branches if isinstance(branches, list) else []):
        yield "Parallel", branch, (*path, "Branches", position)
    for key in ("ItemProcessor", "Iterator"):
        if key in state:
            yield "Map", state[key], (*path, key)


def misshapen(document: Document) -> Iterator[Problem]:
    """Yield what keeps the document from being read as machines at all."""
    yield from _misshapen(document, document.value, ())


def _misshapen(document: Document, value: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield document.spot(path).problem(
            catalogue.NO_STATE_MACHINE, f"a state machine must be an object, not {_kind(value)}; write {{...}}"
        )
        return
    yield from _mistyped(document, value, path, _TYPES)
    states = value.get("States")
    if not isinstance(states, dict) or not states:
        seen = _kind(states) if "States" in value else "missing"
        yield document.spot((*path, "States")).problem(
            catalogue.NO_STATE_MACHINE,
            f'\'States\' must be an object with at least one state, but it is {seen}; write "States": {{"Name": ...}}',
        )
        return
    for name, state in states.items():
        here = (*path, "States", name)
        if not isinstance(state, dict):
            yield document.spot(here).problem(
                catalogue.NO_STATE_MACHINE, f'a state must be an object, not {_kind(state)}; write {{"Type": ...}}'
            )
            continue
        yield from _mistyped(document, state, here, _TYPES)
        for _, inner, inner_path in inside(state, here):
            yield from _misshapen(document, inner, inner_path)


# What the checks rely on; what else there is, statelint looks at.
_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("StartAt", "Type", "Next", "Default", "QueryLanguage"), str),
    **dict.fromkeys(("Choices", "Catch", "Retry", "Branches"), list),
}
_IN_WORDS: Mapping[type, str] = {str: "text", list: "a list of objects"}


def _mistyped(
    document: Document, holder: Mapping[str, Any], path: Path, types: Mapping[str, type]
) -> Iterator[Problem]:
    for key in types.keys() & holder.keys():
        value = holder[key]
        if not _is_a(value, types[key]):
            message = f"{key!r} must be {_IN_WORDS[types[key]]}, but it is {_kind(value)}; write it so"
            yield document.spot((*path, key)).problem(catalogue.NO_STATE_MACHINE, message)
        elif isinstance(value, list):
            for position, entry in enumerate(value):
                yield from _mistyped(document, entry, (*path, key, position), {"Next": str})


def _is_a(value: Any, kind: type) -> bool:
    """Whether *value* is of *kind*; of a list, whether it holds objects only."""
    if isinstance(value, list):
        return kind is list and all(isinstance(entry, dict) for entry in value)
    return isinstance(value, kind)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case dict():
            return "an object" if value else "empty"
        case list():
            return "a list"
        case str():
            return "text"
        case _:
            return f"{value!r}".lower()
