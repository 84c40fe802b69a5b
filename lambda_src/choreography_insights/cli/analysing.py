"""``choreography replay --variants``, ``--times``, ``--conformance``: what many journeys say together."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, TextIO, cast

from choreography_insights.analysis.times import Times
from choreography_insights.analysis.variants import Variants
from choreography_insights.cli.replaying import (
    ALL_CONFORM,
    NOTHING_REPLAYED,
    SOMETHING_DEVIATES,
    NothingReplayedError,
    failures_in_words,
    let_happen,
    refuse_nothing,
)
from choreography_insights.project import definitions
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.consequences import Case, Consequences
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.envelopes import Say
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney, Summary
from choreography_insights.replay.report import json_sum, totals
from choreography_insights.replay.storied_journey import StoriedJourney


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. *most*: so many rows of each."""

    definition: Path
    events: str
    form: str
    sort: bool
    zone: tzinfo
    most: int = 10
    variants: bool = False
    deviating_first: bool = False
    times: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """One analysis: what takes the journeys, and what it comes to."""

    name: str
    take: Callable[[StoriedJourney], None]
    lines: Callable[[], Iterator[str]]
    document: Callable[[], dict[str, Any]]


def run(asked: Asked, *, out: TextIO, complain: Say) -> int:
    """Replay the events and write what is asked for to *out*; return the exit code."""
    try:
        with failures_in_words(asked.definition, asked.events):
            summary, parts = _analysed(asked, complain)
            refuse_nothing(summary, asked.events)
            lines = _documents(parts, summary) if asked.form == "json" else _tables(parts, summary)
            out.writelines(f"{line}\n" for line in lines)
    except NothingReplayedError as error:
        complain(str(error))
        return NOTHING_REPLAYED
    return ALL_CONFORM if summary.all_conform else SOMETHING_DEVIATES


def _analysed(asked: Asked, complain: Say) -> tuple[Summary, list[_Part]]:
    choreography = Automaton.of_recorded(definitions.load(asked.definition))
    summary = Summary(choreography)
    parts = [*_parts(asked, choreography)]
    cases = Consequences(_forget, summary.follows)

    def tell(told: ReplayedJourney | Deviation) -> None:
        summary.add(told)
        cases.take(told)
        if isinstance(told, ReplayedJourney):
            for part in parts:
                part.take(cast("StoriedJourney", told))

    def happens(_: Event) -> None:
        summary.events += 1

    replay = Replay(choreography, tell, StoriedJourney.begun)
    let_happen(replay, asked.events, summary, happens, sort=asked.sort, complain=complain)
    return summary, parts


def _parts(asked: Asked, choreography: Automaton) -> Iterator[_Part]:
    if asked.variants:
        ways = Variants()
        yield _Part(
            "variants",
            ways.take,
            lambda: ways.lines(asked.most, deviating_first=asked.deviating_first),
            lambda: ways.document(asked.most, deviating_first=asked.deviating_first),
        )
    if asked.times:
        times = Times(choreography, asked.zone)
        yield _Part("times", times.take, lambda: times.lines(asked.most), lambda: times.document(asked.most))


def _forget(_: Case) -> None:
    """Journeys one by one are not told here."""


def _tables(parts: list[_Part], summary: Summary) -> Iterator[str]:
    for part in parts:
        yield from part.lines()
        yield ""
    yield from totals(summary)


def _documents(parts: list[_Part], summary: Summary) -> Iterator[str]:
    for part in parts:
        yield json.dumps({part.name: part.document()}, ensure_ascii=False, separators=(",", ":"))
    yield from json_sum(summary)
