"""Where one is: the parameters of a call and the dashboard's settings, as values and as an address."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from choreography_insights.console.objects import json_object, written

Theme = Literal["light", "dark"]

RANGES: Mapping[str, str] = {
    "1h": "last hour",
    "3h": "last 3 hours",
    "12h": "last 12 hours",
    "1d": "last day",
    "3d": "last 3 days",
    "1w": "last week",
    "4w": "last 4 weeks",
    "13w": "last 13 weeks",
}
"""What the page offers. Any number of these units will do in an address, and two moments: `START/END`."""
OTHER = "other"
"""The range that is told by two fields, as they are filled in on the page."""
REFRESHES: Mapping[str, str] = {"0": "no refresh", "10": "every 10 s", "60": "every minute", "300": "every 5 min"}
ZONES: Mapping[str, str] = {"local": "local time", "utc": "UTC"}
THEMES: Mapping[str, str] = {"light": "light", "dark": "dark"}

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_RANGE = re.compile(r"([1-9][0-9]{0,3})([mhdw])")
_WINDOW = re.compile(r"([1-9][0-9]{1,3})x([1-9][0-9]{1,3})x(light|dark)")
_MONTHS_15 = timedelta(days=455)
"""For so long CloudWatch keeps anything."""
_MOMENT = "%Y-%m-%dT%H:%MZ"
_SETTINGS = ("range", "theme", "zone", "refresh")
_RESERVED = {*_SETTINGS, "params", "forms", "token", "from", "to"}


class BadAddress(Exception):
    """An address that says nothing; the message says why, and what would do."""


@dataclass(frozen=True, slots=True)
class Window:
    """What only the browser knows; its script says so in a cookie."""

    width: int = 1200
    height: int = 800
    theme: Theme = "light"

    @classmethod
    def told(cls, cookie: str | None) -> "Window":
        """Return what *cookie* tells; what is usual, if it tells nothing."""
        found = _WINDOW.fullmatch(cookie or "")
        return cls(int(found[1]), int(found[2]), _theme(found[3]) or "light") if found else cls()

    def __str__(self) -> str:
        return f"{self.width}x{self.height}x{self.theme}"


@dataclass(frozen=True, slots=True)
class View:
    """What a call of the function is made of, less the time and the window."""

    params: Mapping[str, Any] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    """What the fields of the widget held when the call was made."""
    range: str = "3h"
    theme: Theme | None = None
    """None until the browser has said which it prefers."""
    zone: str = "local"
    refresh: int = 60
    """Seconds; 0 is never."""

    def at(self, params: Mapping[str, Any], forms: Mapping[str, str] | None = None) -> "View":
        """The view of other parameters under the same settings."""
        return replace(self, params=params, forms=forms or {})

    @property
    def query(self) -> str:
        """The view as the query of an address, as short as it can be: what is usual is left out."""
        return urlencode(list(self._told()))

    @property
    def address(self) -> str:
        """The view as a path on the console."""
        return f"/?{query}" if (query := self.query) else "/"

    @property
    def place(self) -> Iterable[tuple[str, str]]:
        """The part of the query that the settings have no part in."""
        plain = {name: value for name, value in self.params.items() if isinstance(value, str) and name not in _RESERVED}
        yield from plain.items()
        if rest := {name: value for name, value in self.params.items() if name not in plain}:
            yield "params", written(rest)
        if any(self.forms.values()):
            yield "forms", written(self.forms)

    def _told(self) -> Iterable[tuple[str, str]]:
        yield from self.place
        usual = View()
        for name in _SETTINGS:
            value = getattr(self, name)
            if value != getattr(usual, name):
                yield name, str(value)

    def event(self, now: datetime, window: Window, function: str) -> dict[str, Any]:
        """Return what CloudWatch would call *function* with. *now* is in the viewer's timezone."""
        context = {
            "dashboardName": "choreography-console",
            "widgetId": "widget-1",
            "accountId": function.split(":")[4] if function.startswith("arn:") else "",
            "locale": "en",
            "timezone": _timezone(now, self.zone),
            "period": 300,
            "isAutoPeriod": True,
            "timeRange": _time_range(self.range, now),
            "theme": self.theme or window.theme,
            "linkCharts": False,
            "title": "",
            "forms": {"all": dict(self.forms)},
            "params": {},
            "width": window.width,
            "height": window.height,
        }
        return {**self.params, "widgetContext": context}


