"""A picture in Graphviz's language, for those who have Graphviz or a viewer of it."""

import json
from collections.abc import Iterator

from choreography_insights.views.painting import is_here, is_passed, times_taken
from choreography_insights.views.picture import TIMEOUT, Arrow, Box, Label, Picture
from choreography_insights.views.trace import Trace

_LOOKS = {
    "begin": 'shape=circle, style=filled, fillcolor="#243b53", width=0.2, label=""',
    "wait": 'fillcolor="#f0f4f8", color="#486581"',
    "succeed": 'fillcolor="#e3f5e8", color="#2f855a"',
    "fail": 'fillcolor="#fde8e8", color="#b02a37"',
    "choose": 'fillcolor="#fff8e6", color="#8d6e3f"',
    "pause": 'fillcolor="#f0f4f8", color="#486581", style="rounded,filled,dashed"',
    "pass": 'fillcolor="#ffffff", color="#486581"',
    "around": 'fillcolor="#fafbfc", color="#486581"',
}


def dot(picture: Picture, title: str, trace: Trace | None = None) -> str:
    """Return *picture* as a digraph; boxes with lanes are clusters."""
    inner = {box.name: _first_inside(box) for box in picture.boxes if box.lanes}
    lines = [
        f"digraph {_quoted(title)} {{",
        '  compound=true; node [shape=box, style="rounded,filled", fontname=Helvetica]; edge [fontname=Helvetica];',
        *(f"  {line}" for box in picture.boxes for line in _box(box, trace)),
        *(f"  {_arrow(arrow, inner, trace)}" for arrow in picture.arrows),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box, trace: Trace | None) -> Iterator[str]:
    look = ", ".join([_LOOKS[box.look], *_paint(box, trace)])
    if not box.lanes:
        label = "" if box.look == "begin" else f"label={_quoted(_words(box))}, "
        yield f"{_quoted(box.name)} [{label}{look}];"
        return
    yield f"subgraph {_quoted(f'cluster {box.name}')} {{"
    yield f'  graph [label={_quoted(_words(box))}, style="rounded,filled", {look}];'
    for lane in box.lanes:
        for below in lane.boxes:
            yield from (f"  {line}" for line in _box(below, trace))
        inside = {below.name: _first_inside(below) for below in lane.boxes if below.lanes}
        yield from (f"  {_arrow(arrow, inside, trace)}" for arrow in lane.arrows)
    yield "}"


def _arrow(arrow: Arrow, inner: dict[str, str], trace: Trace | None) -> str:
    attributes = [f"label={_quoted(chr(10).join(_label(label) for label in arrow.labels))}"]
    if all(label.event == TIMEOUT for label in arrow.labels):
        attributes.append("style=dashed")
    for end, key in ((arrow.origin, "ltail"), (arrow.target, "lhead")):
        if end in inner:
            attributes.append(f"{key}={_quoted(f'cluster {end}')}")
    if trace is not None and any(times_taken(arrow, label, trace) for label in arrow.labels):
        attributes += ['color="#0967d2"', "penwidth=2.5"]
    ends = (_quoted(inner.get(end, end)) for end in (arrow.origin, arrow.target))
    return f"{' -> '.join(ends)} [{', '.join(attributes)}];"


def _paint(box: Box, trace: Trace | None) -> Iterator[str]:
    if trace is not None and is_here(box, trace):
        yield 'color="#d9770a", penwidth=3.5'
    elif trace is not None and is_passed(box, trace):
        yield 'color="#0967d2", penwidth=2.5'


def _first_inside(box: Box) -> str:
    """Return the name of a plain box in *box*: Graphviz draws arrows between those only."""
    while box.lanes:
        box = box.lanes[0].boxes[0]
    return box.name


def _words(box: Box) -> str:
    return f"{box.title}\n{box.note}" if box.note else box.title


def _label(label: Label) -> str:
    return "\n".join([*([label.text] if label.text else []), *([f"({label.condition})"] if label.condition else [])])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
