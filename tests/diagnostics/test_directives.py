"""Comments that ignore warnings: which they take, and what is said of those that take none."""

import pytest

from choreography_insights.project.folders import check

DEFINITION = """\
choreography: order
source: shop
start: Placed
states:
  A:
    await:
      Paid:
        - {when: {amount: [100]}, next: B}
      Sent:
        - {when: {amount: [yes]}, next: B}
  B: succeed
"""


def told(text: str) -> list[str]:
    """Return line and id of what is said of *text*."""
    return [f"{problem.spot.at.line} {problem.rule.id}" for problem in check(text, "workflow.yaml")[1]]


def with_comment(place: str, comment: str) -> str:
    return DEFINITION.replace(place, f"{place} {comment}")


def test_without_comments_all_are_told() -> None:
    assert told(DEFINITION) == ["7 CI601", "9 CI601", "10 CI610"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (with_comment("Paid:", "# choreography: ignore CI601"), ["9 CI601", "10 CI610"]),
        (with_comment("Paid:", "#choreography:ignore: CI601 nobody pays less"), ["9 CI601", "10 CI610"]),
        (f"# choreography: ignore CI601\n{DEFINITION}", ["11 CI610"]),
        (f"\n%YAML 1.2\n---\n# choreography: ignore CI601,CI610\n{DEFINITION}", []),
        (
            DEFINITION.replace("      Sent", "  # choreography: ignore CI601\n\n  # and so on\n      Sent"),
            ["7 CI601", "13 CI610"],
        ),
        (with_comment("Paid:", "# as told: # choreography: ignore CI601"), ["9 CI601", "10 CI610"]),
    ],
)
def test_a_comment_ignores_in_its_line_in_the_next_or_in_all(text: str, left: list[str]) -> None:
    assert told(text) == left


@pytest.mark.parametrize(
    ("comment", "id_"),
    [
        ("# choreography: ignore CI602", "CI693"),
        ("# choreography: ignore CI999", "CI691"),
        ("# choreography: ignore", "CI691"),
        ("# choreography: ignore all of it", "CI691"),
        ("# choreography: ignore CI401", "CI692"),
    ],
)
def test_a_comment_that_ignores_nothing_is_told_itself(comment: str, id_: str) -> None:
    assert told(with_comment("source: shop", comment)) == [f"2 {id_}", "7 CI601", "9 CI601", "10 CI610"]


def test_whether_a_comment_is_needed_is_not_asked_where_there_are_errors() -> None:
    """Advice is not given there, so no comment could be of use."""
    text = with_comment("Paid:", "# choreography: ignore CI601").replace("B: succeed", "C: succeed")
    assert told(text) == ["8 CI210", "10 CI610", "10 CI210"]


@pytest.mark.parametrize(
    "line",
    [
        'description: "no comment # choreography: ignore CI601"',
        "description: |\n  no comment\n  # choreography: ignore CI601\n",
        "description: '\n  # choreography: ignore CI601 '",
        "# choreography: shop",
        "# choreography: ignored",
    ],
)
def test_what_is_no_such_comment_ignores_nothing(line: str) -> None:
    ids = [one.partition(" ")[2] for one in told(DEFINITION.replace("source: shop", f"source: shop\n{line}"))]
    assert ids == ["CI601", "CI601", "CI610"]


def test_what_is_said_of_comments_can_be_ignored_too() -> None:
    assert told(f"# choreography: ignore CI601, CI610, CI693, CI604\n{DEFINITION}") == []


def test_an_error_stays_whatever_a_comment_says() -> None:
    workflow, problems = check(
        f"# choreography: ignore CI601\n# choreography: ignore CI401\n{DEFINITION}  C: fail\n", "f"
    )
    assert workflow is None
    assert [problem.rule.id for problem in problems if problem.is_error] == ["CI401"]
