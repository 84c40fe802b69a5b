"""``choreography replay --against``, ``--split``: what differs between two definitions, or two periods."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from choreography_insights.analysis import comparison
from choreography_insights.analysis.comparison import Comparison, Definitions, Fates, Periods
from choreography_insights.cli.replaying import (
    NOTHING_REPLAYED,
    NothingReplayedError,
    failures_in_words,
    let_happen,
    refuse_nothing,
)
from choreography_insights.project import definitions
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.envelopes import Say
from choreography_insights.replay.event_files import STANDARD_INPUT, Recording
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney, Summary
from choreography_insights.replay.storied_journey import StoriedJourney

Sides = Definitions | Periods
"""What takes what a replay tells, and compares it."""

NOTHING_WORSE, SOMETHING_WORSE = 0, 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared: with the definition *against*, or what began before the moment *split* with what did since."""

    definition: Path
    events: Recording
    form: str
    sort: bool
    most: int = 10
    against: Path | None = None
    split: float | None = None


def run(asked: Asked, *, out: TextIO, complain: Say) -> int:
    """Write what differs to *out*; return the exit code."""
    try:
        found = _compared(asked, complain)
    except NothingReplayedError as error:
        complain(str(error))
        return NOTHING_REPLAYED
    if asked.form == "json":
        lines = iter(
            [json.dumps({"comparison": comparison.document(found)}, ensure_ascii=False, separators=(",", ":"))]
        )
    else:
        lines = (comparison.markdown if asked.form == "markdown" else comparison.lines)(found, asked.most)
    out.writelines(f"{line}\n" for line in lines)
    return SOMETHING_WORSE if found.is_worse else NOTHING_WORSE


def _compared(asked: Asked, complain: Say) -> Comparison:
    sides: Sides = (
        Periods(asked.split or 0.0)
        if asked.against is None
        else with_definition(asked.against, asked.definition, asked.events, sort=asked.sort)
    )

    def tell(told: ReplayedJourney | Deviation) -> None:
        sides.take(told)

    _replay(asked.definition, asked.events, tell, sort=asked.sort, complain=complain)
    return sides.comparison()


def with_definition(old: Path, new: Path, events: Recording, *, sort: bool) -> Definitions:
    """Replay *events* by the definition *old*, and return what compares that with the one in *new*."""
    if events.where == STANDARD_INPUT:
        raise NothingReplayedError("standard input can be read once only; to compare definitions, name a file")
    before = Fates()
    _replay(old, events, before.take, sort=sort, complain=lambda _: None)
    return Definitions(before, (str(old), str(new)))


def _replay(
    definition: Path,
    events: Recording,
    tell: Callable[[ReplayedJourney | Deviation], None],
    *,
    sort: bool,
    complain: Say,
) -> None:
    with failures_in_words(definition, events):
        choreography = Automaton.of_recorded(definitions.load(definition))
        summary = Summary(choreography)
        replay = Replay(choreography, tell, StoriedJourney.begun)
        let_happen(replay, events, summary, sort=sort, complain=complain)
    refuse_nothing(summary, events)
