"""What a schedule expression of EventBridge means.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_UNITS = {"minute": "minutes", "hour": "hours", "day": "days"}
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_LAST_YEAR = 2199


def rate(expression: str) -> timedelta:
    """Return how often ``rate(5 minutes)`` fires."""
    found = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", expression)
    if not found:
        raise ValueError(f"{expression!r} is no rate")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression: in UTC, days of the week count from 1, Sunday. ``L``, ``W`` and ``#`` are not understood."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    @classmethod
    def read(cls, expression: str) -> "Cron":
        """Return what *expression* says, or raise ValueError."""
        found = re.fullmatch(r"cron\((.+)\)", expression)
        fields = found[1].split() if found else []
        if len(fields) != 6:
            raise ValueError(f"{expression!r} is no cron expression of six fields")
        minutes, hours, days, months, weekdays, years = fields
        return cls(
            _values(minutes, 0, 59),
            _values(hours, 0, 23),
            _values(days, 1, 31),
            _values(months, 1, 12, _MONTHS),
            _values(weekdays, 1, 7, _DAYS),
            _values(years, 1970, _LAST_YEAR),
        )

    def after(self, moment: datetime) -> datetime | None:
        """Return the first time after *moment*; None if there is none within five years."""
        moment = moment.astimezone(UTC)
        for day in _days_from(moment.date(), 5 * 366):
            if not self._has(day):
                continue
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                    if found > moment:
                        return found
        return None

    def _has(self, day: date) -> bool:
        weekday = day.isoweekday() % 7 + 1
        return day.year in self.years and day.month in self.months and day.day in self.days and weekday in self.weekdays


def _days_from(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range(count))


def _values(field: str, first: int, last: int, names: dict[str, int] | None = None) -> frozenset[int]:
    return frozenset(value for part in field.split(",") for value in _part(part, first, last, names or {}))


def _part(part: str, first: int, last: int, names: dict[str, int]) -> range:
    span, _, step = part.partition("/")
    if span in {"*", "?"}:
        begin, end = first, last
    else:
        low, _, high = span.partition("-")
        begin = _number(low, names)
        end = _number(high, names) if high else (last if step else begin)
    if not first <= begin <= end <= last:
        raise ValueError(f"{part!r} is not within {first} and {last}")
    return range(begin, end + 1, _number(step, {}) if step else 1)


def _number(text: str, names: dict[str, int]) -> int:
    if text.upper() in names:
        return names[text.upper()]
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not understood")
    return int(text)
