"""The console's pages, from templates that escape all they are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

from choreography_insights.console.guard import Refusal
from choreography_insights.console.markup import ACTION, FORM, Markup
from choreography_insights.console.trouble import Trouble
from choreography_insights.console.view import OTHER, RANGES, REFRESHES, THEMES, ZONES, View, Window, duration, moments

TOKEN = "cwdb-token"  # noqa: S105 -- the name of a field
"""The field of the console's secret, in each of its forms."""
VIEW = "cwdb-view"
"""The field that says where one was."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_REFUSALS: Mapping[Refusal, tuple[str, str]] = {
    "host": ("This is not the console's address", "Open the address that 'choreography console' printed, as it is."),
    "stranger": (
        "The console does not know this browser",
        "Open the address that 'choreography console' printed. The token in it is new with each console. Or give it:",
    ),
    "site": ("Another site led here", "The console shows nothing at the bidding of others."),
    "origin": ("Another page sent this form", "Forms come from the console's own pages only."),
    "form": ("This form is of a console that has ended", "Go back, load the page again, and send it again."),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around the widget."""

    nonce: str
    function: str
    region: str
    form_token: str
    window_cookie: str
    now: datetime
    """When that is, in the viewer's timezone."""


def widget(
    frame: Frame,
    here: View,
    window: Window,
    shown: Markup | None,
    *,
    trouble: Trouble | None,
    status: int,
    is_view: bool,
    back: str | None,
) -> Response:
    """Show an answer of the function, or what came instead.

    With *is_view* the page is that of the view *here*, and refreshes itself; else the way *back* is on it.
    """
    settings = {
        "range": ("Time range", _ranges(here.range), here.range),
        "refresh": ("Refresh", REFRESHES, str(here.refresh)),
        "zone": ("Times in", ZONES, here.zone),
        "theme": ("Theme", {"": "system theme", **THEMES}, here.theme or ""),
    }
    return _html(
        "widget.html",
        status,
        frame=frame,
        nonce=frame.nonce,
        theme=here.theme or window.theme,
        own_theme=here.theme or "",
        title=_title(here),
        place=list(here.place),
        home=here.at({}).address,
        here=here,
        window=window,
        settings=settings,
        other=OTHER,
        times=_times(here, frame.now),
        shown=shown,
        trouble=trouble,
        is_view=is_view,
        back=back,
        names={"action": ACTION, "form": FORM, "token": TOKEN, "view": VIEW},
    )


def refused(refusal: Refusal, status: int, asked: Sequence[tuple[str, str]] = ()) -> Response:
    """Tell somebody who may not see anything what to do; *asked* is what the address says, for when they may."""
    title, remedy = _REFUSALS[refusal]
    onward = f"/?{urlencode(asked)}" if refusal == "site" else ""
    return _html(
        "message.html",
        status,
        nonce="",
        title=title,
        text=remedy,
        asks_token=refusal == "stranger",
        kept=asked,
        onward=onward,
        onward_text="Show this view",
    )


def message(nonce: str, status: int, title: str, text: str) -> Response:
    """Say why there is nothing to see."""
    return _html(
        "message.html", status, nonce=nonce, title=title, text=text, asks_token=False, kept=(), onward="/",
        onward_text="To the first page",
    )  # fmt: skip


def confirmation(nonce: str, question: str, fields: Sequence[tuple[str, str]], confirmed: str, back: str) -> Response:
    """Ask before something is done, where there is no JavaScript that would."""
    return _html(
        "confirmation.html", 200, nonce=nonce, title="Confirm", question=question, fields=fields, confirmed=confirmed,
        back=back,
    )  # fmt: skip


def _html(template: str, status: int, **values: object) -> Response:
    text = _TEMPLATES.get_template(template).render(**values)
    return Response(text, status=HTTPStatus(status), content_type="text/html; charset=utf-8")


def _title(here: View) -> str:
    words = [value for value in here.params.values() if isinstance(value, str) and value]
    return " · ".join([*words, "Choreography Insights"])


def _ranges(chosen: str) -> Mapping[str, str]:
    """Return the ranges on offer, and the one that is chosen."""
    if chosen in RANGES:
        return RANGES
    return {chosen: "between two times" if moments(chosen) else f"last {chosen}", **RANGES}


def _times(here: View, now: datetime) -> tuple[str, str]:
    """Return where the range begins and ends, as a field for times has it."""
    start, end = moments(here.range) or (now - duration(here.range), now)
    zone = now.tzinfo if here.zone == "local" else UTC
    return f"{start.astimezone(zone):%Y-%m-%dT%H:%M}", f"{end.astimezone(zone):%Y-%m-%dT%H:%M}"
