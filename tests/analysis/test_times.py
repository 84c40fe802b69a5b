"""Where time goes."""

import json
import random
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.logs import PARCEL, Told, journeys, parcel, written
from choreography_insights.analysis.slowness import MOST_JOURNEYS, Slowness, Trait, traits_of
from choreography_insights.analysis.times import Times
from choreography_insights.cli.main import main
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.journey_log import Summary

HOUR = 3_600.0
NAMES = ["Delivered", "Returned", "Handed Out", "x"]


def times_of(events: list[Told], zone: str = "UTC", text: str | None = None) -> Times:
    workflow = parcel() if text is None else parcel(text)
    times = Times(Automaton.of_recorded(workflow), ZoneInfo(zone))
    for journey in journeys(workflow, events)[0]:
        times.take(journey)
    return times


@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(NAMES), st.sampled_from("abcdef"))))
def test_stays_are_those_that_replay_counts_and_their_shares_are_the_whole(events: list[tuple[int, str, str]]) -> None:
    workflow = parcel()
    found, _ = journeys(workflow, [*((0, "Handed In", entity) for entity in "abcdef"), *events])
    times, summary = Times(Automaton.of_recorded(workflow), UTC), Summary(Automaton.of_recorded(workflow))
    for journey in found:
        times.take(journey)
        summary.add(journey)
    for name, state in summary.states.items():
        spent = times.states.get(name)
        assert (spent.count if spent else 0) == state.stay.visits
        assert (spent.seconds if spent else 0.0) == pytest.approx(state.stay.seconds)
    assert sum(spent.count for spent in times.hours.values()) == sum(spent.count for spent in times.states.values())
    assert sum(spent.count for spent in times.ways.values()) == sum(spent.count for spent in times.states.values())
    if any(spent.seconds for spent in times.states.values()):
        assert sum(map(times.share, times.states.values())) == pytest.approx(1)
        assert sum(map(times.share, times.ways.values())) == pytest.approx(1)


def test_a_way_has_the_time_before_it_and_an_hour_what_began_in_it() -> None:
    events: list[Told] = [
        (0.5 * HOUR, "Handed In", "1"),
        (2 * HOUR, "Returned", "1"),
        (12 * HOUR, "Handed Out", "1"),
        (0.75 * HOUR, "Handed In", "2"),
        (1 * HOUR, "Delivered", "2"),
    ]
    times = times_of(events)
    assert {way: spent.seconds / HOUR for way, spent in times.ways.items()} == {
        ("OnTheWay", "Returned", "Back"): 1.5,
        ("Back", "Handed Out", "Home"): 10.0,
        ("OnTheWay", "Delivered", "Home"): 0.25,
    }
    assert {hour: (spent.count, spent.longest / HOUR) for hour, spent in times.hours.items()} == {
        (3, 0): (2, 1.5),
        (3, 2): (1, 10.0),
    }
    assert set(times_of(events, "America/New_York").hours) == {(2, 19), (2, 21)}
    assert [(one.journey.entity, one.took / HOUR, one.state) for one in times.slowest()] == [
        ("1", 11.5, "Back"),
        ("2", 0.25, "OnTheWay"),
    ]


def test_a_slow_journey_was_longest_where_its_own_end_cut_it_off() -> None:
    text = PARCEL.replace("states:", "timeout: 3d\nstates:", 1)
    events: list[Told] = [(0, "Handed In", "1"), (HOUR, "Returned", "1"), (100 * HOUR, "Handed In", "2")]
    times = times_of(events, text=text)
    assert [(one.took / HOUR, one.state, one.stayed / HOUR) for one in times.slowest()] == [(72, "Back", 71)]
    assert "Back" not in times.states  # it is no stay of the state's


def test_time_around_others_counts_once() -> None:
    text = """\
choreography: both
source: s
start: S
states:
  P:
    parallel:
      one: {states: {A: {await: {a: E}}, E: succeed}}
      two: {states: {B: {await: {b: F}}, F: succeed}}
    next: Done
  Done: succeed
"""
    times = times_of([(0, "S", "1"), (10, "a", "1"), (30, "b", "1")], text=text)
    assert {state: times.share(spent) for state, spent in times.states.items() if not times.is_around(state)} == {
        "A": 0.25,
        "B": 0.75,
    }
    assert times.is_around("P")
    row = [*times.lines(10)][3].split()
    assert (row[:2], row[-1]) == (["P", "1"], "-")


# ---- what slow journeys have in common --------


def test_what_is_only_noted_is_a_trait_too() -> None:
    text = PARCEL.replace("states:", "anytime: {Opened: stay}\nstates:")
    (journey,), _ = journeys(parcel(text), [(0, "Handed In", "1"), (5, "Opened", "1", {"by": 7, "at": {"door": True}})])
    assert traits_of(journey) == [
        Trait("Handed In"),
        Trait("Opened"),
        Trait("Opened", "$.detail.by", "7"),
        Trait("Opened", "$.detail.at.door", "true"),
    ]


