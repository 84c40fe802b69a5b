"""The scenes of the crash points walk every path: every call of the rim, every step of a decision, every line."""

import inspect
import sys
import typing
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from choreography_insights.runtime import closing, correlation, deviations, due_sweep, overdue_scan, starting, steps
from choreography_insights.runtime.decision import decide
from choreography_insights.runtime.executions import Executions
from choreography_insights.runtime.redelivery import Redelivery
from choreography_insights.runtime.reports import Reports
from choreography_insights.runtime.start_decision import decide_start
from choreography_insights.runtime.stream_decision import decide_stream
from choreography_insights.runtime.table import JourneyTable
from choreography_insights.runtime.timers import Timers
from correlation.scenes import HOPELESS, LONG, RACES, SCENES
from fake_aws.gates import Fault

_MODULES = (correlation, deviations, starting, closing, due_sweep, overdue_scan)


@pytest.fixture(scope="module")
def walked() -> dict[str, set[Any]]:
    """What all scenes have walked, undisturbed and dying behind each call: call sites, decisions, lines."""
    found: dict[str, set[Any]] = {"sites": set(), "steps": set(), "lines": set()}
    files = {str(module.__file__): module.__name__ for module in _MODULES}
    unseen: dict[int, set[int]] = {}  # by the code's id: its hash goes through all of it
    deciders = {id(function.__code__) for function in (decide, decide_start, decide_stream)}

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        file, code = frame.f_code.co_filename, id(frame.f_code)
        if code in deciders:
            frame.f_trace_lines = False
            if event == "return" and argument is not None:
                found["steps"].add((frame.f_code.co_name, type(argument).__name__))
            return trace
        if file not in files:
            return None
        if code not in unseen:
            unseen[code] = _lines_of(frame.f_code)
        left = unseen[code]
        if event == "line":
            left.discard(frame.f_lineno)
            found["lines"].add((files[file], frame.f_lineno))
        return trace if left else None  # it takes long to look at each line again

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for scene in HOPELESS.values():
            scene(None)
        for name, scene in [*SCENES.items(), *((name, scene) for name, (scene, _) in RACES.items())]:
            undisturbed = scene(None)
            found["sites"] |= {(call.site, call.operation) for call in undisturbed.keeper.calls}
            for call in undisturbed.keeper.calls if name not in LONG else ():
                aws = scene(Fault(call.number, "die after"))
                found["sites"] |= {(one.site, one.operation) for one in aws.keeper.calls}
    finally:
        sys.settrace(before)
    return found


def _lines_of(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line is not None and line != code.co_firstlineno}


def test_every_call_that_the_functions_can_make_is_made(walked: dict[str, set[Any]]) -> None:
    sites = {site for site, _ in walked["sites"]}
    assert sites == {
        function.__qualname__
        for rim in (JourneyTable, Executions, Timers, Reports, Redelivery)
        for name, function in inspect.getmembers(rim, inspect.isfunction)
        if not name.startswith("_")
    }
    assert {operation for site, operation in walked["sites"] if site == "Claims.record_done"} == {
        "update_item",
        "transact_write_items",
    }


def test_every_step_that_can_be_decided_is_decided(walked: dict[str, set[Any]]) -> None:
    possible = {
        (decider, step.__name__)
        for decider, one_of in (
            ("decide", steps.EventStep),
            ("decide_start", steps.StartStep),
            ("decide_stream", steps.StreamStep),
        )
        for step in typing.get_args(one_of)
    }
    assert walked["steps"] == possible


def test_every_line_of_the_functions_is_walked(walked: dict[str, set[Any]]) -> None:
    missed = [
        f"{module.__name__}:{number}: {text}"
        for module in _MODULES
        for number, text in _lines_of_functions(module)
        if (module.__name__, number) not in walked["lines"]
    ]
    assert missed == []


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
