"""What differs between two definitions, or between two periods."""

import json
import random
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.logs import PARCEL, Told, journeys, parcel, written
from choreography_insights.analysis.comparison import Comparison, Fates, by_definitions, by_periods, probability
from choreography_insights.cli.main import main
from choreography_insights.core.fields import iso_text
from choreography_insights.views.histogram import Histogram

WITHOUT_RETURNS = PARCEL.replace("      Returned: Back\n", "").replace("  Back:\n    await: {Handed Out: Home}\n", "")
NAMES = ["Delivered", "Returned", "Handed Out", "x"]


def fates(events: list[Told], text: str = PARCEL) -> Fates:
    found = Fates()
    told, strays = journeys(parcel(text), events)
    for journey in told:
        found.take(journey)
    for deviation in strays:
        found.take(deviation)
    return found


def compared(events: list[Told], before: str, after: str) -> Comparison:
    return by_definitions(fates(events, before), fates(events, after), ("old", "new"))


EVENTS: list[Told] = [
    *((0, "Handed In", entity) for entity in "1234"),
    (100, "Delivered", "1"),
    (100, "Returned", "2"),
    (200, "Handed Out", "2"),
    (100, "Returned", "3"),
    (300, "Delivered", "5"),
]


def test_entities_fare_worse_better_or_otherwise() -> None:
    worse = compared(EVENTS, PARCEL, WITHOUT_RETURNS)
    assert [(one.fares, one.count, one.before, one.after, one.some) for one in worse.changes] == [
        ("worse", 1, "RUNNING in Back", "FAILED in OnTheWay; 'Returned' unexpected in OnTheWay", ("3",)),
        ("worse", 1, "SUCCEEDED in Home", "FAILED in OnTheWay; 'Returned' unexpected in OnTheWay", ("2",)),
    ]
    assert (worse.fitting, worse.entities, worse.is_worse) == ((4, 2), (5, 5), True)
    better = compared(EVENTS, WITHOUT_RETURNS, PARCEL)
    assert {one.fares for one in better.changes} == {"better"}
    assert not better.is_worse
    renamed = compared(EVENTS, PARCEL, PARCEL.replace("Back", "Depot"))
    assert [(one.fares, one.before, one.after) for one in renamed.changes] == [
        ("otherwise", "RUNNING in Back", "RUNNING in Depot")
    ]
    assert not renamed.is_worse


@given(st.lists(st.tuples(st.integers(1, 500), st.sampled_from(NAMES), st.sampled_from("abcdef"))))
def test_what_gets_worse_one_way_gets_better_the_other_and_a_definition_is_as_itself(
    events: list[tuple[int, str, str]],
) -> None:
    series: list[Told] = [*((0, "Handed In", entity) for entity in "abcd"), *events]
    there, back = compared(series, PARCEL, WITHOUT_RETURNS), compared(series, WITHOUT_RETURNS, PARCEL)
    assert (there.fare("worse"), there.fare("better")) == (back.fare("better"), back.fare("worse"))
    assert there.fitting[1] - there.fitting[0] == there.fare("better") - there.fare("worse")
    same = compared(series, PARCEL, PARCEL)
    assert not same.changes
    assert not same.is_worse


# ---- states that got slower --------


def spans(seconds: list[float]) -> Histogram:
    found = Histogram()
    for one in seconds:
        found.add(one)
    return found


def test_the_probability_is_that_of_all_orders_that_could_be() -> None:
    """Held against all ways to deal eight spans to two sides; the normal curve is near that."""
    before, after = [1.0, 4.0, 9.0, 16.0], [8.0, 40.0, 90.0, 160.0]
    both = before + after

    def above(chosen: tuple[int, ...]) -> float:
        rest = [both[one] for one in range(8) if one not in chosen]
        return sum(sum(old < both[new] for old in rest) for new in chosen)

    found = above((4, 5, 6, 7))
    ways = [above(chosen) for chosen in combinations(range(8), 4)]
    exact = sum(abs(one - 8) >= abs(found - 8) for one in ways) / len(ways)
    assert probability(spans(before), spans(after)) == pytest.approx(exact, abs=0.06)
    assert probability(spans(before), spans(before)) == 1.0
    assert probability(spans([5.0] * 30), spans([5.0] * 30)) == 1.0


