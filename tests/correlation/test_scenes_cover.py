"""The scenes of the crash points walk every path: every call of the rim, every step of a decision, every line."""

import inspect
import sys
import typing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from choreography_insights.runtime import (
    closing,
    correlation,
    deviations,
    due_sweep,
    naming,
    overdue_scan,
    starting,
    steps,
)
from choreography_insights.runtime.decision import decide
from choreography_insights.runtime.executions import Executions
from choreography_insights.runtime.redelivery import Redelivery
from choreography_insights.runtime.reports import Reports
from choreography_insights.runtime.start_decision import decide_start
from choreography_insights.runtime.stream_decision import decide_stream
from choreography_insights.runtime.table import JourneyTable
from choreography_insights.runtime.timers import Timers
from correlation.scenes import HOPELESS, LONG, RACES, SCENES, Scene
from fake_aws.gates import Call, Fault
from support.log import no_log

_MODULES = (correlation, naming, deviations, starting, closing, due_sweep, overdue_scan)
_FILES = {str(module.__file__): module.__name__ for module in _MODULES}
_DECIDERS = {id(function.__code__) for function in (decide, decide_start, decide_stream)}

#: Scenes that together walk everything, as the functions are today: with them nothing is left sooner.
_FIRST = (
    "awaited events",
    "early events",
    "too old",
    "timed out after the claim, slow to come again",
    "a start that waits for the end",
    "two starts at their deadline",
    "an event about several entities",
    "another name, and everything early",
    "a name of two entities",
)
#: Every call of the rim.
_SITES = {
    function.__qualname__
    for rim in (JourneyTable, Executions, Timers, Reports, Redelivery)
    for name, function in inspect.getmembers(rim, inspect.isfunction)
    if not name.startswith("_")
}
#: Every step that can be decided.
_STEPS = {
    (decider, step.__name__)
    for decider, one_of in (
        ("decide", steps.EventStep),
        ("decide_start", steps.StartStep),
        ("decide_stream", steps.StreamStep),
    )
    for step in typing.get_args(one_of)
}


@dataclass
class Walked:
    """What scenes have walked: call sites, decisions, lines."""

    sites: set[tuple[str, str]] = field(default_factory=set)
    steps: set[tuple[str, str]] = field(default_factory=set)
    lines: set[tuple[str, int]] = field(default_factory=set)
    _unseen: dict[int, set[int]] = field(default_factory=dict)  # by the code's id: its hash goes through all of it

    def walk(self, scene: Scene, fault: Fault | None = None) -> list[Call]:
        """Play *scene*; return its calls."""
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            calls = scene(fault).keeper.calls
        finally:
            sys.settrace(before)
        self.sites |= {(call.site, call.operation) for call in calls}
        return calls

    def is_all(self) -> bool:
        """Whether nothing is left that must be walked."""
        sites = {site for site, _ in self.sites}
        return sites >= _SITES and self.steps >= _STEPS and self.lines >= _numbered_lines().keys()

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        file, code = frame.f_code.co_filename, id(frame.f_code)
        if code in _DECIDERS:
            frame.f_trace_lines = False
            if event == "return" and argument is not None:
                self.steps.add((frame.f_code.co_name, type(argument).__name__))
            return self._trace
        if file not in _FILES:
            return None
        if code not in self._unseen:
            self._unseen[code] = _lines_of(frame.f_code)
        left = self._unseen[code]
        if event == "line":
            left.discard(frame.f_lineno)
            self.lines.add((_FILES[file], frame.f_lineno))
        return self._trace if left else None  # it takes long to look at each line again


@pytest.fixture(scope="module")
def walked() -> Walked:
    """What the scenes walk undisturbed, and dying behind one call after the other until nothing is left to walk."""
    found = Walked()
    with no_log():  # to write it takes longer than all else
        for scene in HOPELESS.values():
            found.walk(scene)
        scenes = {**SCENES, **{name: scene for name, (scene, _) in RACES.items()}}
        undisturbed = {name: found.walk(scene) for name, scene in scenes.items()}
        for name in dict.fromkeys([*_FIRST, *(name for name in scenes if name not in LONG)]):
            for call in undisturbed[name]:
                found.walk(scenes[name], Fault(call.number, "die after"))
            if found.is_all():
                break
    return found


def _lines_of(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line is not None and line != code.co_firstlineno}


def test_every_call_that_the_functions_can_make_is_made(walked: Walked) -> None:
    assert {site for site, _ in walked.sites} == _SITES
    assert {operation for site, operation in walked.sites if site == "Claims.record_done"} == {
        "update_item",
        "transact_write_items",
    }


def test_every_step_that_can_be_decided_is_decided(walked: Walked) -> None:
    assert walked.steps == _STEPS


def test_every_line_of_the_functions_is_walked(walked: Walked) -> None:
    missed = [
        f"{module}:{number}: {text}"
        for (module, number), text in _numbered_lines().items()
        if (module, number) not in walked.lines
    ]
    assert missed == []


@cache
def _numbered_lines() -> dict[tuple[str, int], str]:
    """Every line that must be walked, with its text."""
    return {(module.__name__, number): text for module in _MODULES for number, text in _lines_of_functions(module)}


def _lines_of_functions(module: Any) -> list[tuple[int, str]]:
    source = Path(module.__file__).read_text("utf-8")
    texts = source.splitlines()
    numbers: set[int] = set()
    stack = [compile(source, module.__file__, "exec")]
    while stack:
        code = stack.pop()
        inner = [constant for constant in code.co_consts if inspect.iscode(constant)]
        stack += inner
        if code.co_flags & inspect.CO_OPTIMIZED:  # a function, not a class or the module
            numbers |= {line for _, _, line in code.co_lines() if line is not None and line != code.co_firstlineno}
    return sorted((number, texts[number - 1].strip()) for number in numbers)