def slow_by_depot(many: int, *, because: bool, seed: int = 0) -> list[Told]:
    """Parcels with a depot, a size and a number of their own, which take long by chance, or *because* of the depot."""
    chance = random.Random(seed)  # noqa: S311  # nobody guesses it
    events: list[Told] = []
    for number in range(many):
        depot, size = chance.choice("ABCDEFGH"), chance.choice("SML")
        took = chance.uniform(1, 10) + (20 if because and depot == "C" else 0)
        events.append((number, "Handed In", str(number), {"depot": depot, "size": size, "code": f"n{number}"}))
        events.append((number + took * HOUR, "Delivered", str(number)))
    return events


def test_what_makes_journeys_slow_is_found_and_nothing_else() -> None:
    slow = times_of(slow_by_depot(400, because=True)).slow()
    assert slow is not None
    assert [one.trait for one in slow.common] == [Trait("Handed In", "$.detail.depot", "C")]
    assert (slow.journeys, slow.slow, slow.common[0].slow_share) == (400, 40, 1.0)
    assert slow.common[0].other_share < 0.1


def test_where_time_goes_by_chance_nothing_is_found() -> None:
    found = [times_of(slow_by_depot(200, because=False, seed=seed)).slow() for seed in range(20)]
    assert [one for one in found if one is None or one.common] == []


def test_a_field_of_an_event_is_held_against_journeys_in_which_that_event_came() -> None:
    events: list[Told] = []
    for number in range(400):
        is_back = number % 10 == 0
        events.append((number, "Handed In", str(number)))
        if is_back:
            events.append((number + HOUR, "Returned", str(number), {"by": "van" if number % 20 else "bike"}))
            events.append((number + 40 * HOUR, "Handed Out", str(number)))
        else:
            events.append((number + HOUR + number, "Delivered", str(number)))
    slow = times_of(events).slow()
    assert slow is not None
    traits = {trait for one in slow.common for trait in (one.trait, *one.same)}
    assert Trait("Returned") in traits
    assert not any(trait.event == "Returned" and trait.field for trait in traits)


def test_of_few_journeys_or_where_most_take_as_long_nothing_is_said() -> None:
    assert times_of(slow_by_depot(49, because=True)).slow() is None
    same: list[Told] = [
        event
        for number in range(100)
        for event in ((number, "Handed In", str(number)), (number + 5, "Delivered", str(number)))
    ]
    times = times_of(same)
    assert times.slow() is None
    assert "too few have ended" in [*times.lines(10)][-1]


def test_no_more_journeys_are_held_than_so_many_whichever_come_first() -> None:
    found, _ = journeys(parcel(), slow_by_depot(300, because=True))
    held = []
    for order in (found, found[::-1]):
        slowness = Slowness(most=100)
        for journey in order:
            slowness.take(journey)
        slow = slowness.slow()
        assert slow is not None
        held.append((slow.journeys, slow.after, slow.common))
    assert held[0] == held[1]
    assert held[0][0] == 100 < MOST_JOURNEYS


# ---- the command and the report --------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return written(tmp_path, slow_by_depot(400, because=True))


def test_the_table_says_where_time_goes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", ".", "events.jsonl", "--times", "--most", "4", "--timezone", "Europe/Berlin"]) == 0
    states, ways, hours, slowest, common, _ = capsys.readouterr().out.split("\n\n")
    assert states.splitlines()[0].split() == ["state", "stays", "median", "95", "%", "99", "%", "share"]
    assert states.splitlines()[1].split()[:2] == ["OnTheWay", "400"]
    assert states.splitlines()[1].endswith("100.0 %")
    assert ways.splitlines()[1].split()[:4] == ["OnTheWay", "Delivered", "Home", "400"]
    assert hours.splitlines()[0].startswith("stays by when they began (Europe/Berlin), by their median: . up to ")
    assert [line.split()[0] for line in hours.splitlines()[2:]] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert "    400  " in hours.splitlines()[5]
    assert len(slowest.splitlines()) == 3
    assert common.splitlines()[0].startswith("what the slowest 40 of 400 (from ")
    assert common.splitlines()[2].endswith("Handed In: $.detail.depot = C")


def test_programs_read_all_of_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", ".", "events.jsonl", "--times", "--most", "3", "--format", "json"]) == 0
    first, _ = map(json.loads, capsys.readouterr().out.splitlines())
    times = first["times"]
    assert [(one["state"], one["stays"], one["share"]) for one in times["states"]] == [("OnTheWay", 400, 1.0)]
    assert times["transitions"][0]["by"] == "Delivered"
    assert times["hours"] == sorted(times["hours"], key=lambda one: one["hour"])
    assert sum(one["stays"] for one in times["hours"]) == 400
    assert len(times["slowest"]) == 3
    assert times["slow"]["common"][0] == {
        "event": "Handed In",
        "field": "$.detail.depot",
        "value": "C",
        "slowShare": 1.0,
        "otherShare": pytest.approx(0.05, abs=0.05),
        "probability": pytest.approx(0, abs=1e-9),
        "same": [],
    }


def test_a_report_says_where_time_goes(folder: Path) -> None:
    assert main(["report", ".", "events.jsonl", "-o", "report.html", "--timezone", "Europe/Berlin"]) == 0
    text = (folder / "report.html").read_text("utf-8")
    assert 'href="#times"' in text
    assert "The slowest 40 of 400 took " in text
    assert "$.detail.depot</td><td>C</td>" in text
    assert "how many these are. Europe/Berlin." in text
