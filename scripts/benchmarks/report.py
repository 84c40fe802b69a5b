"""How long a report of recorded events takes, how large it is, and how long its map of many states takes."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.command_line import DEFINITION, EVENTS, recorded
from benchmarks.large_definition import large_definition
from choreography_insights.cli.reporting import Asked, report
from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.project.definitions import load_workflow
from choreography_insights.replay.event_files import Recording
from choreography_insights.views.choreography_map import choreography_map
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.html import Attribute, Content, Html, element
from choreography_insights.views.known import ChoreographyKnown, StateKnown
from choreography_insights.views.layout import all_boxes
from choreography_insights.views.links import Place
from choreography_insights.views.parts import Viewer
from choreography_insights.views.words import Clock
from documents.markdown import figures

_STATES, _ROUNDS = 200, 10


class NoLinks:
    """Links that lead nowhere, which take as long as others."""

    def to(self, place: Place, *content: Content, **attributes: Attribute) -> Html:
        """Return *content* as an anchor."""
        return element("a", *content, href=f"#{place}", **attributes)

    def search(self) -> Html | None:
        """Return no field."""
        return None


def measure() -> str:
    """CPU time of this process."""
    seconds, size = _report()
    render = min(_seconds_of_map() for _ in range(_ROUNDS))
    return figures(
        ("", "measured", "promised"),
        [
            (f"`choreography report` of {EVENTS:,} events, seconds", f"{seconds:.1f}", "10.0"),
            ("its size, MB", f"{size / 1_000_000:.1f}", "5.0"),
            (f"the map of {_STATES} states, milliseconds (best of {_ROUNDS})", f"{1_000 * render:.0f}", "100"),
        ],
    )


def _report() -> tuple[float, int]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "events.jsonl")
        file.write_text("".join(recorded()), encoding="utf-8")
        began = time.process_time()
        text = report(Asked(DEFINITION, Recording(str(file))), lambda _: None)
        return time.process_time() - began, len(text.encode())


def _seconds_of_map() -> float:
    placed = layout(picture_of(load_workflow(large_definition(_STATES), "workflow.yaml")))
    spent = Histogram()
    for second in range(1, 100):
        spent.add(second)
    names = [box.name for box, _ in all_boxes(placed)]
    states = {name: StateKnown(name, waiting=7, oldest=0.0, late=1, entered=99, spent=spent) for name in names}
    known = ChoreographyKnown("large", placed, states=states)
    viewer = Viewer(Clock(1_000.0), NoLinks())
    began = time.process_time()
    choreography_map(known, "waiting", viewer)
    return time.process_time() - began
