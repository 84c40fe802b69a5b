"""``diagram.md``: the choreography as a Mermaid state diagram, and what its simulations take of it."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from choreography_insights.core import fields
from choreography_insights.model.names import entry_in_words, start_in_words, stays_in_words, ways_in_words
from choreography_insights.model.workflow import (
    All,
    Each,
    Fail,
    Parallel,
    State,
    Variant,
    Workflow,
    anytime,
    beginnings,
    divided_events,
    is_done,
    is_end,
    leaving,
    nested,
)
from choreography_insights.testgen import Left, Simulation, Simulations

_HEAD = "<!-- Generated from workflow.yaml by `choreography generate`; edit that file instead. -->"
_PLAIN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KEYWORDS = {
    *("as", "class", "classdef", "click", "default", "direction", "end", "fork", "hide", "href", "join", "left"),
    *("choice", "note", "of", "over", "right", "root", "scale", "state", "style", "title", "tb", "lr", "rl", "bt"),
}
_LABEL_SPECIAL = re.compile(r"""[^\w \-.,'()=/+?!&]""")

Ids = dict[str, str]


def diagram(workflow: Workflow, simulated: Simulations) -> str:
    """Return the Markdown page."""
    told = {
        name: {field.path[1] for entry in workflow.ids_of(name) for field in entry.entity if field.path[0] == "detail"}
        for name in divided_events(workflow)
    }
    sections = [
        _HEAD,
        f"# {_prose(workflow.name.text)}",
        *([_prose(workflow.description.strip())] if workflow.description else []),
        "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in state_diagram(workflow)), "```"]),
        "## Simulations",
        _table(("file", "events", "ends in"), [_simulation_row(one, told) for one in simulated.series])
        if simulated.series
        else "None: events alone lead to no end.",
    ]
    if simulated.left:
        sections += [
            "Not simulated:",
            _table(("from", "way", "to", "because"), [_left_row(left) for left in simulated.left]),
        ]
    return "\n\n".join(sections) + "\n"


def state_diagram(workflow: Workflow) -> Iterator[str]:
    """Yield the lines of the diagram, after that which names its kind."""
    ids = mermaid_ids(workflow)
    begins: dict[str, list[str]] = {}
    begun_in = beginnings(workflow)
    for start in workflow.starts:
        begins.setdefault(begun_in[start.event.text], []).append(_label(start_in_words(start)))
    yield from _scope(workflow.states, ids, {state: " or ".join(starts) for state, starts in begins.items()})
    yield from _at_any_moment(workflow, ids)
    failed = [ids[state.name.text] for state in nested(workflow.states) if isinstance(state, Fail)]
    if failed:
        yield "classDef failed fill:#f8d7da,stroke:#b02a37,color:#58151c"
        yield f"class {','.join(failed)} failed"


def _at_any_moment(workflow: Workflow, ids: Ids) -> Iterator[str]:
    """Yield the lines of what leads on from wherever a journey is."""
    if workflow.anytime:
        own = _free("anytime", ids.values())
        yield f'state "at any moment" as {own}'
        for entry in leaving(workflow.anytime):
            yield f"{own} --> {ids[entry.next.text]}: {_label(entry_in_words(entry))}"
        yield from _note(workflow.anytime, own)


def _note(entries: Sequence[Variant], own: str) -> Iterator[str]:
    """Yield the line that says by which of *entries* a journey stays where it is."""
    if stays := stays_in_words(entries):
        yield f"note right of {own}: {_label(stays)}"


def _scope(states: Sequence[State], ids: Ids, begins: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the states that lead to one another, of which some are entered; *begins* has the labels."""
    for state in states:
        yield from _declaration(state, ids)
    for first, label in begins.items():
        yield f"[*] --> {ids[first]}" + (f": {label}" if label else "")
    for state in states:
        yield from _ways(state, ids)


def mermaid_ids(workflow: Workflow) -> Ids:
    """Give each state an id that Mermaid reads as one: its name where that is possible, else a number."""
    names = [state.name.text for state in nested(workflow.states)]
    plain = {name for name in names if _PLAIN_ID.fullmatch(name) and name.lower() not in _KEYWORDS}
    return {name: name if name in plain else _free(f"s{number}", plain) for number, name in enumerate(names, 1)}


def _free(candidate: str, taken: Collection[str]) -> str:
    return _free(f"{candidate}_", taken) if candidate in taken else candidate


def _declaration(state: State, ids: Ids) -> Iterator[str]:
    own = ids[state.name.text]
    if own != state.name.text:
        yield f'state "{_label(state.name.text)}" as {own}'
    lines = list(_inside(state, own, ids))
    if lines:
        yield f"state {own} {{"
        yield from (f"    {line}" for line in lines)
        yield "}"


def _inside(state: State, own: str, ids: Ids) -> Iterator[str]:
    match state:
        case All():
            for number, item in enumerate(state.items, 1):
                inner = _free(f"{own}_{number}", ids.values())
                if number > 1:
                    yield "--"
                yield f'state "{_label(item.name.text)}" as {inner}'
                yield f"[*] --> {inner}"
                yield f"{inner} --> [*]: {_label(item.event.text)}"
        case Parallel():
            for number, branch in enumerate(state.branches):
                if number:
                    yield "--"
                yield from _scope(branch.states, ids, {branch.states[0].name.text: _label(branch.name.text)})
        case Each():
            begins = {state.body.states[0].name.text: _label(f"each of {fields.written(state.items.path)}")}
            yield from _scope(state.body.states, ids, begins)


def _ways(state: State, ids: Ids) -> Iterator[str]:
    own = ids[state.name.text]
    for way, target in ways_in_words(state):
        yield f"{own} --> {ids[target]}" + (f": {_label(way)}" if way else "")
    yield from _note(anytime(state), own)
    if is_end(state):
        yield f"{own} --> [*]"
    elif is_done(state):
        yield f"{own} --> [*]: done"


def _label(text: str) -> str:
    """Return *text* with all that Mermaid might read as its own written as character entities."""
    return _LABEL_SPECIAL.sub(lambda match: f"#{ord(match[0])};", text)


def _simulation_row(simulation: Simulation, told: Mapping[str, Collection[str | int]]) -> Sequence[str]:
    events = " → ".join(_event_in_words(event, told) for event in simulation.document["events"])
    return (f"`simulations/{simulation.name}.json`", events, simulation.end)


def _event_in_words(event: Mapping[str, Any], told: Mapping[str, Collection[str | int]]) -> str:
    """Return the event's name, with its detail where the name alone does not tell what has happened.

    *told*: of the events of which that is so, the fields of the detail that hold the entity's id, or what is around it.
    """
    name: str = event["detailType"]
    said = {field: value for field, value in event["detail"].items() if field not in told[name]} if name in told else {}
    return f"{name} {json.dumps(said, ensure_ascii=False)}" if said else name


def _left_row(left: Left) -> Sequence[str]:
    return (left.state, left.way, left.target, left.reason)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_prose(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _prose(text: str) -> str:
    """Return *text* so that Markdown takes none of it for its own, where it could do harm."""
    return text.replace("|", "\\|").replace("<", "&lt;")
