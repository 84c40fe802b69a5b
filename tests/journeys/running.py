"""Many runs, one after the other: what was met in all of them, and which came out wrong."""

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from journeys.cases import Result, case, judge
from journeys.disturbances import FAULT_KINDS
from journeys.report import told
from journeys.shrinking import shrunk


@dataclass
class Sum:
    """What came of many runs. *wrong*: journeys that did not end as replay says, told one by one."""

    runs: int = 0
    journeys: int = 0
    events: int = 0
    wrong: int = 0
    stories: list[str] = field(default_factory=list)
    forms: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Sum") -> None:
        """Count *other* in."""
        self.runs += other.runs
        self.journeys += other.journeys
        self.events += other.events
        self.wrong += other.wrong
        self.stories += other.stories
        self.forms += other.forms
        self.met += other.met


def run_one(seed: int, *, shrink: bool = True) -> Sum:
    """The run of one seed. What comes out wrong is told; with *shrink*, made as small as can be."""
    drawn = case(seed)
    found = Sum(runs=1, events=len(drawn.deliveries))
    try:
        result = judge(drawn)
    except Exception:  # noqa: BLE001 - whatever breaks here is told with the seed it broke at
        found.wrong, found.stories = 1, [f"seed {seed}:\n{traceback.format_exc()}"]
        return found
    found.journeys, found.forms, found.met = result.journeys, result.forms, result.met
    if not result.is_right:
        found.wrong = max(1, len(result.wrong))
        found.stories = [story(result, shrink=shrink)]
    return found


def story(result: Result, *, shrink: bool) -> str:
    """What went wrong, in the smallest run in which it does."""
    return told(shrunk(result) if shrink else result)


def run(first: int, journeys: int, *, shrink: bool = True, said: Callable[[Sum], None] = lambda _: None) -> Sum:
    """Runs of the seeds from *first* on, until there were so many journeys; *said* is told how far it is."""
    total, seed = Sum(), first
    while total.journeys < journeys:
        total.add(run_one(seed, shrink=shrink))
        said(total)
        seed += 1
    return total


#: What must have gone wrong in a thousand journeys, by its name.
TROUBLES = (
    *FAULT_KINDS,
    "wait stored late",
    "wait stored, and Step Functions not told",
    "abandoned write landed",
    "answer refused, given too soon",
    "stream record repeated",
    "word of an end lost",
    "word of an end late",
    "word of an end sent twice",
    "event overtaken",
    "event again at once",
    "event again later",
    "event again much later",
    "batch",
    "interleaved",
)
