"""Lists with more items than run at once: lines begin as others are done, and events wait for them."""

import random
from types import ModuleType
from typing import Any

import pytest

from choreography_insights.compile import asl, groups
from choreography_insights.model import lists, names
from choreography_insights.model.workflow import ITEMS_AT_ONCE, Workflow
from choreography_insights.replay import automaton, journey
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import replay
from choreography_insights.replay.event import Event
from correlation.playing import nothing_is_left
from fake_aws import FakeAws, Randomly
from fake_aws.choreographies import compiled
from support.definitions import workflow_of_value

pytestmark = pytest.mark.usefixtures("no_log")

V: dict[str, Any] = {"await": {"v": "W"}}
W: dict[str, Any] = {"await": {"w": "WE", "x": "Bad"}}
STATES: dict[str, Any] = {
    "P": {
        "each": {
            "items": "$.detail.ps",
            "item": "$.detail.p",
            "states": {"V": V, "W": W, "WE": "succeed", "Bad": {"fail": {"error": "Bad"}}},
        },
        "next": "Q",
    },
    "Q": {"await": {"q": "Done"}},
    "Done": "succeed",
}
DAY = 86_400.0

#: An event of a series: when it happens, and how much later it comes.
Happening = tuple[float, float, str, dict[str, Any]]


def long(unexpected: str) -> Workflow:
    """The choreography, under a policy."""
    settings = {"choreography": "long", "source": "s", "start": "S", "capture": "all", "early": "60s"}
    return workflow_of_value({**settings, "unexpected": unexpected, "states": STATES})


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list has more than two items where else it has more than 40."""
    readers: tuple[ModuleType, ...] = (asl, groups, lists, names, automaton, journey)
    for reader in readers:
        monkeypatch.setattr(reader, "ITEMS_AT_ONCE", 2)
    monkeypatch.setattr("fake_aws.executions.AT_ONCE", 2)


def series(draw: random.Random, count: int, *, strange: int = 0) -> list[Happening]:
    """Two events of each of so many items, in a random order, days apart; some *strange* ones among them."""
    items = [str(number) for number in range(count)]
    found: list[Happening] = [(0.0, 0.0, "S", {"ps": items})]
    for item in items:
        first, second = sorted((draw.uniform(1.0, 5 * DAY), draw.uniform(1.0, 5 * DAY)))
        found += [(first, draw.uniform(0, 20.0), "v", {"p": item}), (second, draw.uniform(0, 20.0), "w", {"p": item})]
    for _ in range(strange):
        item, name = draw.choice([*items, "unknown"]), draw.choice(["v", "w", "q", "u"])
        found.append((draw.uniform(1.0, 5 * DAY), 0.0, name, {"p": item}))
    late = max(one for one in found if one[2] == "w")
    found.remove(late)  # so all that is unexpected is judged before the journey ends
    return [*sorted(found), (30 * DAY, 0.0, "w", late[3]), (31 * DAY, 0.0, "q", {})]


def played(workflow: Workflow, happenings: list[Happening], seed: int) -> FakeAws:
    aws = FakeAws(compiled(workflow))
    for number, (at, lag, name, detail) in enumerate(happenings):
        aws.publish(name, "1", detail, event_id=f"{number:03}", time=at, delay=at + lag)
    aws.run(Randomly(seed), seconds=60 * DAY)
    return aws


def replayed(workflow: Workflow, happenings: list[Happening]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    events = [
        Event(f"{number:03}", name, "1", at, at, detail, number)
        for number, (at, _, name, detail) in enumerate(happenings)
    ]
    journeys, met_none = replay(Automaton.of(workflow), events)
    deviations = [*met_none, *(one for journey in journeys for one in journey.deviations)]
    return (
        [(one.status, one.error or one.state) for one in journeys],
        sorted((one.event.id, one.reason) for one in deviations),
    )


def told(aws: FakeAws) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    return (
        [(one.status, one.error or one.end) for one in aws.executions],
        sorted((one["event"]["eventId"], one["reason"]) for one in aws.deviations()),
    )


@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize("seed", range(8))
def test_a_conforming_series_ends_right_whichever_items_come_first(seed: int) -> None:
    happenings = series(random.Random(seed), 5)  # noqa: S311
    aws = played(long("fail"), happenings, seed)
    assert told(aws) == ([("SUCCEEDED", "Done")], [])
    assert nothing_is_left(aws)
    assert replayed(long("fail"), happenings) == told(aws)


@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize("seed", range(16))
def test_what_departs_is_told_as_replay_tells_it(seed: int) -> None:
    happenings = series(random.Random(seed), 5, strange=3)  # noqa: S311
    aws = played(long("report"), happenings, seed)
    assert replayed(long("report"), happenings) == told(aws)
    assert nothing_is_left(aws)


def test_more_than_forty_items_and_the_last_comes_first() -> None:
    count = ITEMS_AT_ONCE + 3
    items = [str(number) for number in range(count)]
    pairs = [(name, {"p": item}) for item in reversed(items) for name in ("v", "w")]
    happenings: list[Happening] = [(0.0, 0.0, "S", {"ps": items})]
    happenings += [(300.0 * number, 0.0, *pair) for number, pair in enumerate(pairs, 1)]
    happenings.append((DAY, 0.0, "q", {}))
    aws = played(long("fail"), happenings, 1)
    assert told(aws) == ([("SUCCEEDED", "Done")], [])
    assert nothing_is_left(aws)
    assert replayed(long("fail"), happenings) == told(aws)


@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize(
    ("name", "detail", "when"),
    [
        ("w", {"p": "unknown"}, 400.0),
        ("q", {}, 400.0),
        ("v", {"p": "0"}, 400.0),
        ("v", {"p": "2"}, None),
    ],
    ids=["of no item of the list", "of none at all", "of an item whose line has begun", "of one whose line has not"],
)
def test_only_what_a_line_may_await_waits_for_it(name: str, detail: dict[str, Any], when: float | None) -> None:
    aws = FakeAws(compiled(long("report")))
    aws.publish("S", "1", {"ps": ["0", "1", "2"]})
    aws.publish("v", "1", {"p": "0"}, delay=1.0, time=1.0)
    aws.publish(name, "1", detail, event_id="it", delay=2.0, time=2.0)
    aws.run(seconds=when or 10 * DAY)
    assert [one["event"]["eventId"] for one in aws.deviations()] == ([] if when is None else ["it"])
