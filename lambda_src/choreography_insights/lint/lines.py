"""Whether the lines of a Map that awaits events can wait at once, and where the functions find them."""

from collections.abc import Iterator, Mapping
from typing import Any

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.lint.json_document import Document
from choreography_insights.lint.machines import Machine, inside
from choreography_insights.lint.wait_states import waits_for_event
from choreography_insights.model.workflow import ITEMS_AT_ONCE


def line_problems(document: Document, machine: Machine) -> Iterator[Problem]:
    """Yield the problems of each Map of *machine* in whose lines an event is awaited."""
    for name, state in machine.states.items():
        if state.get("Type") != "Map" or not _awaits(state):
            continue
        path = (*machine.path, "States", name)
        if _is_distributed(state):
            yield document.spot((*path, "ItemProcessor", "ProcessorConfig", "Mode")).problem(
                catalogue.WAIT_IN_DISTRIBUTED_MAP,
                "here each line is an execution of its own, and no journey: nothing would find its waits; "
                'write "Mode": "INLINE", or make a choreography of the items',
            )
        key = next((one for one in ("MaxConcurrency", "MaxConcurrencyPath") if one in state), "")
        if key and not _is_enough(state[key]):
            yield document.spot((*path, key)).problem(
                catalogue.LINES_BEGIN_LATE,
                "its lines wait for events, and one that has yet to begin does so when another is done; what comes for "
                f"it is kept meanwhile, and nothing is judged; remove {key!r}, so that {ITEMS_AT_ONCE} run at once",
            )


def _awaits(state: Mapping[str, Any]) -> bool:
    """Whether an event is awaited in *state*, or somewhere inside of it."""
    return waits_for_event(state) or any(
        _awaits(one) for _, machine, _ in inside(state, ()) for one in machine["States"].values()
    )


def _is_distributed(state: Mapping[str, Any]) -> bool:
    config = state.get("ItemProcessor", {}).get("ProcessorConfig")
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


def _is_enough(concurrency: Any) -> bool:
    """Whether as many lines run at once as can; 0 is no limit."""
    return isinstance(concurrency, int) and (concurrency == 0 or concurrency >= ITEMS_AT_ONCE)
