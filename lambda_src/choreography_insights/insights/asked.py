"""What a call of the widget asks for: its parameters, and what CloudWatch says of the dashboard, as a value.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
Whatever is missing or is not as promised is taken as usual: a widget that shows something helps more than one that
complains.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any, Literal, cast, get_args

from choreography_insights.insights.actions import SEARCHED
from choreography_insights.views.known import Period
from choreography_insights.views.links import Painting

ViewName = Literal["overview", "map", "state", "journey", "journeys", "deviations", "find"]
VIEWS: tuple[ViewName, ...] = get_args(ViewName)

_USUAL_SECONDS = 3 * 3_600.0
"""So long is the range of time of a dashboard on which nobody has chosen one."""
_USUAL_WIDTH = 1_200
_LAST = 250_000_000_000_000
"""The last moment that has a date of four digits in any zone, in milliseconds, nearly."""
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_WIDGET = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. *view* may be anything: it is for whoever dispatches to refuse.

    *widget*: the widget's id, which tells it from others on the same page. *width*: its inside, in pixels.
    """

    view: str
    choreography: str
    state: str
    journey: str
    painting: Painting
    entity: str
    period: Period
    zone: tzinfo
    theme: Literal["light", "dark"]
    width: int
    widget: str


def read(event: Mapping[str, Any], now: float) -> Asked:
    """Return what *event* asks for at the time *now*."""
    context = _mapping(event.get("widgetContext"))
    painting = event.get("painting")
    return Asked(
        view=_text(event.get("view")) or "overview",
        choreography=_text(event.get("choreography")),
        state=_text(event.get("state")),
        journey=_text(event.get("journey")),
        painting=cast("Painting", painting) if painting in get_args(Painting) else "waiting",
        entity=_text(_mapping(_mapping(context.get("forms")).get("all")).get(SEARCHED)),
        period=_period(_mapping(context.get("timeRange")), now),
        zone=_zone(_mapping(context.get("timezone")).get("offsetISO")),
        theme="dark" if context.get("theme") == "dark" else "light",
        width=_width(context.get("width")),
        widget=_widget(context.get("widgetId")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """Return what may be written without quotes in a dashboard's source, a number, as the text that it is meant as.

    Half of a surrogate pair, which JSON may hold, can be neither asked for nor answered: it is a question mark.
    """
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return "" if isinstance(value, bool) or _number(value) is None else str(value)


def _number(value: Any) -> float | None:
    """Return a number that can be a moment or a length."""
    return value if isinstance(value, int | float) and 0 <= value <= _LAST else None


def _period(told: Mapping[str, Any], now: float) -> Period:
    """Return the part of the graphs that is looked at more closely, if there is one, else the dashboard's range."""
    for found in (_mapping(told.get("zoom")), told):
        start, end = _number(found.get("start")), _number(found.get("end"))
        if start is not None and end is not None and start < end:
            return Period(start / 1_000, end / 1_000)
    return Period(now - _USUAL_SECONDS, now)


def _zone(offset: Any) -> tzinfo:
    found = _OFFSET.fullmatch(offset) if isinstance(offset, str) else None
    if found is None:
        return UTC
    length = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if not length or length >= timedelta(days=1):
        return UTC
    return timezone(-length if found[1] == "-" else length)


def _width(value: Any) -> int:
    return int(found) if (found := _number(value)) else _USUAL_WIDTH


def _widget(value: Any) -> str:
    return value if isinstance(value, str) and _WIDGET.fullmatch(value) else "widget"
