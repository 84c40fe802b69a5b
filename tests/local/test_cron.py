"""Schedule expressions of EventBridge."""

from datetime import UTC, datetime, timedelta

import pytest

from choreography_insights.local.cron import Cron, rate
from choreography_insights.local.schedules import last_due

NOW = datetime(2026, 11, 27, 10, 30, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("expression", "fires"),
    [
        ("cron(0 12 * * ? *)", datetime(2026, 11, 27, 12, tzinfo=UTC)),
        ("cron(30 10 * * ? *)", datetime(2026, 11, 28, 10, 30, tzinfo=UTC)),
        ("cron(0/20 * * * ? *)", datetime(2026, 11, 27, 10, 40, tzinfo=UTC)),
        ("cron(15,45 8-10 ? * MON-FRI *)", datetime(2026, 11, 27, 10, 45, tzinfo=UTC)),
        ("cron(0 0 ? * 1 *)", datetime(2026, 11, 29, tzinfo=UTC)),
        ("cron(0 0 1 JAN ? *)", datetime(2027, 1, 1, tzinfo=UTC)),
        ("cron(0 0 29 2 ? *)", datetime(2028, 2, 29, tzinfo=UTC)),
        ("cron(0 0 1 1 ? 2026)", None),
    ],
)
def test_a_cron_expression_fires_next(expression: str, fires: datetime | None) -> None:
    assert Cron.read(expression).after(NOW) == fires


@pytest.mark.parametrize(
    "expression",
    ["cron(0 0 L * ? *)", "cron(0 0 15W * ? *)", "cron(0 0 ? * 6#3 *)", "cron(0 0 * *)", "cron(60 * * * ? *)", "x"],
)
def test_what_is_not_understood_is_refused_and_never_fires(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Cron.read(expression)
    assert last_due(expression, 0, 1e10) is None


def test_a_rate_counts_in_minutes_hours_or_days() -> None:
    assert [rate(f"rate({text})") for text in ("1 minute", "5 minutes", "2 hours", "7 days")] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(hours=2),
        timedelta(days=7),
    ]


def test_a_rate_keeps_its_beat_however_late_it_is_looked_at() -> None:
    assert last_due("rate(1 minute)", 100, 159.9) is None
    assert last_due("rate(1 minute)", 100, 160) == 160
    assert last_due("rate(1 minute)", 100, 250) == 220
    assert last_due("rate(0 minutes)", 100, 250) is None
