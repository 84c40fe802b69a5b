"""``picture.json``: a layout and a flow as text, with a line for each box, arrow, stroke and state; as values again.

Coordinates are in pixels from the upper left corner, to a tenth. What is empty, or as usual, is left out.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from choreography_insights.views import flow
from choreography_insights.views.flow import Flow
from choreography_insights.views.layout import Layout, Line, Placed, Point
from choreography_insights.views.picture import Arrow, Box, Label, Picture

FORM = 1
"""Which form this is. What reads it refuses others."""


class UnknownFormError(Exception):
    """The text is no picture of a form that is known here; the message says what to do."""


def written(layout: Layout, states: Flow, description: str = "") -> str:
    """Return the text of the file."""
    described = {"description": description} if description else {}
    document = {"form": FORM, "version": states.version, **described, **_layout(layout)}
    members = [_member(key, value) for key, value in document.items()]
    inner = ",\n".join(_member(key, value, "  ") for key, value in flow.document(states).items())
    return "{\n" + ",\n".join([*members, f' "flow":{{\n{inner}\n }}']) + "\n}\n"


def read(text: str) -> tuple[Layout, Flow]:
    """Return the layout and the flow in *text*; raise `UnknownFormError` if they are not there."""
    document = _document_of(text)
    return _layout_of(document), flow.of_document(document["flow"])


def read_flow(text: str) -> Flow:
    """Return the flow in *text* alone; raise `UnknownFormError` if there is none."""
    return flow.of_document(_document_of(text)["flow"])


def _document_of(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UnknownFormError(f"this is no JSON ({error}); write it with: choreography generate") from error
    form = document.get("form") if isinstance(document, dict) else None
    if form != FORM:
        raise UnknownFormError(f"its form is {form!r}, and {FORM} is known; write it anew with: choreography generate")
    if "flow" not in document:
        raise UnknownFormError("it says nothing of where states lead; write it anew with: choreography generate")
    return cast("Mapping[str, Any]", document)


def _member(key: str, value: Any, indent: str = " ") -> str:
    if not isinstance(value, list) or not any(isinstance(item, dict) for item in value):
        return f"{indent}{_json(key)}:{_json(value)}"
    items = ",\n".join(f"{indent} {_json(item)}" for item in value)
    return f"{indent}{_json(key)}:[\n{items}\n{indent}]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _layout(layout: Layout) -> dict[str, Any]:
    arrows = [arrow for arrow, _ in layout.labels]
    positions = {id(arrow): position for position, arrow in enumerate(arrows)}
    return {
        "width": _n(layout.width),
        "height": _n(layout.height),
        "boxes": [_box(box, place, layout.lanes.get(box.name, ())) for box, place in layout.boxes],
        "arrows": [_arrow(arrow, place) for arrow, place in layout.labels],
        "lines": [dict(_line(line, positions)) for line in layout.lines],
    }


def _box(box: Box, place: Placed, lanes: Any) -> dict[str, Any]:
    told = {
        "name": box.name,
        "title": "" if box.title == box.name else box.title,
        "look": box.look,
        "note": box.note,
        "inside": box.inside,
        "at": _rectangle(place),
        "lanes": [{"at": [_n(x), _n(y)], **_layout(lane)} for lane, (x, y) in lanes],
    }
    return {key: value for key, value in told.items() if value}


def _arrow(arrow: Arrow, place: Placed) -> dict[str, Any]:
    labels = [[label.event, label.text, *([label.condition] if label.condition else [])] for label in arrow.labels]
    return {"from": arrow.origin, "to": arrow.target, "labels": labels, "at": _rectangle(place)}


def _line(line: Line, positions: Mapping[int, int]) -> Iterator[tuple[str, Any]]:
    if line.arrow is not None:
        yield "arrow", positions[id(line.arrow)]
    if line.has_head:
        yield "head", 1
    if line.into is not None:
        yield "into", line.into
    yield "points", [_n(number) for point in line.points for number in point]


def _rectangle(place: Placed) -> list[float]:
    return [_n(place.x), _n(place.y), _n(place.width), _n(place.height)]


def _n(number: float) -> float:
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def _layout_of(document: Mapping[str, Any]) -> Layout:
    lanes = {
        one["name"]: [(_layout_of(lane), _point(lane["at"])) for lane in one["lanes"]]
        for one in document["boxes"]
        if "lanes" in one
    }
    labels = [(_arrow_of(one), Placed(*one["at"])) for one in document["arrows"]]
    return Layout(
        width=document["width"],
        height=document["height"],
        boxes=[(_box_of(one, lanes), Placed(*one["at"])) for one in document["boxes"]],
        labels=labels,
        lines=[_line_of(one, [arrow for arrow, _ in labels]) for one in document["lines"]],
        lanes=lanes,
    )


def _point(at: list[float]) -> Point:
    x, y = at
    return x, y


def _box_of(one: Mapping[str, Any], lanes: Mapping[str, list[tuple[Layout, Point]]]) -> Box:
    return Box(
        name=one["name"],
        title="" if one["look"] == "begin" else one.get("title", one["name"]),
        look=one["look"],
        note=one.get("note", ""),
        inside=one.get("inside", ""),
        lanes=tuple(_picture_of(lane) for lane, _ in lanes.get(one["name"], [])),
    )


def _picture_of(layout: Layout) -> Picture:
    return Picture(tuple(box for box, _ in layout.boxes), tuple(arrow for arrow, _ in layout.labels))


def _arrow_of(one: Mapping[str, Any]) -> Arrow:
    return Arrow(one["from"], one["to"], tuple(Label(*label) for label in one["labels"]))


def _line_of(one: Mapping[str, Any], arrows: list[Arrow]) -> Line:
    flat = one["points"]
    points = tuple(zip(flat[::2], flat[1::2], strict=True))
    return Line(arrows[one["arrow"]] if "arrow" in one else None, points, "head" in one, one.get("into"))
