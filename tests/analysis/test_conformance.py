"""Where entities depart from a choreography, and the change that would mend it."""

import contextlib
import io
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.logs import PARCEL, Told, written
from choreography_insights.analysis.edits import accepting, noting, quoted, retiring, starting
from choreography_insights.cli.main import main
from choreography_insights.project.definitions import load_workflow
from support.exploring import times

NESTED = """\
choreography: nested
source: s
start: {S: {when: {n: [1]}}}
unexpected: fail
early: 2s
events:
  old: {retired: true}
states:
  P:
    parallel:
      one: {states: {A: {await: {a: A2, "x: y": E}}, A2: {await: {b: E}}, E: succeed}}
      two:
        states:
          B:
            await:
              c: F
              d: {next: F}
          F: succeed
    timeout: {after: 90s, next: Late}
    next: Q
  Q: {await: {b: Done}}
  Late: fail
  Done: succeed
"""
GROUPS = """\
choreography: groups
source: s
start: S
unexpected: fail
early: 2s
states:
  Three:
    all: {A: a, B: b, C: c}
    next: Two
  Two:
    parallel:
      one: {states: {D: {await: {d: DE}}, DE: succeed}}
      two: {states: {E: {await: {e: EE}}, EE: succeed}}
    next: Items
  Items:
    each:
      items: $.remembered.n
      item: $.detail.k
      states:
        F: {await: {f: FE}}
        FE: succeed
    next: Last
  Last: {await: {g: Done, x: Last}}
  Done: succeed
""".replace("start: S", "start: {S: {remember: {n: detail.n}}}")
IGNORING = PARCEL.replace("unexpected: fail", "unexpected: report").replace("capture: all\n", "")

