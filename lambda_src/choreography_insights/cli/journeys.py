"""``choreography journeys``."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from choreography_insights.cli.command import Command, complain, say
from choreography_insights.cli.looking import NOT_DONE, PERMISSIONS, declare_looks, looked

if TYPE_CHECKING:
    from choreography_insights.insights.reading import Reading
    from choreography_insights.views.known import ChoreographyKnown, JourneyRow, Period, StateKnown
    from choreography_insights.views.words import Clock

_DAY = 86_400
_HEADS = (
    *("choreography", "running", "started", "succeeded", "failed", "timed out", "stopped", "deviations", "late"),
    "oldest wait",
)

_DESCRIPTION = f"""\
Says where journeys are: of all deployed choreographies how many run, began and ended in the last days, how many are
late, and where somebody waits longest. Of one choreography, who waits longest, and whose events moved nothing lately.

Late is who waits longer than 95 % of those before.

{PERMISSIONS}
exit codes: 0 it is said, 2 it could not be
"""

_EXAMPLES = """\
examples:
  choreography journeys --prefix shop   all choreographies, in numbers
  choreography journeys order --prefix shop
                                        the orders that wait longest, and those that departed lately
  choreography journeys order --prefix shop --state WaitForConfirmation --late
  choreography journeys --prefix shop --days 30 --format json
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("choreography", nargs="?", metavar="CHOREOGRAPHY", help="whose journeys (default: all, summed)")
    parser.add_argument("--state", metavar="STATE", help="only those that wait in this state, the longest first")
    parser.add_argument("--late", action="store_true", help="only those that are late")
    parser.add_argument("--days", type=_days, default=7, metavar="N", help="how far to look back (default: 7)")
    declare_looks(parser)


def _days(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= 1_000:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no number of days; give one from 1 to 1000")


def _run(options: Namespace) -> int:
    if options.choreography is None and (options.state or options.late):
        complain("--state and --late are about one choreography; name it: choreography journeys CHOREOGRAPHY --late")
        return NOT_DONE
    return looked(options, partial(_look, options))


def _look(options: Namespace, reading: "Reading") -> int:
    from choreography_insights.views.known import Period

    period = Period(reading.clock.now - options.days * _DAY, reading.clock.now)
    if options.choreography is None:
        return _say_sums(options, reading, period)
    known = {one.name for one in reading.choreographies()}
    if options.choreography not in known:
        there = f"there are {', '.join(sorted(known))}" if known else "there is none; deploy modules/choreography"
        complain(f"{options.prefix}: no choreography {options.choreography!r} is deployed here; {there}")
        return NOT_DONE
    if options.state:
        rows = reading.waiting(options.choreography, options.state, period)
    else:
        rows = reading.journeys(options.choreography, period)
    _say_rows(options, [row for row in rows if row.late or not options.late], reading.clock)
    return 0


# ---- all choreographies --------


def _say_sums(options: Namespace, reading: "Reading", period: "Period") -> int:
    from choreography_insights.views.words import aligned

    found = reading.overview(period)
    if options.format == "json":
        say(_line("choreography", _sum(one, reading.clock)) for one in found)
    elif found:
        heads = (
            "choreography",
            "running",
            "started",
            "succeeded",
            "failed",
            "timed out",
            "stopped",
            "deviations",
            "late",
        )
        rows = [(*heads, "oldest wait"), *(_sum_row(one, reading.clock) for one in found)]
        say(aligned(rows, numbers=range(1, len(heads))))
    else:
        say(
            [
                "There is no choreography yet.",
                "Write one (choreography init), generate it, deploy it with modules/choreography, and look again.",
            ]
        )
    return 0


def _sum_row(known: "ChoreographyKnown", clock: "Clock") -> tuple[str, ...]:
    from choreography_insights.views.known import ENDS
    from choreography_insights.views.words import at_least, brief, number

    oldest = known.oldest
    waits = f"{oldest.name} {brief(clock.now - oldest.oldest)}" if oldest and oldest.oldest is not None else "-"
    return (
        known.name,
        at_least(known.running, uncounted=known.uncounted),
        number(known.started),
        *(number(known.ended(status)) for status in ENDS),
        number(known.deviations),
        number(known.late),
        waits,
    )


def _sum(known: "ChoreographyKnown", clock: "Clock") -> dict[str, Any]:
    from choreography_insights.views.known import ENDS

    slowest = known.slowest
    return {
        "name": known.name,
        "running": known.running,
        "moreRun": known.uncounted,
        "started": known.started,
        "outcomes": {status: known.ended(status) for status in ENDS},
        "deviations": known.deviations,
        "late": known.late,
        "overdue": known.overdue,
        "oldest": _oldest(known.oldest, clock),
        "slowest": None if slowest is None else {"state": slowest.name, "medianSeconds": slowest.spent.median},
        "states": {
            state.name: {"waiting": state.waiting, "moreWait": state.uncounted, "late": state.late}
            for state in known.states.values()
            if state.waiting
        },
    }


def _oldest(state: "StateKnown | None", clock: "Clock") -> dict[str, str] | None:
    if state is None or state.oldest is None:
        return None
    return {"state": state.name, "since": clock.iso(state.oldest)}


# ---- one choreography --------


def _say_rows(options: Namespace, rows: Sequence["JourneyRow"], clock: "Clock") -> None:
    from choreography_insights.views.words import aligned

    if options.format == "json":
        say(_line("journey", row_document(row, clock)) for row in rows)
    elif rows:
        heads = ("entity", "outcome", "state", "began", "for", "deviations", "")
        say(aligned([heads, *_rows(rows, clock)], numbers=(5,)))
    else:
        what = "late" if options.late else "there"
        where = f" in {options.state}" if options.state else ""
        say(
            [
                f"No journey of {options.choreography} is {what}{where}.",
                f"One that has ended is found by its entity's id: choreography show ENTITY --prefix {options.prefix}",
            ]
        )


def _rows(rows: Sequence["JourneyRow"], clock: "Clock") -> Iterator[tuple[str, ...]]:
    from choreography_insights.views.words import STATUS_WORDS, brief, number, visible

    for row in rows:
        took = (clock.now if row.ended is None else row.ended) - row.started
        yield (
            visible(row.entity),
            STATUS_WORDS[row.status],
            visible(row.state) or "-",
            clock.moment(row.started),
            brief(took),
            number(row.deviations),
            "late" if row.late else "",
        )


def row_document(row: "JourneyRow", clock: "Clock") -> dict[str, Any]:
    """Return a journey of a list as JSON has it."""
    return {
        "entityId": row.entity,
        "status": row.status,
        "state": row.state or None,
        "startedAt": clock.iso(row.started),
        "endedAt": None if row.ended is None else clock.iso(row.ended),
        "deviations": row.deviations,
        "late": row.late,
    }


def _line(what: str, content: dict[str, Any]) -> str:
    return json.dumps({what: content}, ensure_ascii=False, separators=(",", ":"))


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
