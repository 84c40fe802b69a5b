"""Where one is, as an address and as what the function is called with."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.console.view import RANGES, REFRESHES, THEMES, ZONES, BadAddress, View, Window, read

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)

_VALUES: Any = st.text() | st.integers() | st.none() | st.lists(st.text(), max_size=2)
_VIEWS = st.builds(
    View,
    params=st.dictionaries(st.text() | st.sampled_from(["range", "params", "token"]), _VALUES, max_size=3),
    forms=st.dictionaries(st.text(), st.text(min_size=1), max_size=2),
    range=st.sampled_from([*RANGES, "90m", "2026-11-27T08:00Z/2026-11-27T09:30Z"]),
    theme=st.sampled_from([None, *THEMES]),
    zone=st.sampled_from(list(ZONES)),
    refresh=st.sampled_from([int(seconds) for seconds in REFRESHES]),
)


@given(view=_VIEWS)
def test_an_address_leads_back_to_its_view(view: View) -> None:
    assert read(view.query) == view


@given(query=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_every_address_that_says_something_has_one_shortest_form(query: str) -> None:
    try:
        view = read(query)
    except BadAddress:
        return
    assert read(view.query).query == view.query


def test_an_address_can_be_read_by_people() -> None:
    view = View(params={"view": "map", "choreography": "car dealer"}, range="1d", theme="dark")
    assert view.address == "/?view=map&choreography=car+dealer&range=1d&theme=dark"
    assert View().address == "/"


def test_what_is_no_text_or_has_a_settings_name_goes_by_json() -> None:
    view = View(params={"range": "x", "depth": 2}, forms={"q": "a b"})
    assert view.query == "params=%7B%22range%22%3A%22x%22%2C%22depth%22%3A2%7D&forms=%7B%22q%22%3A%22a+b%22%7D"


def test_fields_that_are_all_empty_are_not_told() -> None:
    assert View(forms={"q": "", "r": ""}).address == "/"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("range=3y", "range=3y: say 90m, 3h, 1d or 4w, for example; 65w is the most"),
        ("range=66w", "range=66w: say 90m"),
        ("range=0h", "range=0h: say 90m"),
        ("range=a/b", "range=a/b: write moments as 2026-11-27T08:00Z/2026-11-27T09:30Z"),
        ("range=2026-11-27T08:00Z/2026-11-27T08:00Z", "range=2026-11-27T08:00Z/2026-11-27T08:00Z: it ends after it"),
        ("range=2024-11-27T08:00Z/2026-11-27T08:00Z", "range=2024-11-27T08:00Z/2026-11-27T08:00Z: it ends after it"),
        ("range=other&from=2026-11-27T08:00&to=", "range=other: fill in from and to, both"),
        ("range=other&from=0001-01-01T00:00&to=9999-12-31T23:59", "range=0001-01-01T00:00Z/9999-12-31T23:59Z: it ends"),
        ("theme=blue", "theme=blue: say light or dark"),
        ("zone=CET", "zone=CET: say one of local, utc"),
        ("refresh=1", "refresh=1: say one of 0, 10, 60, 300"),
        ("params=[]", "params=[]: it is no JSON object; give a JSON object"),
        ("params={", "params={: Expecting property name"),
        ('forms={"a":"\\udfff"}', "forms="),
    ],
)
def test_an_address_that_says_nothing_is_refused_in_words(query: str, message: str) -> None:
    with pytest.raises(BadAddress) as refused:
        read(query)
    assert str(refused.value).startswith(message)


def test_the_function_is_called_as_cloudwatch_would() -> None:
    view = View(params={"view": "map"}, forms={"q": "1"}, range="12h", theme="dark", zone="utc")
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:shop-insights"
    assert view.event(NOON, Window(900, 500), arn) == {
        "view": "map",
        "widgetContext": {
            "dashboardName": "choreography-console",
            "widgetId": "widget-1",
            "accountId": "111122223333",
            "locale": "en",
            "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
            "period": 300,
            "isAutoPeriod": True,
            "timeRange": {
                "mode": "relative",
                "start": 1795737600000,
                "end": 1795780800000,
                "relativeStart": 43200000,
            },
            "theme": "dark",
            "linkCharts": False,
            "title": "",
            "forms": {"all": {"q": "1"}},
            "params": {},
            "width": 900,
            "height": 500,
        },
    }


@pytest.mark.parametrize(
    ("offset", "iso", "minutes"),
    [(timedelta(hours=5, minutes=45), "+05:45", 345), (-timedelta(hours=3, minutes=30), "-03:30", -210)],
)
def test_times_are_the_viewers(offset: timedelta, iso: str, minutes: int) -> None:
    event = View().event(NOON.astimezone(timezone(offset)), Window(), "shop-insights")
    assert event["widgetContext"]["timezone"] == {"label": "Local", "offsetISO": iso, "offsetInMinutes": minutes}


def test_a_range_may_lie_between_two_moments() -> None:
    view = read("range=2026-11-27T08%3A00Z%2F2026-11-27T09%3A30Z")
    event = view.event(NOON, Window(), "shop-insights")
    assert event["widgetContext"]["timeRange"] == {
        "mode": "absolute",
        "start": 1795766400000,
        "end": 1795771800000,
    }


@pytest.mark.parametrize(
    ("zone", "span"),
    [
        ("", "2026-11-27T02:15Z/2026-11-27T03:15Z"),
        ("zone=utc&", "2026-11-27T08:00Z/2026-11-27T09:00Z"),
    ],
)
def test_times_in_fields_are_the_viewers(zone: str, span: str) -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    told = f"{zone}range=1d&from=2026-11-27T08:00&to=2026-11-27T09:00&range=other"
    assert read(told, kathmandu).range == span


def test_times_in_fields_count_only_where_they_are_asked_for() -> None:
    assert read("range=1d&from=2026-11-27T08:00&to=2026-11-27T09:00") == View(range="1d")


def test_the_windows_theme_counts_where_none_was_chosen() -> None:
    dark = Window(theme="dark")
    assert View().event(NOON, dark, "x")["widgetContext"]["theme"] == "dark"
    assert View(theme="light").event(NOON, dark, "x")["widgetContext"]["theme"] == "light"


@pytest.mark.parametrize("cookie", [None, "", "1x1", "0x10xlight", "10x10xblue", "99999x10xdark", "10x10xdark;x"])
def test_a_window_that_tells_nonsense_is_the_usual_one(cookie: str | None) -> None:
    assert Window.told(cookie) == Window()


def test_a_window_comes_back_as_it_went() -> None:
    assert Window.told(str(Window(360, 640, "dark"))) == Window(360, 640, "dark")
