"""Choreographies on one source: where the events of one would be deviations of another."""

from pathlib import Path

import pytest

from choreography_insights.project.folders import check_all
from support.definitions import EXAMPLES

_ORDER = """\
choreography: order
source: {source}
start: {start}
{settings}
states:
  Placed: {{await: {{{awaited}}}}}
  Paid: succeed
"""
_OTHER = """\
choreography: subscription
source: {source}
start: {start}
states:
  Begun: {{await: {{{awaited}}}}}
  Paid: succeed
"""
ORDERS = "Paid: [{when: {kind: [order]}, next: Paid}]"
SUBSCRIPTIONS = "Paid: [{when: {kind: [subscription]}, next: Paid}]"
EITHER = "Paid: [{when: {kind: [order, subscription]}, next: Paid}]"


def said(
    folder: Path,
    own: str = "Paid: Paid",
    others: str = "Paid: Paid",
    *,
    settings: str = "",
    start: str = "Order Placed",
    other_start: str = "Subscription Begun",
    source: str = "billing",
    other_source: str = "billing",
) -> list[str]:
    """What is said of the two, without the paths of their files: the line, and what begins it."""
    texts = {
        "order": _ORDER.format(source=source, start=start, settings=settings, awaited=own),
        "subscription": _OTHER.format(source=other_source, start=other_start, awaited=others),
    }
    files = [folder / name / "workflow.yaml" for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
    return [
        f"{problem.spot.at.file.split('/')[-2]}:{problem.spot.at.line} {problem.message.replace(str(folder), '')}"
        for problem in check_all(files)
        if problem.rule.id == "CI616"
    ]


def test_who_hears_of_all_hears_of_what_only_the_other_knows(tmp_path: Path) -> None:
    assert said(tmp_path, others="Refused: Paid", settings="capture: all") == [
        (
            "order:4 'capture: all' hears of 'Subscription Begun', 'Refused', which 'subscription' "
            "(/subscription/workflow.yaml) knows and no state here accepts, so they would be deviations; leave "
            "'capture' out, or say by a 'where' which events are meant"
        )
    ]


@pytest.mark.parametrize("settings", ["capture: known", "capture: all\nwhere: {kind: [order]}"])
def test_nothing_is_said_of_events_that_nobody_hears_of(tmp_path: Path, settings: str) -> None:
    where = "{billing: {where: {kind: [subscription]}}}"
    assert said(tmp_path, others="Refused: Paid", settings=settings, other_source=where) == []


def test_what_the_other_accepts_and_no_entry_here_is_said_of_both(tmp_path: Path) -> None:
    told = (
        "accepts an 'Paid' that fits no entry here, so it would be a deviation; say by a 'where' which of these events "
        "are meant"
    )
    assert said(tmp_path, ORDERS, SUBSCRIPTIONS) == [
        f"order:6 'subscription' (/subscription/workflow.yaml) {told}",
        f"subscription:5 'order' (/order/workflow.yaml) {told}",
    ]


def test_a_where_tells_whose_event_it_is(tmp_path: Path) -> None:
    wheres = [f"{{billing: {{where: {{kind: [{kind}]}}}}}}" for kind in ("order", "subscription")]
    assert said(tmp_path, ORDERS, SUBSCRIPTIONS, source=wheres[0], other_source=wheres[1]) == []


def test_a_where_of_the_one_alone_leaves_the_other_to_hear_of_its_events(tmp_path: Path) -> None:
    told = said(tmp_path, ORDERS, SUBSCRIPTIONS, source="{billing: {where: {kind: [order]}}}")
    assert [one.split(" ")[0] for one in told] == ["subscription:5"]


@pytest.mark.parametrize(("own", "others"), [("Paid: Paid", "Paid: Paid"), (ORDERS, EITHER)])
def test_an_event_that_both_await_is_said_of_where_nothing_says_that_both_follow_the_same(
    tmp_path: Path, own: str, others: str
) -> None:
    told = said(tmp_path, own, others)
    assert [one.split(" ")[0] for one in told] == ["order:6", "subscription:5"]
    assert all("journeys begin by other events" in one for one in told)


@pytest.mark.parametrize(
    ("own", "start", "other_start"),
    [
        ("Paid: Paid", "Begun", "Begun"),
        ("Paid: Paid, Subscription Begun: Paid", "Order Placed", "Subscription Begun"),
    ],
)
def test_two_that_follow_the_same_entities_may_await_the_same_event(
    tmp_path: Path, own: str, start: str, other_start: str
) -> None:
    assert said(tmp_path, own, start=start, other_start=other_start) == []


def test_of_other_sources_nothing_is_said(tmp_path: Path) -> None:
    assert said(tmp_path, ORDERS, SUBSCRIPTIONS, settings="capture: all", other_source="another") == []


def test_a_comment_ignores_it_and_is_not_called_idle_where_the_file_is_alone(tmp_path: Path) -> None:
    ignored = "# choreography: ignore CI616 both follow the same customers\n"
    assert said(tmp_path, others="Refused: Paid", settings=f"{ignored}capture: all") == []
    assert check_all([tmp_path / "order" / "workflow.yaml"]) == []


def test_none_of_the_examples_would_take_anothers_events() -> None:
    problems = check_all([folder / "workflow.yaml" for folder in EXAMPLES])
    assert [str(problem) for problem in problems if problem.rule.id == "CI616"] == []
