"""How long a large definition takes: to check, to compile, to draw."""

import time
from collections.abc import Callable
from itertools import pairwise

from choreography_insights.compile import state_machine
from choreography_insights.compile.templates import as_json, as_template
from choreography_insights.model.event_rules import event_settings
from choreography_insights.model.workflow import Workflow
from choreography_insights.picture.diagram import state_diagram
from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.project.folders import check
from choreography_insights.testgen import simulations
from choreography_insights.views.svg import svg
from documents.markdown import figures

#: One of a thousand such states is more than Step Functions takes.
_SIZES = (200, 400, 800)
_ROUNDS = 5

_HEAD = "choreography: large\nsource: shop\nstart: Begun\nstates:\n"
#: Ten states that lead on to the next ten, with loops, timeouts, an end of their own, and two that all have.
_CHAPTER = """\
  Asked{0}:
    await:
      Answered:
        - when: {{result: [Success], chapter: [{0}]}}
          next: Signing{0}
        - otherwise: Refused{0}
      Withdrawn: Withdrawn
    timeout: {{after: 14d, next: Reminded{0}}}
  Reminded{0}: {{pass: Asked{0}}}
  Signing{0}:
    all: {{Buyer: Buyer Signed, Seller: Seller Signed}}
    next: Weighing{0}
  Weighing{0}:
    choose:
      - when: {{amount: [{{numeric: [">", 1000]}}]}}
        next: Checking{0}
      - otherwise: Resting{0}
  Checking{0}:
    await: {{Checked: Resting{0}, Doubted: Asked{0}}}
  Resting{0}: {{wait: 1h, next: Waiting{0}}}
  Waiting{0}:
    await: {{Delivered: Marked{0}, Returned: Checking{0}}}
    timeout: {{after: 30d, next: Lapsed}}
  Marked{0}: {{pass: Closing{0}}}
  Closing{0}: {{pass: Asked{1}}}
  Refused{0}: fail
"""
_ENDS = "  Asked{0}: succeed\n  Withdrawn: succeed\n  Lapsed: fail\n"


def large_definition(states: int) -> str:
    """Return a definition of so many states (in tens), and their common ends."""
    chapters = states // 10
    return _HEAD + "".join(_CHAPTER.format(n, n + 1) for n in range(chapters)) + _ENDS.format(chapters)


def measure() -> str:
    """The best of some rounds, each in CPU time of this process."""
    times = {size: _times(large_definition(size)) for size in _SIZES}
    rows = [(name, *(f"{times[size][name]:.2f}" for size in _SIZES)) for name in times[_SIZES[0]]]
    totals = [sum(times[size].values()) for size in _SIZES]
    growth = ["", *(f"{after / before:.2f}" for before, after in pairwise(totals))]
    return figures(
        ("", *(f"{size:,} states" for size in _SIZES)),
        [*rows, ("all", *(f"{total:.2f}" for total in totals)), ("times the size before", *growth)],
    )


def measure_series() -> str:
    """The series that take every transition of a large definition, as `generate` writes them."""
    return figures(("states", "series", "events", "seconds"), [_series(size) for size in _SIZES[:2]])


def _series(states: int) -> tuple[object, ...]:
    workflow, problems = check(large_definition(states), "workflow.yaml")
    if workflow is None:
        raise AssertionError(problems)
    began = time.process_time()
    series = simulations(workflow).series
    seconds = time.process_time() - began
    return states, len(series), f"{sum(len(one.events) for one in series):,}", f"{seconds:.1f}"


def _times(text: str) -> dict[str, float]:
    workflow, problems = check(text, "workflow.yaml")
    if workflow is None:
        raise AssertionError(problems)
    work: dict[str, Callable[[], object]] = {
        "check": lambda: check(text, "workflow.yaml"),
        "compile": lambda: as_template(state_machine(workflow)) + as_json(event_settings(workflow)),
        "draw": lambda: _drawn(workflow),
    }
    return {name: min(_seconds(one) for _ in range(_ROUNDS)) for name, one in work.items()}


def _drawn(workflow: Workflow) -> tuple[list[str], str]:
    return list(state_diagram(workflow)), svg(layout(picture_of(workflow)), workflow.name.text)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
