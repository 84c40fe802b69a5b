"""Lines at once: which of their events comes first matters where one may end the others, or be about another item."""

import pytest

from correlation.playing import Played, nothing_is_left, play
from fake_aws import Deployed, FakeAws, deployable

_HEAD = (
    "choreography: lines\nsource: s\nstart: {S: {remember: {items: detail.items}}}\nunexpected: fail\n"
    "settle: 10s\nearly: 60s\nstates:\n"
)

_STRAY = "choose: [{when: {v: [1]}, next: AEnd}]"
_ITEMS = "each: {items: $.detail.items, item: $.detail.item, states: {I: {await: {i: J}}, J: succeed}}, next: AEnd"
_FAILING = "X: {states: {X1: {choose: [{when: {v: [1]}, next: X2}, {otherwise: X3}]}, X2: succeed, X3: fail}}"
_ALONE = "states: {A1: {await: {bad: X2}}, X2: succeed}"
_WAITING = "Y: {states: {Y1: {await: {y: Y2}}, Y2: succeed}}"


def two_lines(line: str) -> Deployed:
    """A choreography of two lines: the states of *line*, and beside it one that waits for b."""
    beside = "B: {states: {B1: {await: {x: B1, b: B2}}, B2: succeed}}"
    lines = f"A: {{states: {{{line}}}}}\n      {beside}"
    return deployable(f"{_HEAD}  P:\n    parallel:\n      {lines}\n    next: Done\n  Done: succeed")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("A1: {await: {bad: Bad, fine: AEnd}}, AEnd: succeed, Bad: fail", "Bad"),
        ("A1: {await: {again: A1, bad: Bad, fine: AEnd}}, AEnd: succeed, Bad: fail", "Bad"),
        (f"A1: {{await: {{bad: A2}}}}, A2: {{{_STRAY}}}, AEnd: succeed", "States.NoChoiceMatched"),
        (f"A1: {{await: {{bad: A2}}}}, A2: {{{_ITEMS}}}, AEnd: succeed", "NoItems"),
        ("A1: {await: {bad: A2}}, A2: {wait: {until: $.detail.at}, next: AEnd}, AEnd: succeed", "States.Runtime"),
        (
            f"A1: {{await: {{bad: A2}}}}, A2: {{parallel: {{{_FAILING}, {_WAITING}}}, next: AEnd}}, AEnd: succeed",
            "X3",
        ),
        (
            f"A1: {{all: {{x: bad, y: first}}, next: A2}}, A2: {{{_STRAY}}}, AEnd: succeed",
            "States.NoChoiceMatched",
        ),
        (
            f"A0: {{parallel: {{X: {{{_ALONE}}}}}, next: A2}}, A2: {{{_STRAY}}}, AEnd: succeed",
            "States.NoChoiceMatched",
        ),
    ],
    ids=["fail", "fail from a loop", "no choice", "no list", "no moment", "failing branch", "all", "past branches"],
)
def test_what_may_end_the_lines_beside_its_own_lets_their_older_events_go_first(line: str, error: str) -> None:
    series: list[Played] = ["S", "first", "b", "bad"] if "first" in line else ["S", "b", "bad"]
    late = [float(at) for at in range(len(series))]
    late[-2] = 8.0
    aws = play(two_lines(line), series, apart=1.0, arrivals=late)
    (execution,) = aws.executions
    assert (execution.status, execution.error) == ("FAILED", error)
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", [(0, 1, 2, 3), (0, 2.5, 2, 3), (0, 9, 2, 3), (0, 3, 2, 1)], ids=str)
def test_what_may_be_about_another_item_later_lets_an_older_event_go_first(arrivals: tuple[float, ...]) -> None:
    each = "each: {items: $.remembered.items, item: $.detail.item, states: {I: {await: {Scanned: J}}, J: succeed}}"
    states = f"  Packed: {{await: {{Scanned: Going}}}}\n  Going:\n    {each}\n    next: Done\n  Done: succeed"
    series: list[Played] = [("S", {"items": ["p", "q"]}), *(("Scanned", {"item": item}) for item in ("q", "p", "q"))]
    aws = play(deployable(_HEAD + states), series, apart=1.0, arrivals=arrivals)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize(("group", "asked"), [("", 0), ("\n    first: true", 1), ("\n    anytime: {off: Done}", 1)])
def test_history_is_asked_before_the_end_of_lines_only_where_the_journey_may_go_on_without_them(
    group: str, asked: int
) -> None:
    fails = "A: {states: {A1: {await: {bad: Bad, a: A2}}, A2: succeed, Bad: fail}}"
    lines = f"{fails}\n      B: {{states: {{B1: {{await: {{b: B2}}}}, B2: succeed}}}}"
    states = f"  P:\n    parallel:\n      {lines}{group}\n    next: Done\n  Done: succeed"
    choreography = deployable(_HEAD + states)
    aws = play(choreography, ["S", "bad"], aws=FakeAws(choreography, watching=True))
    assert [(one.status, one.error) for one in aws.executions] == [("FAILED", "Bad")]
    assert sum(call.operation == "get_execution_history" for call in aws.keeper.calls) == asked