def read(query: str, local: tzinfo = UTC) -> View:
    """Return the view that *query* tells of. Where it tells of times in fields, those are *local* ones, or UTC."""
    told = dict(parse_qsl(query, keep_blank_values=True))
    given = {name: value for name, value in told.items() if name not in _RESERVED}
    params = {**given, **_object(told, "params")}
    forms = {name: str(value) for name, value in _object(told, "forms").items()}
    usual = View()
    zone = _chosen(told, "zone", ZONES, usual.zone)
    span = told.get("range", usual.range)
    if span == OTHER:
        span = _between(told.get("from", ""), told.get("to", ""), local if zone == "local" else UTC)
    _ = moments(span) or duration(span)
    return View(
        params=params,
        forms=forms,
        range=span,
        theme=_theme(told.get("theme") or None),
        zone=zone,
        refresh=int(_chosen(told, "refresh", REFRESHES, str(usual.refresh))),
    )


def moments(span: str) -> tuple[datetime, datetime] | None:
    """Return the moments of a range such as `2026-11-27T08:00Z/2026-11-27T09:30Z`; None for one up to now."""
    if "/" not in span:
        return None
    try:
        start, end = (datetime.strptime(text, _MOMENT).replace(tzinfo=UTC) for text in span.split("/"))
    except ValueError as error:
        raise BadAddress(f"range={span}: write moments as 2026-11-27T08:00Z/2026-11-27T09:30Z") from error
    if not timedelta() < end - start <= _MONTHS_15:
        raise BadAddress(f"range={span}: it ends after it begins, and 65 weeks later at most")
    return start, end


def _between(start: str, end: str, zone: tzinfo) -> str:
    """Return the range between two times of a form's fields."""
    try:
        found = [datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC) for text in (start, end)]
    except (ValueError, OverflowError) as error:
        raise BadAddress("range=other: fill in from and to, both") from error
    return "/".join(_moment(moment) for moment in found)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}".rjust(17, "0")  # the year has four digits


def _time_range(span: str, now: datetime) -> dict[str, Any]:
    if found := moments(span):
        start, end = (int(moment.timestamp() * 1000) for moment in found)
        return {"mode": "absolute", "start": start, "end": end}
    end = int(now.timestamp() * 1000)
    length = int(duration(span).total_seconds() * 1000)
    return {"mode": "relative", "start": end - length, "end": end, "relativeStart": length}


def duration(span: str) -> timedelta:
    """Return how long a range such as `3h` is."""
    found = _RANGE.fullmatch(span)
    if found is None or (length := int(found[1]) * _UNITS[found[2]]) > _MONTHS_15:
        raise BadAddress(f"range={span}: say 90m, 3h, 1d or 4w, for example; 65w is the most")
    return length


def _theme(told: str | None) -> Theme | None:
    match told:
        case None | "light" | "dark":
            return told
        case _:
            raise BadAddress(f"theme={told}: say light or dark")


def _chosen(told: Mapping[str, str], name: str, choices: Mapping[str, str], usual: str) -> str:
    value = told.get(name, usual)
    if value not in choices:
        raise BadAddress(f"{name}={value}: say one of {', '.join(choices)}")
    return value


def _object(told: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        return json_object(told.get(name, "{}"))
    except ValueError as error:
        raise BadAddress(f"{name}={told[name]}: {error}; give a JSON object") from error


def _timezone(now: datetime, zone: str) -> dict[str, Any]:
    offset = now.utcoffset() if zone == "local" else None
    minutes = int(offset.total_seconds() // 60) if offset else 0
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return {
        "label": "Local" if zone == "local" else "UTC",
        "offsetISO": f"{sign}{hours:02}:{rest:02}",
        "offsetInMinutes": minutes,
    }
