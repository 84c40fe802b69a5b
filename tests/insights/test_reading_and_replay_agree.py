"""A view of the table shows what a report of the same events shows: by all the functions that write the table."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from choreography_insights.insights.pictures import PICTURES
from choreography_insights.insights.reading import Reading
from choreography_insights.model.workflow import Succeed, Workflow, nested
from choreography_insights.report.gathering import Gathered
from choreography_insights.views.known import ChoreographyKnown, Period
from fake_aws import FakeAws
from fake_aws.choreographies import compiled
from insights.played import reading
from insights.streaming import Stream, Table, deliver, with_picture
from support.definitions import EXAMPLES, GOOD, generated, read
from support.reported import envelopes, gathered

pytestmark = pytest.mark.usefixtures("no_log")

FOLDERS = [folder for folder in EXAMPLES if folder.name in ("order", "car-dealer")]


def _series(folder: Any) -> list[dict[str, Any]]:
    files = generated(folder).items()
    return [json.loads(text) for name, text in files if name.startswith("simulations/")]


def _both(folder: Any) -> tuple[Workflow, Reading, Gathered]:
    """Play each simulation as a car or an order of its own, the last of them without its end."""
    happens = [series["events"] for series in _series(folder)]
    return _played(read(folder), [happens[0][:-1], *happens[1:]])


def _played(workflow: Workflow, happens: Sequence[Sequence[Any]]) -> tuple[Workflow, Reading, Gathered]:
    """Play each series of events as an entity of its own."""
    aws = FakeAws(compiled(workflow))
    stream, table = Stream.of(aws), Table(aws)
    with_picture(table, workflow)
    lines: list[tuple[float, str]] = []
    begin = aws.clock.now
    for number, events in enumerate(happens):
        lines += envelopes({"events": events}, f"e{number}", begin + number, entity=str(number))
    lines.sort()
    for at, line in lines:
        event = json.loads(line)
        detail, name = event["detail"], event["detail-type"]
        aws.publish(
            name, detail["id"], detail, source=event["source"], event_id=event["id"], time=at - begin, delay=at - begin
        )
    aws.run(seconds=lines[-1][0] - begin + 30.0)
    deliver(stream, table)
    counters = [row for (partition, _), row in table.own.items() if partition != PICTURES]
    return workflow, reading(aws, workflow, more=counters), gathered(workflow, [line for _, line in lines])


def _numbers(known: ChoreographyKnown) -> Mapping[str, object]:
    return {
        "running": known.running,
        "started": known.started,
        "outcomes": dict(known.outcomes),
        "transitions": dict(known.transitions),
        "exits": {name: times for name, times in known.exits.items() if known.layout.lanes.get(name)},
        "waiting": Counter({name: state.waiting for name, state in known.states.items()}),
        "entered": Counter({name: state.entered for name, state in known.states.items()}),
        "ended": Counter({name: state.ended for name, state in known.states.items()}),
        "spent": Counter({name: state.spent.count for name, state in known.states.items()}),
        "groups": [(one.event, one.state, one.reason, one.count) for one in known.groups],
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_map_of_the_table_has_the_numbers_of_a_report(folder: Any) -> None:
    workflow, seen, report = _both(folder)
    period = Period(report.known.period.start, seen.clock.now) if report.known.period else Period(0, 0)
    known = seen.choreography(workflow.name.text, period)
    assert known is not None
    assert _numbers(known) == _numbers(report.known)
    assert [box for box, _ in known.layout.boxes] == [box for box, _ in report.known.layout.boxes]
    assert known.curve is not None
    assert report.known.curve is not None
    assert sum(point.started for point in known.curve.points) == report.known.started
    for one in report.rows:
        journey = seen.journey(workflow.name.text, one.entity)
        assert journey is not None
        assert (journey.status, journey.state, journey.events) == (one.status, one.state, one.events)


@pytest.mark.parametrize(
    ("name", "done"),
    [
        ("done-until-all-are", {"Made", "Ground"}),
        ("one-instead-of-all", set()),
        ("until-of-each-item", {"Painted"}),
    ],
)
def test_lines_that_are_done_and_gates_look_alike_after_each_event(name: str, done: set[str]) -> None:
    (folder,) = (folder for folder in GOOD if folder.name == name)
    longest = max((series["events"] for series in _series(folder)), key=len)
    workflow, seen, report = _played(read(folder), [longest[:count] for count in range(1, len(longest) + 1)])
    known = seen.choreography(workflow.name.text, Period(0, seen.clock.now))
    assert known is not None
    waiting = {state.name: state.waiting for state in known.states.values() if state.waiting}
    assert waiting == {state.name: state.waiting for state in report.known.states.values() if state.waiting}
    for states in (known.states, report.known.states):
        assert {state.name for state in states.values() if state.done} == done
    ends = {state.name.text for state in nested(workflow.states) if isinstance(state, Succeed)}
    assert not waiting.keys() & ends
    for end in ends & report.known.states.keys():
        # No row tells of the end of a line that another state leads to without an event.
        assert known.states[end].entered in (0, report.known.states[end].entered), end
    for one in report.journeys:
        journey = seen.journey(workflow.name.text, one.entity)
        assert journey is not None
        awaited = Counter((wait.state, wait.accepts) for wait in journey.waits)
        assert awaited == Counter((wait.state, wait.accepts) for wait in one.waits), one.entity
        assert {*journey.trace.here} == {*one.trace.here}, one.entity
