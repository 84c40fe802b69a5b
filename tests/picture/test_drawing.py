"""`choreography draw`: what lies where, what is painted, and that nothing hides anything else."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from types import FrameType
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from choreography_insights.cli.main import main
from choreography_insights.model.workflow import beginnings, leaving, nested, scopes, targets
from choreography_insights.picture.dot import dot
from choreography_insights.picture.layout import layout
from choreography_insights.picture.mermaid import mermaid
from choreography_insights.picture.picture import picture_of
from choreography_insights.replay.event_files import Recording
from choreography_insights.trace.journeys import replayed
from choreography_insights.trace.trace import of_history
from choreography_insights.views.layout import Layout, Line, Placed, Point
from choreography_insights.views.picture import ANYTIME, BEGIN, TIMEOUT, Arrow, Box, Picture
from choreography_insights.views.svg import svg
from choreography_insights.views.trace import Trace
from devtools.places import ROOT
from support.definition_strategies import definitions
from support.definitions import EXAMPLES, GOOD, name_of, read, workflow_of

CAR = ROOT / "examples" / "car-dealer" / "car-dealer"
ON_SALE = ("Car Announced", "Inspection Completed", "Car Cleaned", "Car Repaired", "Car Priced", "Car Published")
SVG = "{http://www.w3.org/2000/svg}"


def series(tmp_path: Path, *names: str, entities: Sequence[str] = ("car-7",)) -> Recording:
    file = tmp_path / "events.json"
    events = [
        {"source": "car", "detailType": name, "detail": {"id": entity, "result": "Success"}, "wait": "5"}
        for entity in entities
        for name in names
    ]
    file.write_text(json.dumps({"events": events}), encoding="utf-8")
    return Recording(str(file))


def rectangles(placed: Layout) -> Iterator[Placed]:
    yield from (place for _, place in placed.boxes)
    yield from (place for _, place in placed.labels if place.width and place.height)


def overlap(one: Placed, other: Placed) -> bool:
    apart_sideways = one.x + one.width <= other.x + 0.5 or other.x + other.width <= one.x + 0.5
    return not (apart_sideways or one.y + one.height <= other.y + 0.5 or other.y + other.height <= one.y + 0.5)


def assert_nothing_is_hidden(placed: Layout) -> None:
    assert [(one, other) for one, other in combinations(rectangles(placed), 2) if overlap(one, other)] == []
    for box, place in placed.boxes:
        for lane, (x, y) in placed.lanes.get(box.name, ()):
            assert place.x <= x
            assert x + lane.width <= place.x + place.width
            assert place.y <= y
            assert y + lane.height <= place.y + place.height
            assert_nothing_is_hidden(lane)


@given(definitions())
def test_no_box_and_no_label_hides_another(states: dict[str, Any]) -> None:
    assert_nothing_is_hidden(layout(picture_of(workflow_of(states))))


@given(definitions())
def test_every_arrow_goes_from_the_edge_of_its_state_to_that_of_the_next(states: dict[str, Any]) -> None:
    placed = layout(picture_of(workflow_of(states)))
    places = {box.name: place for box, place in placed.boxes}
    labels = dict(placed.labels)
    for line in placed.lines:
        if line.arrow is None:
            continue
        label = labels[line.arrow]
        leads_on = line.has_head or line.into is not None
        ends = (label, places[line.arrow.target]) if leads_on else (places[line.arrow.origin], label)
        last = line
        while last.into is not None:
            joint, last = last.points[-1], placed.lines[last.into]
            assert joint == last.points[0]
        for (x, y), place in zip((line.points[0], last.points[-1]), ends, strict=True):
            assert place.x - 1 <= x <= place.x + place.width + 1
            assert min(abs(y - place.y), abs(y - place.y - place.height)) < 0.2


def all_lines(placed: Layout) -> Iterator[Line]:
    yield from placed.lines
    for lanes in placed.lanes.values():
        for lane, _ in lanes:
            yield from all_lines(lane)


@given(definitions())
def test_no_line_turns_back(states: dict[str, Any]) -> None:
    for line in all_lines(layout(picture_of(workflow_of(states)))):
        heights = [y for _, y in line.points]
        assert heights in (sorted(heights), sorted(heights, reverse=True))


def test_the_head_of_a_loop_in_an_each_points_at_its_state() -> None:
    """The place of the box's edge in its layer was rounded to a tenth beyond it: the head hid in the box."""
    inside = {"OnTheWay": {"await": {"Moved": "OnTheWay", "Delivered": "There"}}, "There": "succeed"}
    each = {"items": "$.detail.parcels", "item": "$.detail.parcel", "states": inside}
    placed = layout(picture_of(workflow_of({"Delivering": {"each": each, "next": "Done"}, "Done": "succeed"})))
    (lane, _), *_ = placed.lanes["Delivering"]
    place = next(place for box, place in lane.boxes if box.name == "OnTheWay")
    (loop,) = [line for line in lane.lines if line.has_head and line.arrow and line.arrow.target == "OnTheWay"
               and line.arrow.origin == "OnTheWay"]  # fmt: skip
    (_, before), (_, end) = loop.points[-2:]
    assert before > end + 1
    assert abs(end - place.y - place.height) < 0.2


