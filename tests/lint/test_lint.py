"""`choreography lint`: each file in bad/ is a case; `scripts/refresh_fixtures.py` writes what is expected anew."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.cli.main import main
from choreography_insights.diagnostics import catalogue
from choreography_insights.lint import lint
from choreography_insights.project.folders import generate
from devtools.places import ROOT
from support import asl_validator
from support.definition_strategies import definitions
from support.definitions import EXAMPLES, GOOD, generated, name_of, workflow_of

BAD = sorted(Path(__file__).parent.glob("bad/*.asl.json"))
HAND_WRITTEN = sorted((ROOT / "examples" / "hand-written").glob("*.asl.json"))


@pytest.mark.parametrize("case", BAD, ids=name_of)
def test_a_bad_state_machine_is_refused_with_exactly_these_problems(case: Path) -> None:
    expected = case.with_suffix("").with_suffix(".problems").read_text(encoding="utf-8")
    found = "".join(f"{problem}\n" for problem in lint(case.read_text(encoding="utf-8"), case.name))
    assert found == expected
    assert all(separator in line for line in expected.splitlines() for separator in ("; ",) if "write" not in line)


def test_no_problems_are_expected_of_a_case_that_is_gone() -> None:
    problems = Path(__file__).parent.glob("bad/*.problems")
    assert sorted(path.with_suffix(".asl.json") for path in problems) == BAD


@pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)
def test_what_the_compiler_writes_is_right(folder: Path) -> None:
    text = generated(folder)["definition.asl.json"]
    assert [str(problem) for problem in lint(text, "definition.asl.json")] == []


@given(definitions())
def test_what_the_compiler_makes_of_any_definition_is_right(states: dict[str, Any]) -> None:
    text = generate(workflow_of(states))["definition.asl.json"]
    assert [str(problem) for problem in lint(text, "definition.asl.json")] == []


@pytest.mark.parametrize("file", HAND_WRITTEN, ids=name_of)
def test_the_state_machine_written_by_hand_is_right_and_a_validator_not_written_here_agrees(
    file: Path, tmp_path: Path
) -> None:
    text = file.read_text(encoding="utf-8")
    assert [str(problem) for problem in lint(text, file.name)] == []
    assert asl_validator.problems([text], tmp_path) == [""]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"MaxConcurrency": 39}, ["CI621"]),
        ({"MaxConcurrency": 40}, []),
        ({"MaxConcurrency": 0}, []),
        ({"MaxConcurrencyPath": "$.event.detail.atOnce"}, ["CI621"]),
        ({"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}}, ["CI743"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("inside", [True, False], ids=["of events", "of nothing but states that pass"])
def test_the_lines_of_a_map_that_awaits_events_wait_at_once_and_in_the_journey(
    change: dict[str, Any], expected: list[str], *, inside: bool
) -> None:
    line = {"One": {"await": {"Parcel Sent": "End"}}, "End": "succeed"}
    states = {"All": {"each": {"items": "$.detail.parcels", "item": "$.detail.parcel", "states": line}, "next": "Done"}}
    machine = json.loads(generate(workflow_of({**states, "Done": "succeed"}))["definition.asl.json"])
    of_map = machine["States"]["All"]
    if not inside:
        of_map["ItemProcessor"] |= {"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}}
    for key, value in change.items():
        of_map[key] = {**of_map[key], **value} if key in of_map else value
    problems = lint(json.dumps(machine), "definition.asl.json")
    assert [problem.rule.id for problem in problems] == (expected if inside else [])
    assert all(problem.spot.path.startswith("States.All.") for problem in problems)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_whatever_one_part_is_replaced_by_lint_has_an_answer(data: st.DataObject) -> None:
    machine = json.loads((EXAMPLES[0] / "definition.asl.json").read_text(encoding="utf-8"))
    here = machine
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if not here[key] or not isinstance(here[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            break
        here = here[key]
    here[key] = data.draw(anything)
    lint(json.dumps(machine), "definition.asl.json")


def test_lint_says_nothing_of_good_files_and_all_of_bad_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', encoding="utf-8-sig")
    Path("bad.asl.json").write_text('{"StartAt": "B",\n"States": {"A": {"Type": "Succeed"}}}', encoding="utf-8")
    Path("latin.asl.json").write_bytes(b'"\xe4"')
    assert main(["lint", "good.asl.json"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["lint", "good.asl.json", "bad.asl.json", "latin.asl.json"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "bad.asl.json:1:2: CI721 StartAt: no state here is named 'B'; the states here are 'A'",
        "latin.asl.json:1:1: CI001 this is not UTF-8 text; save it so",
    ]
    assert main(["lint", "nowhere.asl.json"]) == 1
    assert capsys.readouterr().err == (
        "nowhere.asl.json: No such file or directory; make it readable, or name another path\n"
    )


def test_lint_tells_programs_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.asl.json"
    file.write_text('{"StartAt": "B",\n"States": {"A": {"Type": "Succeed"}}}', encoding="utf-8")
    assert main(["lint", "--format", "json", str(file)]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": str(file),
            "line": 1,
            "column": 2,
            "path": "StartAt",
            "id": "CI721",
            "severity": "error",
            "message": "no state here is named 'B'; the states here are 'A'",
        }
    ]


def with_accepted(entry: str) -> str:
    """Return a state machine whose first wait state accepts an event of the form *entry*."""
    text = catalogue.INVALID_RETRY.example.text.replace('"MaxAttempts": 2,', '"MaxAttempts": 200,')
    right = '{"e": {"S": "Order Paid"}}'
    assert right in text
    return text.replace(right, entry, 1)


def test_habits_of_eventbridge_are_warned_of_here_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "habit.asl.json"
    entry = r'{"e": {"S": "Order Paid"}, "when": {"S": "{\"detail.amount\": [1]}"}}'
    file.write_text(with_accepted(entry), encoding="utf-8")
    assert main(["lint", str(file)]) == 0
    assert ": CI608 States.Wait.Parameters.ExpressionAttributeValues.:wait.M.a.L[0].M.when: " in capsys.readouterr().err
    assert main(["lint", "--ignore", "CI608", str(file)]) == 0
    assert capsys.readouterr() == ("", "")


def test_what_contests_an_event_must_be_a_list() -> None:
    text = with_accepted('{"e": {"S": "Order Paid"}, "contestedBy": {"L": 5}}')
    assert [problem.rule for problem in lint(text, "machine.asl.json")] == [catalogue.INVALID_ACCEPTED_EVENTS]
