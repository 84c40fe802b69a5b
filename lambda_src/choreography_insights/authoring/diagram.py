"""``diagram.md``: the choreography as a Mermaid state diagram, and what its simulations take of it."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from choreography_insights.authoring.durations import in_words
from choreography_insights.authoring.patterns import Pattern
from choreography_insights.authoring.simulations import Left, Simulation, Simulations
from choreography_insights.authoring.workflow import All, Await, Fail, State, Succeed, Workflow

_HEAD = "<!-- Generated from workflow.yaml by `choreography generate`; edit that file instead. -->"
_PLAIN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KEYWORDS = {
    *("as", "class", "classdef", "click", "default", "direction", "end", "fork", "hide", "href", "join", "left"),
    *("choice", "note", "of", "over", "right", "root", "scale", "state", "style", "title", "tb", "lr", "rl", "bt"),
}
_LABEL_SPECIAL = re.compile(r"""[^\w \-.,'()=/+?!&]""")
_WORDS = {"prefix": "beginning with", "suffix": "ending with", "wildcard": "like"}

Ids = dict[str, str]


def diagram(workflow: Workflow, simulated: Simulations) -> str:
    """Return the Markdown page."""
    sections = [
        _HEAD,
        f"# {_prose(workflow.name.text)}",
        *([_prose(workflow.description.strip())] if workflow.description else []),
        "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in state_diagram(workflow)), "```"]),
        "## Simulations",
        _table(("file", "events", "ends in"), [_simulation_row(simulation) for simulation in simulated.series])
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
    for state in workflow.states:
        yield from _declaration(state, ids)
    starts = " or ".join(start.text for start in workflow.starts)
    yield f"[*] --> {ids[workflow.states[0].name.text]}: {_label(starts)}"
    for state in workflow.states:
        yield from _ways(state, ids)
    failed = [ids[state.name.text] for state in workflow.states if isinstance(state, Fail)]
    if failed:
        yield "classDef failed fill:#f8d7da,stroke:#b02a37,color:#58151c"
        yield f"class {','.join(failed)} failed"


def mermaid_ids(workflow: Workflow) -> Ids:
    """Give each state an id that Mermaid reads as one: its name where that is possible, else a number."""
    names = [state.name.text for state in workflow.states]
    plain = {name for name in names if _PLAIN_ID.fullmatch(name) and name.lower() not in _KEYWORDS}
    return {name: name if name in plain else _free(f"s{number}", plain) for number, name in enumerate(names, 1)}


def _free(candidate: str, taken: set[str]) -> str:
    return _free(f"{candidate}_", taken) if candidate in taken else candidate


def _declaration(state: State, ids: Ids) -> Iterator[str]:
    own = ids[state.name.text]
    if own != state.name.text:
        yield f'state "{_label(state.name.text)}" as {own}'
    if isinstance(state, All):
        yield f"state {own} {{"
        for number, item in enumerate(state.items, 1):
            inner = _free(f"{own}_{number}", set(ids.values()))
            if number > 1:
                yield "    --"
            yield f'    state "{_label(item.name.text)}" as {inner}'
            yield f"    [*] --> {inner}"
            yield f"    {inner} --> [*]: {_label(item.event.text)}"
        yield "}"


def _ways(state: State, ids: Ids) -> Iterator[str]:
    own = ids[state.name.text]
    match state:
        case Await():
            for variant in state.variants:
                condition = f" ({condition_in_words(variant.when)})" if variant.when else ""
                yield f"{own} --> {ids[variant.next.text]}: {_label(variant.event.text + condition)}"
        case All():
            yield f"{own} --> {ids[state.next.text]}: all of them"
        case Succeed() | Fail():
            yield f"{own} --> [*]"
            return
    if state.timeout:
        yield f"{own} --> {ids[state.timeout.next.text]}: after {in_words(state.timeout.seconds)}"


def condition_in_words(pattern: Pattern) -> str:
    """Say what *pattern* asks for, as briefly as a label must: ``result is Rejected or Failed``."""
    return _fields_in_words(pattern.source)


def _fields_in_words(source: Any) -> str:
    return ", ".join(_field_in_words(name, value) for name, value in source.items())


def _field_in_words(name: str, value: Any) -> str:
    if name == "$or":
        return " or ".join(f"({_fields_in_words(alternative)})" for alternative in value)
    if isinstance(value, dict):
        return f"{name}.({_fields_in_words(value)})"
    return f"{name} is {' or '.join(_matcher_in_words(matcher) for matcher in value)}"


def _matcher_in_words(matcher: Any) -> str:
    if not isinstance(matcher, dict):
        return matcher if _is_word(matcher) else json.dumps(matcher, ensure_ascii=False)
    ((operator, operand),) = matcher.items()
    match operator, operand:
        case "exists", there:
            return "there" if there else "missing"
        case "numeric", pairs:
            return " and ".join(f"{sign} {number}" for sign, number in zip(pairs[::2], pairs[1::2], strict=True))
        case "anything-but", dict():
            return f"not {_matcher_in_words(operand)}"
        case "anything-but", list():
            return f"not {' or '.join(map(_matcher_in_words, operand))}"
        case "anything-but", _:
            return f"not {_matcher_in_words(operand)}"
        case _:
            return f"{_WORDS[operator]} {_matcher_in_words(operand)}"


def _is_word(value: Any) -> bool:
    """Whether *value* is text that nobody would take for a number or another value."""
    return isinstance(value, str) and bool(re.search(r"[^\W\d_]", value)) and value not in ("true", "false", "null")


def _label(text: str) -> str:
    """Return *text* with all that Mermaid might read as its own written as character entities."""
    return _LABEL_SPECIAL.sub(lambda match: f"#{ord(match[0])};", text)


def _simulation_row(simulation: Simulation) -> Sequence[str]:
    return (f"`simulations/{simulation.name}.json`", " → ".join(simulation.events), simulation.end)


def _left_row(left: Left) -> Sequence[str]:
    return (left.state, left.way, left.target, left.reason)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_prose(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _prose(text: str) -> str:
    """Return *text* so that Markdown takes none of it for its own, where it could do harm."""
    return text.replace("|", "\\|").replace("<", "&lt;")