EVENTS: list[Told] = [
    *((0, "Handed In", str(number)) for number in range(10)),
    *((100, "Opened", str(number)) for number in range(4)),
    *((300, "Delivered", str(number)) for number in range(7)),
    *((300, "Handed Out", str(number)) for number in (7, 8)),
    (0, "Found", "stray"),
    (10, "Delivered", "stray"),
]
TABLE = """\
fit  4 of 11 entities, 36.4 %

entities  deviations  event       in        reason
       4           4  Opened      OnTheWay  UnexpectedEvent
                      4 of 4 would fit if OnTheWay also accepted Opened, which stayed there (36.4 % -> 72.7 % of all)
       2           2  Handed Out  OnTheWay  UnexpectedEvent
                      2 of 2 would fit if OnTheWay also accepted Handed Out, which led to Home (36.4 % -> 54.5 % of all)
       1           1  Found       -         NoJourney
                      1 of 1 would fit if Found began a journey, too (36.4 % -> 45.5 % of all)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return written(tmp_path, EVENTS)


def conformance(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what `replay --conformance` says, and the sum."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main(["replay", str(folder), str(folder / "events.jsonl"), "--conformance", "--format", "json"])
    assert code in (0, 1)
    first, last = map(json.loads, out.getvalue().splitlines())
    return first["conformance"], last["sum"]


def test_departures_are_told_by_event_and_state_with_what_would_mend_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", ".", "events.jsonl", "--conformance"]) == 1
    assert capsys.readouterr().out.startswith(f"{TABLE}\nevents  ")


def test_of_many_places_the_others_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", ".", "events.jsonl", "--conformance", "--most", "1"]) == 1
    assert capsys.readouterr().out.split("\n\n")[1].splitlines()[-1] == "and 2 other places"


def test_where_all_fit_there_is_nothing_to_suggest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, [(0, "Handed In", "1"), (5, "Delivered", "1")])
    assert main(["replay", ".", "events.jsonl", "--conformance"]) == 0
    assert capsys.readouterr().out.startswith("fit  1 of 1 entities, 100.0 %\n\nevents  ")
    assert main(["replay", ".", "events.jsonl", "--suggest"]) == 0
    assert capsys.readouterr().out == "# no single change lets more entities fit\n"


def test_an_event_that_leads_somewhere_from_other_states_is_let_lead_there(folder: Path) -> None:
    text = PARCEL.replace("await: {Handed Out: Home}", "await: {Handed Out: Home, Delivered: Out}")
    text = text.replace("  Home: succeed", "  Out: {await: {Done: Home}}\n  Home: succeed").replace(
        "      Delivered: Home\n", ""
    )
    written(folder, [(0, "Handed In", "1"), (5, "Delivered", "1")], text)
    (told,) = conformance(folder)[0]["told"]
    assert told["suggestion"]["words"] == "1 of 1 would fit if OnTheWay also accepted Delivered, which led to Out"


def test_an_event_that_nobody_awaits_is_retired_where_it_comes_after_the_end(folder: Path) -> None:
    written(folder, [(0, "Handed In", "1"), (5, "Delivered", "1"), (500, "Opened", "1"), (600, "Handed In", "2")])
    (told,) = conformance(folder)[0]["told"]
    assert (told["reason"], told["state"]) == ("JourneyEnded", None)
    assert told["suggestion"]["words"] == "1 of 1 would fit if Opened were retired: heard of no more"
    assert "+events:\n+  Opened: {retired: true}\n" in told["suggestion"]["diff"]


def test_no_journey_is_led_into_a_failure_only_to_fit(folder: Path) -> None:
    text = PARCEL.replace("  Home: succeed", "  Home: succeed\n  Lost: fail").replace(
        "      Returned: Back", "      Lost: Lost\n      Returned: Back"
    )
    written(folder, [(0, "Handed In", "1"), (5, "Lost it", "1")], text)
    (told,) = conformance(folder)[0]["told"]
    assert told["suggestion"]["words"].endswith("also accepted Lost it, which led to Home")


def test_a_report_shows_what_would_mend_it_if_asked(folder: Path) -> None:
    assert main(["report", ".", "events.jsonl", "-o", "report.html", "--conformance"]) == 0
    text = (folder / "report.html").read_text("utf-8")
    assert 'href="#mending"' in text
    assert (
        "4 of 4 would fit if OnTheWay also accepted Opened, which stayed there: 36.4 % of all fit now, then 72.7 %"
        in text
    )
    assert "+      Opened: OnTheWay\n" in text
    assert "Fitness is 0.727 on average" in text
    assert "from OnTheWay to Back" in text
    assert main(["report", ".", "events.jsonl", "-o", "report.html"]) == 0
    assert "mending" not in (folder / "report.html").read_text("utf-8")


def test_an_event_that_comes_in_many_states_is_noted_at_any_time(folder: Path) -> None:
    events: list[Told] = [(0, "Handed In", "1"), (100, "Opened", "1"), (200, "Returned", "1"), (300, "Opened", "1")]
    written(folder, events)
    (told,) = conformance(folder)[0]["told"]
    assert told["suggestion"]["words"] == "1 of 1 would fit if Opened were noted at any time"
    assert "+anytime:\n+  Opened: stay\n" in told["suggestion"]["diff"]


def suggested(folder: Path, *entities: str) -> list[str]:
    """Return what is suggested for the groups, where these entities have these events."""
    told: list[Told] = []
    for number, events in enumerate(entities):
        told.append((0, "S", str(number), {"n": ["1"]}))
        told += [(10 + 10 * place, name, str(number), {"k": "1"}) for place, name in enumerate(events)]
    written(folder, told, GROUPS)
    return [told["suggestion"]["words"] for told in conformance(folder)[0]["told"] if told["suggestion"]]


@pytest.mark.parametrize(
    ("entities", "words"),
    [
        (("abcdefg", "abdefg", "acdefg"), "2 of 2 would fit if Three needed 2 of its 3 events only"),
        (("abcefg", "abcefg"), "2 of 2 would fit if Two needed 1 of its 2 branches only"),
        (("axbcdefg", "abxcdefg", "abcdefxg"), "2 of 2 would fit if x were noted in Three"),
        (("axbcdefg", "abcxdefg"), "1 of 1 would fit if Three also waited for x"),
        (("abcxg", "abcxg"), "2 of 2 would fit if x ended Two, and led to Last"),
    ],
)
def test_groups_are_mended_in_their_own_ways(folder: Path, entities: tuple[str, ...], words: str) -> None:
    assert words in suggested(folder, *entities)


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (["12", "23", "31"], "3 of 3 would fit if Items needed 2 items only"),
        (["12", "23", "1"], "3 of 3 would fit if g ended Items, and led to Done"),
        (["12", "23", "123"], "2 of 2 would fit if g ended Items, and led to Done"),
    ],
)
def test_an_each_that_all_leave_with_as_many_items_done_needs_no_more(
    folder: Path, done: list[str], words: str
) -> None:
    told: list[Told] = []
    for number, keys in enumerate(done):
        told.append((0, "S", str(number), {"n": ["1", "2", "3"]}))
        told += [(10, name, str(number)) for name in "abcde"]
        told += [(20, "f", str(number), {"k": key}) for key in keys]
        told.append((30, "g", str(number)))
    written(folder, told, GROUPS)
    (place,) = conformance(folder)[0]["told"]
    assert (place["event"], place["state"]) == ("g", "F")
    assert place["suggestion"]["words"] == words
    applied(folder, place["suggestion"]["diff"])
    after, _ = conformance(folder)
    assert (after["fitting"], after["share"]) == (3, place["suggestion"]["share"])


# ---- what is suggested, applied --------


def test_a_change_for_entities_without_the_event_is_counted_with_them(folder: Path) -> None:
    suggested(folder, "abdefg", "acdefg", "bcdefg", "abc")
    told = conformance(folder)[0]["told"][0]["suggestion"]
    assert (told["words"], told["fitting"]) == ("3 of 3 would fit if Three needed 2 of its 3 events only", 3)
    applied(folder, told["diff"])
    assert conformance(folder)[0]["fitting"] == 3


def applied(folder: Path, diff: str) -> None:
    program = shutil.which("patch")
    assert program
    subprocess.run([program, "-p0", "--binary"], input=diff.encode(), cwd="/", check=True, capture_output=True)


ENTITIES = "123456"
NAMES = {PARCEL: ["Delivered", "Returned", "Handed Out", "Opened", "Found", "Handed In"]}
NAMES |= {IGNORING: NAMES[PARCEL], NESTED: ["S", "a", "b", "c", "d", "x: y"]}
NAMES |= {GROUPS: list("abcdefgx")}
WALK: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in "abcde"),
    *(("f", {"k": key}) for key in "123"),
    ("g", {}),
]
"""How a journey through the groups goes."""


@settings(max_examples=times(20), deadline=None)
@given(st.data(), st.sampled_from([*NAMES]))
def test_each_suggestion_applied_raises_the_share_that_fits_by_what_it_said(data: st.DataObject, text: str) -> None:
    drawn = data.draw(
        st.lists(
            st.tuples(st.integers(1, 200), st.sampled_from(NAMES[text]), st.sampled_from(ENTITIES)),
            min_size=1,
            max_size=25,
        )
    )
    start, detail = ("Handed In" if "parcel" in text else "S"), {"n": ["1", "2", "3"] if text == GROUPS else 1}
    events: list[Told] = [(0, start, entity, detail) for entity in ENTITIES[:4]]
    if text == GROUPS:  # journeys that go through all, but for what is left out
        left = data.draw(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 8)), max_size=3))
        events += [
            (10 + 10 * place, name, entity, about)
            for number, entity in enumerate(ENTITIES[:4])
            for place, (name, about) in enumerate(WALK)
            if (number, place) not in left
        ]
        drawn = drawn[:2]
    with tempfile.TemporaryDirectory() as name:
        folder = written(Path(name), [*events, *drawn], text)
        before, _ = conformance(folder)
        for told in before["told"]:
            suggestion = told["suggestion"]
            if suggestion is None:
                continue
            written(folder, [*events, *drawn], text)
            applied(folder, suggestion["diff"])
            after, whole = conformance(folder)
            assert (after["fitting"], after["entities"]) == (suggestion["fitting"], suggestion["entities"])
            assert after["share"] == suggestion["share"] > before["share"]
            assert whole["conformance"] == suggestion["conformance"]["after"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
def test_patch_applies_what_is_suggested_however_the_file_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], end: str, mark: str
) -> None:
    text = f"{mark}{PARCEL.rstrip()}".replace("\n", end)
    (folder / "workflow.yaml").write_bytes(text.encode())
    assert main(["replay", "workflow.yaml", "events.jsonl", "--suggest"]) == 1
    diff = capsys.readouterr().out
    assert diff.startswith("# 4 of 4 would fit if OnTheWay also accepted Opened, which stayed there: 36.4 % of all ")
    program = shutil.which("patch")
    assert program
    subprocess.run([program, "-p0", "--binary"], input=diff.encode(), check=True, capture_output=True)
    changed = (folder / "workflow.yaml").read_bytes().decode()
    assert changed == text.replace(
        f"      Delivered: Home{end}", f"      Opened: OnTheWay{end}      Delivered: Home{end}"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("start: A", "start: [A, New]"),
        ("start: [A]", "start: [A, New]"),
        ("start: [A, ]  # as it was", "start: [A, New ]  # as it was"),
        ("start:\n  - A", "start:\n  - New\n  - A"),
        ("start:\n- A", "start:\n- New\n- A"),
        ("start: {A: {}}", "start: {A: {}, New: {}}"),
        ("start:\n  A: {}", "start:\n  New: {}\n  A: {}"),
        ('start: "A"', None),
    ],
)
def test_a_start_event_is_added_in_the_form_in_which_others_are_written(before: str, after: str | None) -> None:
    rest = "\nchoreography: c\nsource: s\nstates: {X: {await: {b: Y}}, Y: succeed}\n"
    found = starting(before + rest, "New")
    assert found == (None if after is None else after + rest)
    if found is not None:
        assert {start.event.text for start in load_workflow(found, "w").starts} == {"A", "New"}


def test_a_new_setting_stands_before_the_states_and_what_parts_these_from_the_rest() -> None:
    assert noting("start: A\nstates: {}\n", "e") == "start: A\nanytime:\n  e: stay\nstates: {}\n"
    assert noting("start: A\n\nstates: {}\n", "e") == "start: A\n\nanytime:\n  e: stay\n\nstates: {}\n"


def test_what_is_not_written_in_lines_or_brackets_of_its_own_is_left_alone() -> None:
    assert accepting("states:\n  A: {await: {b: C}}\n", (9, 9), "e", "C") is None
    assert noting("anytime:\n  a: B\nstates: {}\n", "e") == "anytime:\n  e: stay\n  a: B\nstates: {}\n"
    assert retiring("states: {}\nevents: {e: {item: $.detail.i}}\n", "e") is None


@pytest.mark.parametrize(
    ("name", "written_so"),
    [
        ("Car Sold", "Car Sold"),
        ("true", '"true"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("1", '"1"'),
        ("ä", '"ä"'),
        ("", '""'),
    ],
)
def test_a_name_is_quoted_where_yaml_would_not_read_it_as_text(name: str, written_so: str) -> None:
    assert quoted(name) == written_so
