"""A thousand random journeys, disturbed in every way, end as `replay` says. `scripts/random_journeys.py` runs more."""

from collections import Counter

import pytest

from journeys.cases import case
from journeys.forms import KINDS, counted
from journeys.running import TROUBLES, Sum, run_one

#: Runs of each part; a run has four journeys on average.
_RUNS, _PARTS = 80, 4

#: Forms of the language that are gone through, besides those of each kind of state.
_FORMS = (
    *(
        f"{kind} in {outer}"
        for kind in ("await", "all", "parallel", "each", "choose", "wait", "pass", "succeed")
        for outer in ("parallel", "each")
    ),
    *(
        f"{kind} with {own}"
        for kind in ("await", "all", "parallel", "each")
        for own in ("timeout", "unexpected", "early")
    ),
    *(f"timeout of {kind} is over" for kind in ("await", "all", "parallel", "each")),
    *(f"{kind} with anytime" for kind in ("all", "parallel", "each")),
    *(f"{kind} left at any time" for kind in ("all", "parallel", "each", "wait")),
    *(f"{kind} with need" for kind in ("all", "parallel", "each")),
    *(f"{kind} done before all of its lines" for kind in ("parallel", "each")),
    "parallel with first",
    "parallel with until",
    "await with done",
    "all with instead",
    "until in an item",
    "instead in an item",
    *(f"{kind} that remembers {how}" for kind in ("parallel", "each") for how in ("count", "any", "all", "list")),
    *(f"await with {key}" for key in ("when", "remembered", "remember", "otherwise", "times", "distinct")),
    "an event that counts",
    "an event that is only noted",
    "an event that does not count again",
    *(f"choose with {key}" for key in ("when", "remembered", "otherwise")),
    *(f"start with {key}" for key in ("when", "remember", "entity", "next")),
    *(f"events with {key} of their own" for key in ("source", "entity", "also", "id", "time", "item", "when", "where")),
    *(f"deviation {reason}" for reason in ("UnexpectedEvent", "SecondStart", "NoJourney", "JourneyEnded")),
    *(f"ended {status}" for status in ("SUCCEEDED", "FAILED", "TIMED_OUT")),
    *(
        f"failed by {error}"
        for error in ("NoItems", "States.Runtime", "UnexpectedTransition", "States.NoChoiceMatched")
    ),
    "await of several events",
    "choose without otherwise",
    "each of detail",
    "each of remembered",
    "each with key",
    "each without key",
    "each of an empty list",
    "wait for",
    "wait until",
    "fail with error from data",
    "fail with cause from data",
    "an early event is used later",
    "a kept start event begins the next journey",
    "successive journeys",
    "several sources",
    "where",
    "source with where",
    "an event of somebody else",
    "an event about two entities",
    "several start events",
    "start event of a name that is awaited",
    "start event that is awaited, too",
    "events with retired of their own",
    "settle: 0s",
    "unexpected: fail",
    "unexpected: report",
    "capture: all",
    "capture: known",
    "id: $.detail.message",
    "time: $.time",
    "time: $.detail.occurredAt",
)


pytestmark = pytest.mark.usefixtures("no_log")


@pytest.mark.parametrize("part", range(_PARTS))
def test_journeys_end_as_replay_says_whatever_goes_wrong(part: int) -> None:
    total = Sum()
    for seed in range(part * _RUNS, (part + 1) * _RUNS):
        total.add(run_one(seed))
    assert not total.stories, "\n\n".join(total.stories)
    assert total.journeys > 1_000 / _PARTS
    assert [name for name in TROUBLES if not total.met[name]] == []


def test_these_journeys_go_through_every_form_of_the_language() -> None:
    met: Counter[str] = Counter()
    for seed in range(_PARTS * _RUNS):
        drawn = case(seed)
        for trace in drawn.traces():
            met += counted(drawn.definition.spec, trace)
        happened = [one for series in drawn.series for one in series.happenings]
        met["an event of somebody else"] += sum(one.detail.get("of") == "theirs" for one in happened)
        met["an event about two entities"] += sum(one.element for one in happened)
    assert [form for form in (*KINDS, *_FORMS) if not met[form]] == []


def test_the_same_seed_is_the_same_run() -> None:
    assert [case(seed).definition.text for seed in (3, 5)] == [case(seed).definition.text for seed in (3, 5)]
    first, again = case(7), case(7)
    assert (first.deliveries, first.disturbances) == (again.deliveries, again.disturbances)
