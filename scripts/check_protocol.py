#!/usr/bin/env python3
"""Check the correlation protocol by its model (tests/protocol/README.md).

Usage:
    check_protocol.py                   every scenario, with all that the protocol does
    check_protocol.py --each            the protocol less one fix at a time: each is needed
    check_protocol.py --without FIX NAME...
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from protocol.fixes import ALL, FIXES, Fixes
from protocol.scenarios import SCENARIOS
from protocol.search import Search, Verdict


class Job(NamedTuple):
    """Scenarios to look at one after the other, to the first in which something is wrong if *to_first*."""

    tag: str
    scenarios: tuple[str, ...]
    fixes: Fixes
    limit: int
    to_first: bool


class Done(NamedTuple):
    """What was found in one scenario, and in how many seconds."""

    tag: str
    scenario: str
    verdict: Verdict
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is found; return 0 if it is what should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", action="store_true", help="leave out one fix at a time: each is needed")
    parser.add_argument("--without", action="append", default=[], choices=FIXES, help="leave out this fix")
    parser.add_argument("--limit", type=int, default=12_000_000, help="states of a scenario (default: %(default)s)")
    parser.add_argument("--outcomes", action="store_true", help="count the final states of each kind")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: %(default)s)")
    parser.add_argument("scenario", nargs="*", help="those that are known to go wrong run only when named")
    options = parser.parse_args(arguments)
    if unknown := set(options.scenario) - set(SCENARIOS):
        parser.error(f"no scenario is named {', '.join(sorted(unknown))}")
    fixes = ALL - set(options.without)
    names = options.scenario or [name for name, one in SCENARIOS.items() if not one.known_bad]
    if options.each:
        jobs = [Job(f"-{fix}", _likeliest(fix, names), fixes - {fix}, options.limit, to_first=True) for fix in FIXES]
    else:
        jobs = [Job("", (name,), fixes, options.limit, to_first=False) for name in names]
    return _report(_run(jobs, options.workers), each=options.each, outcomes=options.outcomes)


def _likeliest(fix: str, names: Sequence[str]) -> tuple[str, ...]:
    first = FIXES[fix].shown_by
    return (first, *(name for name in names if name != first)) if first in names else tuple(names)


def _run(jobs: Sequence[Job], workers: int) -> Iterator[list[Done]]:
    if workers == 1:
        yield from map(run, jobs)
        return
    with multiprocessing.Pool(workers, maxtasksperchild=1) as pool:
        yield from pool.imap(run, jobs, chunksize=1)


def run(job: Job) -> list[Done]:
    """Look at the scenarios of one job."""
    found = []
    for name in job.scenarios:
        began = time.monotonic()
        verdict = Search(SCENARIOS[name], job.fixes).run(job.limit)
        found.append(Done(job.tag, name, verdict, time.monotonic() - began))
        if job.to_first and verdict.wrong:
            break
    return found


def _tell(one: Done, *, outcomes: bool) -> None:
    verdict = one.verdict
    said = verdict.wrong or ("limit reached" if verdict.cut_off else "ok")
    print(f"{one.tag:11} {one.scenario:17} {verdict.states:10,} states {one.seconds:6.1f} s  {said}", flush=True)
    for label in verdict.trace:
        print(f"      {label}", flush=True)
    for (ends, reported), count in sorted(verdict.outcomes.items(), key=str) if outcomes else ():
        print(f"      {count:8} final states {ends}, reported {reported:b}", flush=True)


def _report(found: Iterable[list[Done]], *, each: bool, outcomes: bool) -> int:
    states = wrong = cut_off = jobs = 0
    for job in found:
        jobs += 1
        wrong += any(one.verdict.wrong for one in job)
        for one in job:
            states += one.verdict.states
            cut_off += one.verdict.cut_off
            if not each or one.verdict.wrong or one.verdict.cut_off:
                _tell(one, outcomes=outcomes)
        if each and not any(one.verdict.wrong for one in job):
            print(f"{job[0].tag:11} is not needed in any of {len(job)} scenarios", flush=True)
    print(f"{jobs} runs, {states:,} states, {wrong} with a violation, {cut_off} cut off")
    return int(cut_off > 0 or wrong != (jobs if each else 0))


if __name__ == "__main__":
    sys.exit(main())
