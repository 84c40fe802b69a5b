"""What a call asks for, as CloudWatch documents it, and whatever else comes."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.insights.asked import Asked, read
from choreography_insights.views.known import Period

NOW = 1_627_322_600.0
DOCUMENTED = {
    "dashboardName": "Name-of-current-dashboard",
    "widgetId": "widget-16",
    "accountId": "012345678901",
    "locale": "en",
    "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
    "period": 300,
    "isAutoPeriod": True,
    "timeRange": {
        "mode": "relative",
        "start": 1627236199729,
        "end": 1627322599729,
        "relativeStart": 86400012,
        "zoom": {"start": 1627276030434, "end": 1627282956521},
    },
    "theme": "light",
    "linkCharts": True,
    "title": "Tweets for Amazon website problem",
    "forms": {"all": {"entity": "order 1"}},
    "params": {"original": "param-to-widget"},
    "width": 588,
    "height": 369,
}
"""The example in AWS's documentation, with a field in its form."""


def asked(**context: Any) -> Asked:
    return read({"widgetContext": {**DOCUMENTED, **context}}, NOW)


def test_what_is_documented_is_read() -> None:
    here = read({"view": "map", "choreography": "order", "painting": "time", "widgetContext": DOCUMENTED}, NOW)
    assert (here.view, here.choreography, here.painting) == ("map", "order", "time")
    assert (here.entity, here.theme, here.width, here.widget) == ("order 1", "light", 588, "widget-16")
    assert here.zone.utcoffset(None) == timedelta()


def test_what_is_zoomed_into_is_the_period_or_else_the_dashboards_range() -> None:
    assert asked().period == Period(1627276030.434, 1627282956.521)
    assert asked(timeRange={"start": 1627236199729, "end": 1627322599729}).period == Period(
        1627236199.729, 1627322599.729
    )


def test_without_a_range_it_is_the_last_three_hours() -> None:
    for told in (None, {}, {"start": 5, "end": 5}, {"start": "5", "end": 9}, {"start": 0, "end": 1e30}):
        assert asked(timeRange=told).period == Period(NOW - 10_800, NOW)


@pytest.mark.parametrize(
    ("told", "hours"), [("+00:00", 0), ("+05:30", 5.5), ("-08:00", -8), ("+99:00", 0), ("CET", 0), (60, 0), (None, 0)]
)
def test_the_zone_is_read_from_its_offset(told: Any, hours: float) -> None:
    assert asked(timezone={"offsetISO": told, "offsetInMinutes": 17}).zone.utcoffset(None) == timedelta(hours=hours)


def test_a_number_is_taken_for_the_text_that_it_is_meant_as() -> None:
    assert read({"view": "journey", "choreography": "order", "journey": 12345}, NOW).journey == "12345"


def test_half_of_a_letter_is_taken_for_a_question_mark() -> None:
    lone = "a\ud800b"  # Lambda could not write it into an answer, nor DynamoDB look for it
    here = read({"view": lone, "journey": lone, "widgetContext": {"forms": {"all": {"entity": lone}}}}, NOW)
    assert (here.view, here.journey, here.entity) == ("a?b", "a?b", "a?b")
    assert read({"journey": "😀"}, NOW).journey == "😀"


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("view", "choreography", "journey", "painting"), _JSON)), _JSON)
def test_whatever_comes_something_is_asked_for(event: dict[str, Any], told: Any) -> None:
    for context in (told, dict.fromkeys(DOCUMENTED, told), {"forms": {"all": told}, "timeRange": {"zoom": told}}):
        here = read({**event, "widgetContext": context}, NOW)
        assert here.view
        assert here.period.start < here.period.end
        assert here.width > 0
