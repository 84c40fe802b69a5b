"""Moments as logs have them written: which form it is, all of a log's moments say together."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_EPOCHS = {9: 1, 10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
"""How many units of a second since 1970 a number of so many digits counts: those of all days from 2001 to 2286."""

_EPOCH = re.compile(r"(\d+)(?:[.,](\d*))?")
_TIME = (
    r"(?:[T ,:]+(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?"
)
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"
_FORMS = tuple(
    re.compile(date + _TIME, re.IGNORECASE)
    for date in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<one>\d{1,2})(?P<between>[-/.])(?P<other>\d{1,2})(?P=between)(?P<year>\d{4})",
        _WEEKDAY + r"(?P<day>\d{1,2})[-/. ]+(?P<name>[a-z]{3,9})\.?[-/ ,]+(?P<year>\d{4})",
        _WEEKDAY + r"(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})",
    )
)
_RUN_TOGETHER = re.compile(r"(?:19|20)\d{12}(?:\d{3})?")
_ZONE_BY_NAME = re.compile(r"\[[\w/+-]+\]$")
"""What Java writes behind an offset: ``+01:00[Europe/Berlin]``."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS_OR_MONTHS = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})\2\d{4}(?!\d)")


class UncertainDatesError(Exception):
    """The dates of a log can be read in two ways; the message says where, and what to name."""


@dataclass(slots=True)
class Clock:
    """Reads moments. *form*: how they are written, for `datetime.strptime`, if that is said.

    *zone*: where what says none belongs. *day_first*: whether ``01/10/2025`` is in October. *without_zone*: how many
    moments that were read say no zone.
    """

    form: str | None = None
    zone: tzinfo = UTC
    day_first: bool = True
    without_zone: int = 0

    def read(self, text: str) -> datetime:
        """Return the moment in *text*. Raises `ValueError` if there is none."""
        moment = datetime.strptime(text, self.form) if self.form else self._found(text.strip())  # noqa: DTZ007
        if moment.tzinfo is None:
            self.without_zone += 1
            moment = moment.replace(tzinfo=self.zone)
        try:
            moment.astimezone(UTC)
        except OverflowError:
            raise ValueError("it is no moment") from None
        return moment

    def _found(self, text: str) -> datetime:
        # A number comes first: ISO 8601 takes any character between date and time, a digit too.
        if (number := _EPOCH.fullmatch(text)) and len(number[1]) in _EPOCHS:
            whole, rest = divmod(int(number[1]), _EPOCHS[len(number[1])])
            part = rest / _EPOCHS[len(number[1])] or float(f"0.{number[2] or 0}")
            return datetime.fromtimestamp(whole, UTC) + timedelta(seconds=part)
        if _RUN_TOGETHER.fullmatch(text):
            return datetime.strptime(f"{text:0<20}", "%Y%m%d%H%M%S%f")  # noqa: DTZ007 - it says no zone
        text = _ZONE_BY_NAME.sub("", text)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return self._written(text)

    def _written(self, text: str) -> datetime:
        found = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
        if found is None:
            raise ValueError("it is no moment")
        part = {name: value or "" for name, value in found.groupdict().items()}
        if "one" in part:
            day, month = (part["one"], part["other"]) if self.day_first else (part["other"], part["one"])
        else:
            day, month = part["day"], part.get("month") or str(_MONTHS.index(part["name"][:3].lower()) + 1)
        hour = int(part["hour"] or 0)
        if half := part["half"].lower():
            if not 1 <= hour <= 12:
                raise ValueError("it is no hour of half a day")
            hour = hour % 12 + 12 * (half == "p")
        return datetime(
            int(part["year"]),
            int(month),
            int(day),
            hour,
            int(part["minute"] or 0),
            int(part["second"] or 0),
            int(f"{part['fraction']:0<6}"[:6]),
            tzinfo=_zone(part["zone"]),
        )


def clock_for(moments: Iterable[tuple[str, str]], form: str | None, zone: tzinfo | None) -> Clock:
    """Return what reads *moments*, each with its place. *form*, *zone*: if they are said.

    Which of two numbers is the day, those over 12 decide; with dots between them it is the first, unless they say
    otherwise. Raises `UncertainDatesError` if nothing tells, or if they contradict one another.
    """
    clock = Clock(form, zone or UTC)
    if form:
        return clock
    open_between: tuple[str, str] | None = None
    day_first: tuple[str, str] | None = None
    month_first: tuple[str, str] | None = None
    for place, text in moments:
        found = _DAYS_OR_MONTHS.match(text)
        if not found:
            continue
        one, other = int(found[1]), int(found[3])
        if one > 12:
            day_first = day_first or (place, text)
        elif other > 12:
            month_first = month_first or (place, text)
        elif one != other and found[2] != ".":
            open_between = open_between or (place, text)
    if day_first and month_first:
        raise UncertainDatesError(
            f"the time at {day_first[0]}, {day_first[1]!r}, has the day first, and that at {month_first[0]}, "
            f"{month_first[1]!r}, the month; name the form of all by --time-format, such as '%d/%m/%Y %H:%M'"
        )
    if open_between and not (day_first or month_first):
        between = open_between[1].strip().lstrip("0123456789")[0]
        forms = (between.join(form) for form in (("%d", "%m", "%Y"), ("%m", "%d", "%Y")))
        raise UncertainDatesError(
            f"{open_between[0]}: its time is {open_between[1]!r}, and no date in the log tells the day from the month; "
            f"name the whole form by --time-format: '{next(forms)} %H:%M' or '{next(forms)} %H:%M', with what follows"
        )
    clock.day_first = month_first is None
    return clock


def _zone(text: str) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC  # as it says
    hours, minutes = int(text[1:3]), int(text[3:].strip(":") or 0)
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
