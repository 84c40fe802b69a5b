"""How problems are written for programs: SARIF for code scanning, GitHub's workflow commands for pull requests."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.formats import written
from choreography_insights.diagnostics.problem import Location, Problem, Spot

ODD = Spot(Location("odd, name: 100%.yaml", 7, 3), "states.Wait: ä\n")
PROBLEMS = [
    ODD.problem(catalogue.UNKNOWN_STATE, "100 % wrong:\r\nthis, too"),
    Spot(Location("a/workflow.yaml", 1, 1), "").problem(catalogue.UNUSED_IGNORE, "CI601 does not come"),
    ODD.problem(catalogue.UNKNOWN_STATE, "again"),
]


def test_github_reads_one_command_a_line_with_what_it_reads_itself_escaped() -> None:
    first, second, third = written(PROBLEMS, "github").splitlines()
    place = "file=odd%2C name%3A 100%25.yaml,line=7,col=3,title=CI210 unknown state"
    assert first == f"::error {place}::states.Wait: ä%0A: 100 %25 wrong:%0D%0Athis, too"
    assert second == (
        "::warning file=a/workflow.yaml,line=1,col=1,title=CI693 comment that is not needed::CI601 does not come"
    )
    assert third == f"::error {place}::states.Wait: ä%0A: again"


def sarif(problems: list[Problem]) -> dict[str, Any]:
    """Return the one run in the log."""
    log = json.loads(written(problems, "sarif"))
    assert log.keys() == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    found: dict[str, Any] = run
    return found


def test_a_log_of_sarif_describes_the_rules_that_its_results_break() -> None:
    run = sarif(PROBLEMS)
    driver = run["tool"]["driver"]
    assert driver["name"] == "choreography"
    assert [rule["id"] for rule in driver["rules"]] == ["CI210", "CI693"]
    for rule in driver["rules"]:
        assert rule["defaultConfiguration"] == {"level": catalogue.RULES[rule["id"]].severity}
        assert all(rule[part]["text"] for part in ("shortDescription", "fullDescription", "help"))
    assert [driver["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == ["CI210", "CI693", "CI210"]
    assert [result["ruleId"] for result in run["results"]] == ["CI210", "CI693", "CI210"]


def test_a_result_of_sarif_has_the_place_as_an_uri_with_line_and_column() -> None:
    run = sarif(PROBLEMS)
    assert run["columnKind"] == "unicodeCodePoints"
    first, second, _ = run["results"]
    assert first == {
        "ruleId": "CI210",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "states.Wait: ä\n: 100 % wrong:\r\nthis, too"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "odd%2C%20name%3A%20100%25.yaml"},
                    "region": {"startLine": 7, "startColumn": 3},
                },
                "logicalLocations": [{"fullyQualifiedName": "states.Wait: ä\n"}],
            }
        ],
    }
    assert second["level"] == "warning"
    assert "logicalLocations" not in second["locations"][0]


def test_an_absolute_path_is_a_file_s_uri(tmp_path: Path) -> None:
    file = str(tmp_path / "wörk flow.yaml")
    (result,) = sarif([Spot(Location(file, 1, 1), "").problem(catalogue.EMPTY_FILE, "x")])["results"]
    uri = urlparse(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
    assert (uri.scheme, unquote(uri.path)) == ("file", file)


@pytest.mark.parametrize(("how", "nothing"), [("text", ""), ("json", "[]\n"), ("github", "")])
def test_nothing_wrong_is_nothing_to_say(how: Any, nothing: str) -> None:
    assert written([], how) == nothing
    assert sarif([])["results"] == []


def test_sources_of_problems_come_before_what_follows_in_one_place() -> None:
    later, earlier = (ODD.problem(rule, "x") for rule in (catalogue.EMPTY_VALUE, catalogue.MERGE_KEY))
    assert sorted([later, earlier]) == [earlier, later]