def by_month(slow: float, seed: int = 0, many: int = 100) -> list[Told]:
    """Parcels of two months; those of the second take *slow* times as long."""
    chance = random.Random(seed)  # noqa: S311  # nobody guesses it
    events: list[Told] = []
    for number in range(many):
        began = number * 60 + (0 if number < many // 2 else 30 * 86_400)
        took = chance.uniform(1_000, 9_000) * (1 if number < many // 2 else slow)
        events += [(began, "Handed In", str(number)), (began + took, "Delivered", str(number))]
    return events


def months(events: list[Told]) -> Comparison:
    before, after = ([one for one in events if (int(one[2]) >= 50) is late] for late in (False, True))
    return by_periods(fates(before), fates(after), ("then", "now"))


def test_a_state_got_slower_where_chance_does_not_explain_it() -> None:
    assert months(by_month(slow=2)).slower == ["OnTheWay"]
    assert months(by_month(slow=2)).is_worse
    faster = months(by_month(slow=0.5))
    assert [pace.changed for pace in faster.paces] == ["faster"]
    assert not faster.is_worse
    assert [months(by_month(slow=1, seed=seed)).slower for seed in range(10)] == [[]] * 10


def test_of_few_stays_and_of_small_changes_nothing_is_said() -> None:
    few = by_month(slow=20, many=30)
    before, after = ([one for one in few if (int(one[2]) >= 15) is late] for late in (False, True))
    assert by_periods(fates(before), fates(after), ("then", "now")).slower == []
    small: list[Told] = []
    for number in range(2_000):
        took = 1_000 + number % 1_000 / 1_000 + (50 if number >= 1_000 else 0)
        small += [(number, "Handed In", str(number)), (number + took, "Delivered", str(number))]
    before, after = ([one for one in small if (int(one[2]) >= 1_000) is late] for late in (False, True))
    found = by_periods(fates(before), fates(after), ("then", "now"))
    assert [pace.changed for pace in found.paces] == [None]


def test_of_periods_what_is_more_frequent_than_chance_explains_is_marked() -> None:
    events = by_month(slow=1)
    events += [(40 * 86_400 + number, "Opened", str(number)) for number in range(50, 70)]
    found = months(events)
    (worse,) = [one for one in found.outcomes if one.grew]
    assert (worse.words, worse.before, worse.after, worse.bad) == (
        "SUCCEEDED in Home; 'Opened' unexpected",
        0,
        20,
        True,
    )
    assert found.is_worse


# ---- the command --------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_text(WITHOUT_RETURNS, encoding="utf-8")
    return written(tmp_path, EVENTS)


TABLE = """\
2 entities fare worse; no state got slower

               entities  fit   share
workflow.yaml         5    4  80.0 %
old.yaml              5    2  40.0 %

entities  fare   workflow.yaml      old.yaml                                               such as
       1  worse  RUNNING in Back    FAILED in OnTheWay; 'Returned' unexpected in OnTheWay  3
       1  worse  SUCCEEDED in Home  FAILED in OnTheWay; 'Returned' unexpected in OnTheWay  2

state     stays  then  median   then    95 %   then
OnTheWay      3     1  1m 36s  1m 36s  1m 36s  1m 36s
"""


def test_the_table_says_who_fares_differently_and_the_exit_code_whether_anybody_fares_worse(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "workflow.yaml", "events.jsonl", "--against", "old.yaml"]) == 0
    assert capsys.readouterr().out.startswith("2 entities fare better; no state got slower\n")
    assert main(["replay", "old.yaml", "events.jsonl", "--against", "workflow.yaml"]) == 1
    assert capsys.readouterr().out.split() == TABLE.split()


def test_a_pull_request_shows_the_same_as_markdown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["replay", "old.yaml", "events.jsonl", "--against", "workflow.yaml", "--format", "markdown"]
    assert main([*arguments, "--most", "1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:6] == [
        "**2 entities fare worse; no state got slower**",
        "",
        "|  | entities | fit | share |",
        "| --- | ---: | ---: | ---: |",
        "| workflow.yaml | 5 | 4 | 80.0 % |",
        "| old.yaml | 5 | 2 | 40.0 % |",
    ]
    assert lines[7:10] == [
        "| entities | fare | workflow.yaml | old.yaml | such as |",
        "| ---: | --- | --- | --- | --- |",
        "| 1 | worse | RUNNING in Back | FAILED in OnTheWay; 'Returned' unexpected in OnTheWay | 3 |",
    ]


def test_programs_read_all_of_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "old.yaml", "events.jsonl", "--against", "workflow.yaml", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["comparison"]
    assert (found["isWorse"], found["before"]["fitting"], found["after"]["fitting"]) == (True, 4, 2)
    assert [(one["fares"], one["entities"], one["examples"]) for one in found["changes"]] == [
        ("worse", 1, ["3"]),
        ("worse", 1, ["2"]),
    ]


def test_two_periods_of_the_same_events_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, by_month(slow=2))
    moment = iso_text(1_767_225_600 + 20 * 86_400)
    assert main(["replay", ".", "events.jsonl", "--sort", "--split", moment]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "no outcome is more frequent now; slower: OnTheWay"
    assert lines[2:5] == [
        "                             entities  fit    share",
        f"before {moment}        50   50  100.0 %",
        "since                              50   50  100.0 %",
    ]
    assert lines[-1].endswith("slower")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["events.jsonl", "--split", "soon"], "'soon' is no moment; give one as 2026-01-31T00:00:00Z"),
        (["-", "--against", "old.yaml"], "standard input can be read once only; to compare definitions, name a file"),
        (["events.jsonl", "--against", "none.yaml"], "none.yaml: there is no such file or folder"),
        (["events.jsonl", "--against", "old.yaml", "--times"], "--times is no part of a comparison; leave it out"),
        (["events.jsonl", "--format", "markdown"], "--format markdown is for comparisons; add --against or --split"),
    ],
)
def test_what_cannot_be_compared_is_said(
    folder: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["replay", "workflow.yaml", *arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code == 2
    assert said in capsys.readouterr().err
