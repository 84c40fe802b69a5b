"""How long a large definition takes: to check, to compile, to draw."""

import time
from collections.abc import Callable
from itertools import pairwise

from benchmarks.sheet import Sheet
from choreography_insights.compile import event_settings, state_machine
from choreography_insights.compile.templates import as_json, as_template
from choreography_insights.model.workflow import Workflow
from choreography_insights.picture.diagram import state_diagram
from choreography_insights.picture.picture import picture_of
from choreography_insights.picture.svg import svg
from choreography_insights.project.generator import check
from choreography_insights.testgen import simulations

_SIZES = (250, 500, 1_000)
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


def measure() -> Sheet:
    """The best of some rounds, each in CPU time of this process."""
    times = {size: _times(large_definition(size)) for size in _SIZES}
    rows = [(name, *(f"{times[size][name]:.2f}" for size in _SIZES)) for name in times[_SIZES[0]]]
    totals = [sum(times[size].values()) for size in _SIZES]
    growth = ["", *(f"{after / before:.2f}" for before, after in pairwise(totals))]
    return Sheet(
        "A large definition",
        f"CPU seconds (the best of {_ROUNDS} rounds) for definitions of so many states, with loops, timeouts, an "
        "end every ten states and two that are common to all: every check, the texts of the state machine and of "
        "events.json, the picture as Mermaid and as SVG. n log n would be 2.3 and 2.2 times as long.",
        ("", *(f"{size:,} states" for size in _SIZES)),
        [*rows, ("all", *(f"{total:.2f}" for total in totals)), ("times the size before", *growth)],
        "`generate` also writes the series that take every transition, which grow with the square where ends lie all "
        f"along the way: {_simulating(_SIZES[0])}; {_simulating(_SIZES[1])}.",
    )


def _simulating(states: int) -> str:
    workflow, _ = check(large_definition(states), "workflow.yaml")
    assert workflow is not None  # noqa: S101  # it has been measured
    began = time.process_time()
    series = simulations(workflow).series
    seconds = time.process_time() - began
    events = sum(len(one.events) for one in series)
    return f"of {states} states {len(series)} series of {events:,} events in {seconds:.1f} s"


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
    return list(state_diagram(workflow)), svg(picture_of(workflow), workflow.name.text, None)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
