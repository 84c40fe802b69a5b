"""``choreography report``: from a file of events to a page about journeys."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TextIO

from choreography_insights.analysis.alignments import Alignments
from choreography_insights.analysis.comparison import Periods
from choreography_insights.analysis.conformance import Conformance, Recorded
from choreography_insights.analysis.repairs import Repairs
from choreography_insights.cli.comparing import Sides, with_definition
from choreography_insights.cli.replaying import (
    NOTHING_REPLAYED,
    NothingReplayedError,
    Written,
    failures_in_words,
    let_happen,
    refuse_nothing,
)
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.envelopes import Say
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import Recording
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.report.gathering import Gathering
from choreography_insights.report.mending import Mending
from choreography_insights.report.page import page
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.words import Clock

_MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report is of. *against*, *split*: what it is compared with: a definition, or what began before then."""

    definition: Path
    events: Recording
    output: Path | None = None
    zone: tzinfo = UTC
    sort: bool = False
    deviating_first: bool = False
    conformance: bool = False
    against: Path | None = None
    split: float | None = None


def run(asked: Asked, *, out: TextIO, complain: Say) -> int:
    """Write the report about the events to a file or *out*; return the exit code."""
    try:
        with failures_in_words(asked.definition, asked.events):
            text = report(asked, complain)
            if asked.output is None:
                out.write(text)
            else:
                asked.output.write_text(text, encoding="utf-8", newline="\n")
    except NothingReplayedError as error:
        complain(str(error))
        return NOTHING_REPLAYED
    return 0


def report(asked: Asked, complain: Say) -> str:
    """Return the report's text; now is when the last of the events happened."""
    written = Written.of(asked.definition)
    workflow = written.workflow
    choreography = Automaton.of_recorded(workflow)
    sides = _sides(asked)
    gathering = Gathering(workflow, choreography, asked.zone)
    recorded, found = Recorded(choreography.early), Conformance(choreography, Scopes.of(workflow))

    def tell(told: ReplayedJourney | Deviation) -> None:
        gathering.tell(told)
        if sides is not None and sides.take(told) and isinstance(told, ReplayedJourney):
            gathering.single_out(told)
        if asked.conformance:
            found.take(told)

    def happens(event: Event) -> None:
        gathering.happens(event)
        if asked.conformance:
            recorded.take(event)

    let_happen(
        Replay(choreography, tell, StoriedJourney.begun),
        asked.events,
        gathering.summary,
        sort=asked.sort,
        complain=complain,
        happens=happens,
    )
    refuse_nothing(gathering.summary, asked.events)
    gathered = gathering.gathered(deviating_first=asked.deviating_first)
    mending = None
    if asked.conformance:
        suggested = Repairs(written.text, workflow, recorded, found).suggested(_MOST_PLACES)
        alignments = Alignments(recorded, found, Scopes.of(workflow))
        mending = Mending(found, suggested, written.text, str(written.file), alignments)
    period = gathered.known.period
    clock = Clock(period.end if period else 0.0, asked.zone)
    return page(gathered, clock, mending, None if sides is None else sides.comparison())


def _sides(asked: Asked) -> Sides | None:
    if asked.against is not None:
        return with_definition(asked.against, asked.definition, asked.events, sort=asked.sort)
    return None if asked.split is None else Periods(asked.split)
