"""`picture.json`: the layout of a picture and the flow as text, and as values again."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from choreography_insights.model.flow import flow_of
from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.views.layout import Layout
from choreography_insights.views.layout_file import UnknownFormError, read, read_flow, written
from support.definition_strategies import definitions
from support.definitions import EXAMPLES, GOOD, name_of, workflow_of
from support.definitions import read as read_workflow


def assert_alike(one: Layout, other: Layout) -> None:
    """What is written is rounded to a tenth of a pixel; nothing else is lost."""
    assert [box for box, _ in one.boxes] == [box for box, _ in other.boxes]
    assert [arrow for arrow, _ in one.labels] == [arrow for arrow, _ in other.labels]
    assert [(line.arrow, line.has_head, line.into) for line in one.lines] == [
        (line.arrow, line.has_head, line.into) for line in other.lines
    ]
    for (_, place), (_, there) in zip((*one.boxes, *one.labels), (*other.boxes, *other.labels), strict=True):
        assert (place.x, place.y) == pytest.approx((there.x, there.y), abs=0.06)
        assert (place.width, place.height) == pytest.approx((there.width, there.height), abs=0.06)
    assert [line.points for line in one.lines] == [line.points for line in other.lines]
    assert one.lanes.keys() == other.lanes.keys()
    for name, lanes in one.lanes.items():
        for (lane, _), (there_lane, _) in zip(lanes, other.lanes[name], strict=True):
            assert_alike(lane, there_lane)


@pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)
def test_layout_and_flow_are_the_same_after_they_were_written_and_read(folder: Path) -> None:
    workflow = read_workflow(folder)
    placed, flow = layout(picture_of(workflow)), flow_of(workflow)
    text = written(placed, flow)
    again, flow_again = read(text)
    assert_alike(again, placed)
    assert (flow_again, flow_again.version) == (flow, flow.version)
    assert read_flow(text) == flow


@given(definitions())
def test_what_was_read_is_written_the_same_again(states: dict[str, Any]) -> None:
    workflow = workflow_of(states)
    text = written(layout(picture_of(workflow)), flow_of(workflow))
    assert written(*read(text)) == text


def test_each_box_each_arrow_each_stroke_and_each_state_has_its_line() -> None:
    states = {"A": {"await": {"Paid": "B", "Lost": "C"}}, "B": "succeed", "C": "succeed"}
    workflow = workflow_of(states)
    placed = layout(picture_of(workflow))
    flow = flow_of(workflow)
    lines = written(placed, flow).splitlines()
    items = [line for line in lines if line.lstrip().startswith("{") and line != "{"]
    assert len(items) == len(placed.boxes) + len(placed.labels) + len(placed.lines) + len(states)
    described = written(placed, flow, "A lamp")
    assert described.splitlines()[3] == ' "description":"A lamp",'
    assert described.replace(' "description":"A lamp",\n', "") == written(placed, flow)
    width = f"{placed.width:.1f}".removesuffix(".0")
    assert lines[1:4] == [' "form":1,', f' "version":"{flow.version}",', f' "width":{width},']
    assert lines[lines.index(' "flow":{') + 1 :] == [
        '  "first":"A",',
        '  "starts":["Begun"],',
        '  "awaited":["Lost","Paid"],',
        '  "states":[',
        '   {"name":"A","kind":"await","ways":[{"event":"Paid","next":"B"},{"event":"Lost","next":"C"}]},',
        '   {"name":"B","kind":"succeed"},',
        '   {"name":"C","kind":"succeed"}',
        "  ]",
        " }",
        "}",
    ]


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"form": 2, "boxes": []}), json.dumps({"form": 1, "boxes": []})])
def test_another_form_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(UnknownFormError, match="with: choreography generate"):
        read(text)
    with pytest.raises(UnknownFormError, match="with: choreography generate"):
        read_flow(text)
