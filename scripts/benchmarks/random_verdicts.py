"""Random choreographies and journeys, disturbed in every way, in the AWS in memory: do they end as replay says.

The runs are those of tests/journeys. Two processes at most share them.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count

from choreography_insights.runtime.log import logger
from documents.markdown import figures
from journeys.running import TROUBLES, Sum, run_one

JOURNEYS = 10_000
SEED = 2026
_PROCESSES = 2
_TOGETHER, _ROUND = 25, 100


def measure() -> str:
    """Ten thousand journeys."""
    return counts(verdicts(JOURNEYS, SEED))


def verdicts(journeys: int, seed: int) -> Sum:
    """Runs until there were so many *journeys*, their seeds from *seed* on; progress is said on standard error."""
    total, began = Sum(), time.monotonic()
    with ProcessPoolExecutor(_PROCESSES, initializer=_be_quiet) as pool:
        for first in count(seed, _ROUND):
            for found in pool.map(run_one, range(first, first + _ROUND), chunksize=_TOGETHER):
                total.add(found)
            rate = total.journeys / (time.monotonic() - began)
            print(f"{total.journeys:,} journeys, {total.wrong} wrong, {rate:.0f} a second", file=sys.stderr)
            if total.journeys >= journeys:
                break
    return total


def _be_quiet() -> None:
    logger.setLevel("CRITICAL")


def counts(total: Sum) -> str:
    """What was met, and how often."""
    rows = [
        ("journeys that ended as replay says", f"{total.journeys - total.wrong:,}"),
        ("journeys that did not", f"{total.wrong:,}"),
        ("runs, each of a definition of its own", f"{total.runs:,}"),
        ("events", f"{total.events:,}"),
        *_counted("gone wrong", Counter({name: total.met[name] for name in TROUBLES})),
        *_counted("met", total.forms),
    ]
    return "\n\n".join([figures(("", "times"), rows), *total.stories])


def _counted(what: str, counts: Counter[str]) -> Iterator[tuple[str, str]]:
    yield from ((f"{what}: {name}", f"{count:,}") for name, count in sorted(counts.items()))
