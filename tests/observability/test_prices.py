"""What metrics cost, as the documents say it, is what the functions write."""

import re

import pytest

from devtools.places import ROOT
from observability.emitted import Written

_DOLLARS = 0.30
_STATES = 8


def series(functions: Written, *dimensions: str) -> int:
    """How many series there are with just these dimensions, each with one value."""
    return len({name for name, _, of in functions.metrics if set(of) == set(dimensions)})


@pytest.mark.parametrize("choreographies", [1, 100])
def test_the_table_of_prices_reckons_with_the_series_that_the_functions_write(
    choreographies: int, functions: Written
) -> None:
    summary = series(functions, "service")
    each = series(functions, "service", "choreography")
    reckoned = [
        summary,
        summary + choreographies * each,
        summary + choreographies * (each + _STATES),
    ]
    text = (ROOT / "docs" / "operations-and-design" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(?:summary|per_\w+)`[^|]* \| ([^|]+) \| \$([\d.]+) \| \$([\d.]+) \|$", text, re.MULTILINE)
    told = [float(row[1 if choreographies == 1 else 2]) for row in rows]
    assert told == [pytest.approx(count * _DOLLARS) for count in reckoned]
    assert [row[0] for row in rows][:2] == [f"{summary} for the whole", f"and {each} for each choreography"]


def test_the_readme_says_the_same() -> None:
    text = (ROOT / "docs" / "operations-and-design" / "operations.md").read_text(encoding="utf-8")
    prices = re.findall(r"^\| `(summary|per_\w+)`.* \$([\d.]+) \|$", text, re.MULTILINE)
    readme = " ".join((ROOT / "modules" / "insights" / "README.md").read_text(encoding="utf-8").split())
    assert len(prices) == 3
    assert [
        level for level, dollars in prices if not re.search(rf'`(?:metrics_detail = )?"{level}"` \${dollars} ', readme)
    ] == []
