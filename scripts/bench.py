#!/usr/bin/env python3
"""Measure what docs/figures.md says, and print its tables as Markdown.

Usage:
    bench.py                 all but the end-to-end verdicts, which take twenty minutes
    bench.py NAME...         some of them
    bench.py --write NAME... and puts them into docs/figures.md
"""

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence

from benchmarks import (
    calls,
    cold_start,
    command_line,
    cost,
    end_to_end,
    handler_time,
    large_definition,
    page,
    plans,
    random_verdicts,
    rows_read,
    transitions,
    units,
    verdicts,
    zip_size,
)
from benchmarks.sheet import Sheet
from choreography_insights.runtime.log import logger

PARTS: Mapping[str, Callable[[], Sheet | Sequence[Sheet]]] = {
    "verdicts": verdicts.measure,
    "random-verdicts": random_verdicts.measure,
    "verdicts-end-to-end": end_to_end.measure,
    "calls": calls.measure,
    "units": units.measure,
    "transitions": transitions.measure,
    "cost": cost.measure,
    "rows": rows_read.measure,
    "cold-start": cold_start.measure,
    "handler-time": handler_time.measure,
    "zip": zip_size.measure,
    "plans": plans.measure,
    "language": large_definition.measure,
    "command-line": command_line.measure,
}
#: Runs only when asked for.
_LONG = "verdicts-end-to-end"


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--write", action="store_true", help="put the tables into docs/figures.md, too")
    arguments = parser.parse_args()
    names = arguments.names or [name for name in PARTS if name != _LONG]
    if unknown := set(names) - set(PARTS):
        parser.error(f"nothing is named {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    logger.setLevel("CRITICAL")
    for name in names:
        measured = PARTS[name]()
        printed: dict[str, str] = {}
        for sheet in [measured] if isinstance(measured, Sheet) else measured:
            printed[sheet.title] = sheet.markdown(shlex.join(["python", "scripts/bench.py", name]))
            print(printed[sheet.title], end="\n\n", flush=True)
        if arguments.write:
            page.PAGE.write_text(page.renewed(page.PAGE.read_text("utf-8"), printed), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