def all_boxes(picture: Picture) -> Iterator[Box]:
    for box in picture.boxes:
        yield box
        for lane in box.lanes:
            yield from all_boxes(lane)


def all_arrows(picture: Picture) -> Iterator[Arrow]:
    yield from picture.arrows
    for box in picture.boxes:
        for lane in box.lanes:
            yield from all_arrows(lane)


@pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)
def test_every_state_and_way_is_in_the_picture(folder: Path) -> None:
    workflow = read(folder)
    picture = picture_of(workflow)
    names = {state.name.text for state in nested(workflow.states)}
    firsts = [scope.states[0].name.text for scope in scopes(workflow)]
    ways = {(state.name.text, target.text) for state in nested(workflow.states) for target in targets(state)}
    boxes, arrows = [*all_boxes(picture)], [*all_arrows(picture)]
    ways |= {(ANYTIME, entry.next.text) for entry in leaving(workflow.anytime)}
    begins = [box.name for box in boxes if box.look == "begin" and box.name != ANYTIME]
    assert begins[0] == BEGIN
    assert len({*begins}) == len(firsts)
    firsts = [*dict.fromkeys(beginnings(workflow).values()), *firsts[1:]]
    assert names == {box.name for box in boxes if box.look != "begin" and not box.inside}
    assert {(arrow.origin, arrow.target) for arrow in arrows if arrow.origin not in begins} == ways
    assert sorted(arrow.target for arrow in arrows if arrow.origin in begins) == sorted(firsts)
    texts = [element.text for element in ET.fromstring(svg(layout(picture), "it")).iter(f"{SVG}text")]  # noqa: S314
    assert names <= set(texts)
    assert dot(picture, "it").count(" -> ") == len(arrows)
    assert_nothing_is_hidden(layout(picture))


def test_a_picture_is_the_same_every_time() -> None:
    """Also in another process, where sets and hashes have another order."""
    command = [sys.executable, "-m", "choreography_insights", "draw", str(CAR), "--format", "svg"]
    seen = {
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "lambda_src"), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


@pytest.mark.parametrize("sort", ["Sequence", "Choice"])
def test_what_need_not_cross_does_not(sort: str) -> None:
    ends = {f"E{number}": "succeed" for number in range(6)}
    ways = {f"To {number}": f"E{number}" for number in (3, 0, 5, 1, 4, 2)}
    first = {"A": {"await": ways}} if sort == "Choice" else {
        "A": {"await": {"To 3": "E3", "On": "B"}}, "B": {"await": {key: ways[key] for key in ways if key != "To 3"}},
    }  # fmt: skip
    placed = layout(picture_of(workflow_of({**first, **ends})))
    segments = [pair for line in placed.lines for pair in pairwise(line.points)]
    assert [(one, other) for one, other in combinations(segments, 2) if cross(one, other)] == []


def cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two segments between the same layers change sides."""
    (a, b), (c, d) = sorted(one, key=lambda point: point[1]), sorted(other, key=lambda point: point[1])
    return (a[1], b[1]) == (c[1], d[1]) and (a[0] - c[0]) * (b[0] - d[0]) < 0


def work(count: int) -> int:
    """Return how many calls it takes to lay out *count* states that lead to the next one, and some back."""
    states: dict[str, Any] = {
        f"S{i}": {"await": {"On": f"S{i + 1}", "Back": f"S{max(0, i - 3)}"}} for i in range(count)
    }
    picture = picture_of(workflow_of({**states, f"S{count}": "succeed"}))
    calls = 0

    def called(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        layout(picture)
    finally:
        sys.setprofile(before)
    return calls


def test_the_work_grows_with_the_states_and_not_with_their_square() -> None:
    assert work(200) < 2.3 * work(100)


def test_a_replayed_journey_is_painted_as_far_as_it_went(tmp_path: Path) -> None:
    trace = replayed(read(CAR), series(tmp_path, *ON_SALE, "Car Unpublished", "Car Published"), None, print)
    assert (trace.entity, trace.status, trace.here) == ("car-7", "RUNNING", ("OnSale",))
    assert trace.states == {"Announced", "InPreparation", "ReadyForSale", "OnSale"}
    root = ET.fromstring(svg(layout(picture_of(read(CAR))), "car", trace))  # noqa: S314
    assert len(root.findall(f".//{SVG}rect[@class='box here']")) == 1
    assert painted(root) == {
        *("Car Announced", "Inspection Completed", "result is Success"),
        *("Car Published \N{MULTIPLICATION SIGN}2", "Car Unpublished"),
    }
    assert "car-7: RUNNING, waits in OnSale" in [element.text for element in root.iter(f"{SVG}text")]


def painted(root: ET.Element) -> set[str | None]:
    return {element.text for element in root.findall(f".//{SVG}text[@class='small by']")}


def test_what_is_open_in_an_all_is_told_from_what_has_come(tmp_path: Path) -> None:
    trace = replayed(read(CAR), series(tmp_path, *ON_SALE, "Car Reserved", "Car Sold", "Invoice Sent"), None, print)
    assert trace.here == ("Sold.Delivery",)
    root = ET.fromstring(svg(layout(picture_of(read(CAR))), "car", trace))  # noqa: S314
    looks = {group[0].text: group[1].get("class") for group in root.iter(f"{SVG}g") if len(group) > 1}
    assert looks["Sold.Delivery Car Delivered"] == "box here"
    assert looks["Sold.Invoice Invoice Sent"] == "box taken"
    assert looks["Sold all, in any order"] == "around taken"
    assert looks["Completed"] == "succeed pale"


def test_where_a_journey_never_came_nothing_seems_to_have_begun(tmp_path: Path) -> None:
    lane = {"states": {"W": {"await": {"Packed": "Z"}}, "Z": "succeed"}}
    branches = {"parallel": {"One": lane, "Two": {"states": {"V": {"await": {"Sent": "Y"}}, "Y": "succeed"}}}}
    states = {"A": {"await": {"Paid": "P"}}, "P": {**branches, "next": "End"}, "End": "succeed"}
    workflow = workflow_of(states, source="car", start="Car Announced")
    picture = picture_of(workflow)
    assert begins(svg(layout(picture), "it", replayed(workflow, series(tmp_path, "Car Announced"), None, print))) == [
        1,
        2,
    ]
    there = replayed(workflow, series(tmp_path, "Car Announced", "Paid"), None, print)
    assert begins(svg(layout(picture), "it", there)) == [3, 0]


def begins(text: str) -> list[int]:
    return [text.count('class="begin"'), text.count('class="begin pale"')]


def test_what_was_unexpected_stands_above_the_picture(tmp_path: Path) -> None:
    trace = replayed(read(CAR), series(tmp_path, "Car Announced", "Car Sold"), None, print)
    assert (trace.status, trace.trouble) == ("FAILED", ("Car Sold: UnexpectedEvent",))
    assert "Car Sold: UnexpectedEvent" in svg(layout(picture_of(read(CAR))), "car", trace)


def test_what_items_and_branches_have_come_to_is_painted_inside_of_them(tmp_path: Path) -> None:
    workflow = read(next(folder for folder in GOOD if folder.name == "each-parcel"))
    file = tmp_path / "events.json"
    parcels = [{"number": 1, "weight": 40}, {"number": 2, "weight": 5}, {"number": 3, "weight": 5}]
    events: list[tuple[str, dict[str, Any]]] = [
        ("Order Packed", {"parcels": parcels}),
        ("Parcel Delivered", {"parcel": 2}),
        ("Parcel Returned", {"returned": {"parcel": 3}}),
        ("Lift Booked", {"parcel": 1}),
    ]
    told = [{"source": "shop", "detailType": name, "detail": {"id": "7", **detail}} for name, detail in events]
    file.write_text(json.dumps({"events": told}), encoding="utf-8")
    trace = replayed(workflow, Recording(str(file)), None, print)
    assert trace.here == ("Heavy.Truck[1]", "Returned[3]")
    assert trace.places == {"Heavy.Truck", "Returned"}
    assert trace.states == {"Delivering", "Parcel", "Heavy", "Light", "Delivered", "Returned"}
    root = ET.fromstring(svg(layout(picture_of(workflow)), "it", trace))  # noqa: S314
    looks = {group[0].text: group[1].get("class") for group in root.iter(f"{SVG}g") if len(group) > 1}
    assert looks["Heavy.Lift Lift Booked"] == "box taken"
    assert looks["Heavy.Truck Truck Booked"] == "box here"
    assert looks["Delivering each of $.detail.parcels"] == "around taken"
    assert looks["Delivered"] == "succeed taken"
    assert looks["Burnt"] == "fail pale"
    assert "class Heavy,Returned here" in mermaid(workflow, trace)


def test_mermaid_and_dot_are_painted_too(tmp_path: Path) -> None:
    trace = replayed(read(CAR), series(tmp_path, *ON_SALE), None, print)
    lines = mermaid(read(CAR), trace).splitlines()
    assert lines[-3:] == [
        "    class Announced,InPreparation,ReadyForSale taken",
        "    classDef here stroke:#d9770a,stroke-width:4px",
        "    class OnSale here",
    ]
    text = dot(picture_of(read(CAR)), "car", trace)
    assert '"OnSale" [label="OnSale", fillcolor="#f0f4f8", color="#486581", color="#d9770a", penwidth=3.5];' in text
    assert text.count('color="#0967d2", penwidth=2.5];') == 4 + 3 + 3  # ways, states that were left, and their branches


def entered(name: str, kind: str = "Task", item: str | None = None) -> dict[str, Any]:
    details = {"name": name, "input": json.dumps({"item1": item} if item else {})}
    return {"type": f"{kind}StateEntered", "stateEnteredEventDetails": details}


def exited(name: str, event: str | None = None, kind: str = "Task", item: str | None = None) -> dict[str, Any]:
    output = {**({"event": {"eventName": event}} if event else {}), **({"item1": item} if item else {})}
    return {"type": f"{kind}StateExited", "stateExitedEventDetails": {"name": name, "output": json.dumps(output)}}


def test_an_execution_is_painted_like_the_journey_that_it_is(tmp_path: Path) -> None:
    history = [
        *(entered("Announced"), exited("Announced", "Inspection Completed")),
        *(entered("Announced?", "Choice"), exited("Announced?", kind="Choice")),
        entered("InPreparation", "Parallel"),
        *(entered(f"InPreparation.{item}") for item in ("Clean", "Repair", "Evaluate")),
        *(
            exit_
            for item, event in (("Clean", "Car Cleaned"), ("Repair", "Car Repaired"), ("Evaluate", "Car Priced"))
            for exit_ in [exited(f"InPreparation.{item}", event)]
        ),
        exited("InPreparation", kind="Parallel"),
        *(entered("ReadyForSale"), exited("ReadyForSale", "Car Published")),
        entered("OnSale"),
    ]
    begun = {"entityId": "car-7", "event": {"eventName": "Car Announced"}}
    execution = {"status": "RUNNING", "input": json.dumps(begun), "name": "car-7-abc"}
    assert of_history(read(CAR), execution, history) == replayed(read(CAR), series(tmp_path, *ON_SALE), None, print)


def test_an_item_that_leaves_a_state_leaves_the_others_there() -> None:
    inside = {
        "OnTheWay": {"await": {"Parcel Lost": "Searching"}},
        "Searching": {"await": {"Parcel Found": "OnTheWay", "Parcel Gone": "Gone"}},
        "Gone": "succeed",
    }
    each = {"items": "$.detail.parcels", "item": "$.detail.parcel", "states": inside}
    states = {"Delivering": {"each": each, "next": "Done"}, "Done": "succeed"}
    history = [
        entered("Delivering", "Map"),
        *(entered("OnTheWay", item=item) for item in "ab"),
        exited("OnTheWay", "Parcel Lost", item="b"),
    ]
    trace = of_history(workflow_of(states), {"status": "RUNNING", "input": "{}"}, history)
    assert trace.here == ("OnTheWay[a]",)


def test_a_timeout_in_an_execution_is_no_event() -> None:
    history = [entered("ReadyForSale"), {"type": "TaskTimedOut"}, exited("ReadyForSale"), entered("Stale", "Fail")]
    execution = {"status": "FAILED", "input": "{}", "name": "car-7", "error": "Stale", "cause": "Not published"}
    trace = of_history(read(CAR), execution, history)
    assert trace.transitions["ReadyForSale", TIMEOUT, "Stale"] == 1
    assert (trace.here, trace.exits, trace.trouble) == (("Stale",), {}, ("Stale: Not published",))
    assert isinstance(trace, Trace)


def test_draw_writes_the_form_that_the_file_s_name_asks_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, begin in {"a.svg": "<svg ", "a.dot": "digraph ", "a.mmd": "stateDiagram-v2"}.items():
        assert main(["draw", str(CAR), "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begin)
    capsys.readouterr()
    assert main(["draw", str(CAR), "-o", str(tmp_path / "a.png")]) == 1
    assert "a.png: no picture is written so; end the name in one of .svg, .dot" in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()
    assert main(["draw", str(CAR / "workflow.yaml"), "--format", "svg"]) == 0
    assert capsys.readouterr().out.startswith("<svg ")


def test_a_journey_is_painted_as_replay_tells_it_without_repeats_and_what_cannot_be_used(tmp_path: Path) -> None:
    once = [{"id": str(number), "detail-type": name, "source": "s", "time": number, "detail": {"id": 1}}
            for number, name in enumerate(["S", "a", "b"])]  # fmt: skip
    lines = tmp_path / "events.jsonl"
    lines.write_text("".join(json.dumps(one) + "\n" for one in [*once[:2], once[1], {"id": "x"}, {}, once[2]]))
    states = {"A": {"await": {"a": "B"}}, "B": {"await": {"b": "Done"}}, "Done": "succeed"}
    said: list[str] = []
    trace = replayed(workflow_of(states, source="s", start="S"), Recording(str(lines)), None, said.append)
    assert (trace.status, trace.here, trace.trouble) == ("SUCCEEDED", ("Done",), ())
    assert [one.partition(" is left out: ")[0] for one in said] == ["line 4: event 4", "line 5: event 5"]


def test_draw_says_which_journeys_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = series(tmp_path, *ON_SALE, entities=("car-7", "car-8")).where
    assert main(["draw", str(CAR), "--journey", both, "--format", "svg"]) == 1
    assert capsys.readouterr().err == f"{both}: there are journeys of car-7, car-8; name one with --entity\n"
    assert main(["draw", str(CAR), "--journey", both, "--entity", "car-9"]) == 1
    assert capsys.readouterr().err == f"{both}: there is no journey of 'car-9'; there are those of car-7, car-8\n"
    assert main(["draw", str(CAR), "--journey", both, "--entity", "car-8"]) == 0
    none = series(tmp_path, "Car Sold").where
    assert main(["draw", str(CAR), "--journey", none]) == 1
    assert capsys.readouterr().err == (f"{none}: no journey begins in these events; let one of them be Car Announced\n")
    assert main(["draw", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path}: there is no workflow.yaml here; write one, or name another folder\n"
