"""Whether every way in a machine leads to a state of it, every state can be reached, and each has a way to an end."""

from collections.abc import Iterator, Mapping
from typing import Any

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, suggestion
from choreography_insights.lint.json_document import Document, Path
from choreography_insights.lint.machines import Machine
from choreography_insights.model.graph import reachable, reversed_ways

_ENDS = ("Succeed", "Fail")


def way_problems(document: Document, machine: Machine) -> Iterator[Problem]:
    """Yield the problems of the ways in *machine*."""
    states = machine.states
    ways = {name: list(_ways(state, (*machine.path, "States", name))) for name, state in states.items()}
    dangling = [way for leaving in ways.values() for way in leaving if way[1] not in states]
    start, start_path = _at(document, machine.path).get("StartAt"), (*machine.path, "StartAt")
    if isinstance(start, str) and start not in states:
        dangling.insert(0, (start_path, start))
    for path, target in dangling:
        remedy = suggestion(target, states, "the states here")
        yield document.spot(path).problem(
            catalogue.UNKNOWN_MACHINE_STATE, f"no state here is named {target!r}; {remedy}"
        )
    if dangling or not isinstance(start, str):
        return  # what cannot be reached only follows from that
    graph = {name: tuple(target for _, target in leaving) for name, leaving in ways.items()}
    there = reachable(graph, [start])
    ending = reachable(reversed_ways(graph), [name for name, state in states.items() if _ends(state)])
    for name in states:
        spot = document.spot((*machine.path, "States", name))
        if name not in there:
            yield spot.problem(
                catalogue.UNREACHABLE_MACHINE_STATE,
                "nothing leads here from StartAt; lead a Next here, or remove this state",
            )
        elif name not in ending:
            yield spot.problem(
                catalogue.MACHINE_STATE_WITHOUT_END,
                'no way leads from here to an end; lead one to a Succeed, a Fail or a state with "End"',
            )


def _ways(state: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """Yield every way out of *state*: where it is written, and the name of the state that it leads to."""
    for key in ("Next", "Default"):
        yield from _way(state, path, key)
    for key in ("Choices", "Catch"):
        entries = state.get(key)
        for position, entry in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(entry, dict):
                yield from _way(entry, (*path, key, position), "Next")


def _way(holder: Mapping[str, Any], path: Path, key: str) -> Iterator[tuple[Path, str]]:
    if isinstance(holder.get(key), str):
        yield (*path, key), holder[key]


def _ends(state: Mapping[str, Any]) -> bool:
    return state.get("Type") in _ENDS or state.get("End") is True


def _at(document: Document, path: Path) -> Any:
    value = document.value
    for part in path:
        value = value[part]
    return value
