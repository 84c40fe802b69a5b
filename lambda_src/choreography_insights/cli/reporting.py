"""``choreography report``: from a file of events to a page about journeys."""

from datetime import tzinfo
from pathlib import Path
from typing import TextIO

from choreography_insights.analysis.alignments import Alignments
from choreography_insights.analysis.conformance import Conformance, Recorded
from choreography_insights.analysis.repairs import Repairs
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
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.report.gathering import Gathering
from choreography_insights.report.mending import Mending
from choreography_insights.report.page import page
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.words import Clock

_MOST_PLACES = 20


def run(
    definition: Path,
    events: str,
    output: Path | None,
    *,
    zone: tzinfo,
    sort: bool,
    out: TextIO,
    complain: Say,
    deviating_first: bool = False,
    conformance: bool = False,
) -> int:
    """Write the report about the file *events* (``-``: standard input) to *output* or *out*; return the exit code."""
    try:
        with failures_in_words(definition, events):
            text = report(
                definition,
                events,
                zone=zone,
                sort=sort,
                complain=complain,
                deviating_first=deviating_first,
                conformance=conformance,
            )
            if output is None:
                out.write(text)
            else:
                output.write_text(text, encoding="utf-8", newline="\n")
    except NothingReplayedError as error:
        complain(str(error))
        return NOTHING_REPLAYED
    return 0


def report(
    definition: Path,
    events: str,
    *,
    zone: tzinfo,
    sort: bool,
    complain: Say,
    deviating_first: bool = False,
    conformance: bool = False,
) -> str:
    """Return the report's text; now is when the last of the events happened."""
    written = Written.of(definition)
    workflow = written.workflow
    choreography = Automaton.of_recorded(workflow)
    gathering = Gathering(workflow, choreography, zone)
    recorded, found = Recorded(), Conformance(choreography, Scopes.of(workflow))

    def tell(told: ReplayedJourney | Deviation) -> None:
        gathering.tell(told)
        if conformance:
            found.take(told)

    def happens(event: Event) -> None:
        gathering.happens(event)
        if conformance:
            recorded.take(event)

    let_happen(
        Replay(choreography, tell, StoriedJourney.begun),
        events,
        gathering.summary,
        happens,
        sort=sort,
        complain=complain,
    )
    refuse_nothing(gathering.summary, events)
    gathered = gathering.gathered(deviating_first=deviating_first)
    mending = None
    if conformance:
        suggested = Repairs(written.text, workflow, recorded, found).suggested(_MOST_PLACES)
        alignments = Alignments(recorded, found, Scopes.of(workflow)) if recorded.stand_alone else None
        mending = Mending(found, suggested, written.text, str(written.file), alignments)
    period = gathered.known.period
    return page(gathered, Clock(period.end if period else 0.0, zone), mending)
