"""Which state leads where: the definition as a directed graph over the states' names."""

from collections.abc import Iterable, Mapping

from choreography_insights.authoring.workflow import Workflow, targets

Graph = Mapping[str, tuple[str, ...]]
"""The successors of each state, in the order of the definition."""


def ways(workflow: Workflow) -> Graph:
    """Return every way there is, those of timeouts too."""
    return {state.name.text: tuple(target.text for target in targets(state)) for state in workflow.states}


def reversed_ways(graph: Graph) -> Graph:
    """Return *graph* with every way turned round."""
    turned: dict[str, list[str]] = {name: [] for name in graph}
    for origin, successors in graph.items():
        for successor in successors:
            turned[successor].append(origin)
    return {name: tuple(origins) for name, origins in turned.items()}


def reachable(graph: Graph, origins: Iterable[str]) -> frozenset[str]:
    """Return what can be reached from *origins*, themselves included."""
    found = set(origins)
    open_ends = list(found)
    while open_ends:
        for successor in graph[open_ends.pop()]:
            if successor not in found:
                found.add(successor)
                open_ends.append(successor)
    return frozenset(found)
