"""Random choreographies and journeys, disturbed in every way, in the AWS in memory: do they end as replay says.

The runs are those of tests/journeys. Two processes at most share them.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from choreography_insights.runtime.log import logger
from documents.markdown import figures
from journeys.running import TROUBLES, Sum, run_one

JOURNEYS = 10_000
SEED = 2026
_PROCESSES = 2
_TOGETHER = 25
_SAID_EVERY_SECONDS = 5.0


def measure() -> str:
    """Ten thousand journeys."""
    return counts(verdicts(JOURNEYS, SEED))


def verdicts(journeys: int, seed: int) -> Sum:
    """Runs until there were so many *journeys*, their seeds from *seed* on; progress is said on standard error."""
    total, began, said = Sum(), time.monotonic(), 0.0
    with ProcessPoolExecutor(_PROCESSES, initializer=_be_quiet) as pool:
        for found in _in_turn(pool, seed):
            total.add(found)
            now = time.monotonic()
            if now - said > _SAID_EVERY_SECONDS or total.journeys >= journeys:
                said = now
                rate = total.journeys / (now - began)
                print(f"{total.journeys:,} journeys, {total.wrong} wrong, {rate:.0f} a second", file=sys.stderr)
            if total.journeys >= journeys:
                break
        pool.shutdown(cancel_futures=True)
    return total


def _in_turn(pool: ProcessPoolExecutor, seed: int) -> Iterator[Sum]:
    """The sums of runs of successive seeds, in this order, whichever process is done first."""
    ahead = [pool.submit(_runs, seed + at * _TOGETHER) for at in range(2 * _PROCESSES)]
    following = seed + len(ahead) * _TOGETHER
    while True:
        yield ahead.pop(0).result()
        ahead.append(pool.submit(_runs, following))
        following += _TOGETHER


def _be_quiet() -> None:
    logger.setLevel("CRITICAL")


def _runs(first: int) -> Sum:
    found = Sum()
    for seed in range(first, first + _TOGETHER):
        found.add(run_one(seed))
    return found


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
