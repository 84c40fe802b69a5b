"""What there is to draw of a choreography: boxes, perhaps with pictures in them, and arrows. A form for all formats."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from choreography_insights.authoring.diagram import condition_in_words
from choreography_insights.authoring.drawing.course import BEGIN, TIMEOUT
from choreography_insights.authoring.durations import in_words
from choreography_insights.authoring.generated_names import branch_name
from choreography_insights.authoring.workflow import All, Await, Fail, Item, State, Succeed, Workflow

Look = Literal["begin", "wait", "around", "succeed", "fail"]


@dataclass(frozen=True, slots=True)
class Box:
    """A state. *name* is what an execution calls it; *lanes* are pictures that lie in it, side by side."""

    name: str
    title: str
    look: Look
    note: str = ""
    inside: str = ""
    """The name of the box around it; *note* is then the event that it waits for."""
    lanes: tuple["Picture", ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What an arrow is taken by: an event (or `TIMEOUT`), and what it must look like."""

    event: str
    text: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from a box to another, for each of its *labels*."""

    origin: str
    target: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes, the first on top, and the arrows between them."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...] = ()


def picture_of(workflow: Workflow) -> Picture:
    """Return the picture of the whole choreography."""
    begin = Box(BEGIN, "", "begin")
    starts = tuple(Label(start.text, start.text) for start in workflow.starts)
    found: dict[tuple[str, str], tuple[Label, ...]] = {(BEGIN, workflow.states[0].name.text): starts}
    for state in workflow.states:
        for target, label in _ways(state):
            key = (state.name.text, target)
            found[key] = (*found.get(key, ()), label)
    arrows = tuple(Arrow(origin, target, labels) for (origin, target), labels in found.items())
    return Picture((begin, *map(_box, workflow.states)), arrows)


def _box(state: State) -> Box:
    name = state.name.text
    match state:
        case Await():
            return Box(name, name, "wait")
        case All():
            lanes = tuple(Picture((_item(state, item),)) for item in state.items)
            return Box(name, name, "around", "all, in any order", lanes=lanes)
        case Succeed():
            return Box(name, name, "succeed")
        case Fail():
            return Box(name, name, "fail", state.cause or "")
        case _:
            assert_never(state)


def _item(state: All, item: Item) -> Box:
    return Box(branch_name(state, item), item.name.text, "wait", item.event.text, inside=state.name.text)


def _ways(state: State) -> Iterator[tuple[str, Label]]:
    match state:
        case Await():
            for variant in state.variants:
                condition = condition_in_words(variant.when) if variant.when else ""
                yield variant.next.text, Label(variant.event.text, variant.event.text, condition)
        case All():
            # The journey leaves by the last of the events, whichever that is.
            yield state.next.text, Label(ANY, "")
        case Succeed() | Fail():
            return
        case _:
            assert_never(state)
    if state.timeout:
        yield state.timeout.next.text, Label(TIMEOUT, f"after {in_words(state.timeout.seconds)}")


ANY = "(any)"
"""Stands for whatever event is the last of those that an `All` waits for."""
