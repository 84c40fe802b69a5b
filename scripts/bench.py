#!/usr/bin/env python3
"""Measure what docs says in its page of figures, and print the tables as Markdown.

Usage:
    bench.py                 all but the end-to-end verdicts, which take twenty minutes
    bench.py NAME...         some of them
    bench.py --write NAME... and puts them into the page
    bench.py --pm4py PYTHON command-line
                             with a peer beside it, which has an environment of its own
"""

import argparse
import sys
from collections.abc import Callable, Mapping

from benchmarks import (
    bursts,
    calls,
    cold_start,
    command_line,
    cost,
    discovery,
    end_to_end,
    handler_time,
    large_definition,
    looking,
    metrics,
    peer,
    plans,
    random_verdicts,
    report,
    rows_read,
    spark,
    statistics,
    transitions,
    units,
    verdicts,
    zip_size,
)
from choreography_insights.runtime.log import logger
from devtools.places import ROOT
from documents.markdown import with_generated

PAGE = ROOT / "docs" / "operations-and-design" / "figures.md"
#: By the names of the page's generated parts.
TABLES: Mapping[str, Callable[[], str]] = {
    "verdicts": verdicts.measure,
    "random-verdicts": random_verdicts.measure,
    "verdicts-end-to-end": end_to_end.measure,
    "calls": calls.measure,
    "bursts": bursts.measure,
    "units": units.measure,
    "transitions": transitions.measure,
    "cost": cost.measure,
    "statistics": statistics.measure,
    "cost-beside-others": cost.beside_others,
    "cost-of-a-month": cost.month,
    "custom-metrics": metrics.measure,
    "rows": rows_read.measure,
    "cold-start": cold_start.measure,
    "handler-time": handler_time.measure,
    "zip": zip_size.measure,
    "plans": plans.measure,
    "language": large_definition.measure,
    "series": large_definition.measure_series,
    "command-line": command_line.measure,
    "spark": spark.measure,
    "discovery": discovery.measure,
    "report": report.measure,
    "looking": looking.measure,
}
#: Runs only when asked for.
_LONG = "verdicts-end-to-end"


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TABLES))
    parser.add_argument("--write", action="store_true", help="put the tables into the page, too")
    parser.add_argument("--pm4py", metavar="PYTHON", help="an environment's Python: `command-line` measures pm4py, too")
    arguments = parser.parse_args()
    peer.python = arguments.pm4py
    names = arguments.names or [name for name in TABLES if name != _LONG]
    if unknown := set(names) - set(TABLES):
        parser.error(f"nothing is named {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    logger.setLevel("CRITICAL")
    for name in names:
        table = TABLES[name]()
        print(f"{name}\n\n{table}\n", flush=True)
        if arguments.write:
            PAGE.write_text(with_generated(PAGE.read_text("utf-8"), {name: table.strip}), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
