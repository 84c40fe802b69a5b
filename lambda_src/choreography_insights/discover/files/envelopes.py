"""From the rows of a log to envelopes, as EventBridge would have delivered them.

The activity is the ``detail-type``, and the case's id lies at ``$.detail.case``. So what is learned of the log is what
the events would be, if a service published them.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from choreography_insights.core.fields import is_field_name
from choreography_insights.discover.event_log import LONGEST_NAME, NOT_IN_NAMES
from choreography_insights.discover.files.lifecycle import counted
from choreography_insights.discover.files.moments import Clock, UncertainDatesError, clock_for
from choreography_insights.discover.files.row import Columns, Row, UnreadableLogError

CASE = "case"
"""The field of the detail that has the case's id."""

_SHOWN = 3


def envelopes(rows: Sequence[Row], source: str, columns: Columns, note: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return the events of a log as envelopes from *source*.

    *note* is told of what is left out, and of what was taken for granted. Raises `UnreadableLogError` if there is no
    row that can be used.
    """
    left_out = _Told(note, "left out    {}", "rows that lack something")
    try:
        clock = clock_for(((row.place, str(row.time)) for row in rows if row.time), columns.form, columns.zone)
    except UncertainDatesError as error:
        raise UnreadableLogError(str(error)) from error
    whole = [row for row in rows if not left_out.add(_lack(row))]
    renamed = _Told(note, "renamed     {}, since a bus carries no other names", "more")
    found = [
        _envelope(row, moment, source, renamed)
        for row in counted(whole, note, by_name_alone=columns.activity is not None)
        if (moment := _moment(row, clock, left_out)) is not None
    ]
    if not found:
        first = next(iter(left_out.shown), "")
        raise UnreadableLogError(f"no event in it can be used; {first}" if first else "there is no event in it")
    left_out.finish()
    renamed.finish()
    if clock.without_zone and columns.zone is None:
        note("time        has no zone, so it is taken as UTC; name another by --time-zone Europe/Berlin")
    return found


class _Told:
    """Counts what is to be said, once for each text, and says the first ones in full."""

    def __init__(self, note: Callable[[str], None], form: str, rest: str) -> None:
        self._note, self._form, self._rest = note, form, rest
        self.shown: dict[str, None] = {}
        self._more = 0

    def add(self, text: str) -> bool:
        """Count *text*, if there is some; return whether there is."""
        if text and text not in self.shown:
            if len(self.shown) < _SHOWN:
                self.shown[text] = None
            else:
                self._more += 1
        return bool(text)

    def finish(self) -> None:
        """Say what was counted."""
        for text in self.shown:
            self._note(self._form.format(text))
        if self._more:
            self._note(self._form.format(f"{self._more:,} {self._rest}"))


def _lack(row: Row) -> str:
    missing = [what for what in ("case", "activity", "time") if getattr(row, what) in (None, "")]
    if not (row.lacks or missing):
        return ""
    return f"{row.place}: {row.lacks or f'it has no {missing[0]}; each event needs a case, an activity and a time'}"


def _moment(row: Row, clock: Clock, left_out: _Told) -> datetime | None:
    try:
        return clock.read(str(row.time)) + timedelta(microseconds=row.later)
    except ValueError:
        form = f"is not as {clock.form!r} says" if clock.form else "is in no form that is known"
        left_out.add(f"{row.place}: its time {str(row.time)!r} {form}; name its form by --time-format '%d.%m.%Y %H:%M'")
        return None


def _name(activity: str) -> str:
    """Return *activity* as an event may be called."""
    if NOT_IN_NAMES.search(activity):
        activity = " ".join(NOT_IN_NAMES.sub(" ", activity).split())
    return activity.strip()[:LONGEST_NAME] or "-"


def _envelope(row: Row, moment: datetime, source: str, renamed: _Told) -> dict[str, Any]:
    activity = _name(str(row.activity))
    if activity != str(row.activity):
        renamed.add(f"{row.activity!r} to {activity!r}")
    time = moment.isoformat()
    told = json.dumps([row.place, str(row.case), str(row.activity), time])
    return {
        "id": hashlib.sha256(told.encode()).hexdigest()[:32],
        "detail-type": activity,
        "source": source,
        "time": time,
        "detail": {CASE: str(row.case), **{name: value for name, value in row.others.items() if is_field_name(name)}},
    }
