"""``choreography replay --variants``, ``--times``, ``--conformance``: what many journeys say together."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, TextIO

from choreography_insights.analysis import repairs
from choreography_insights.analysis.alignments import Alignments
from choreography_insights.analysis.conformance import Conformance, Recorded
from choreography_insights.analysis.repairs import Repairs, Suggested
from choreography_insights.analysis.times import Times
from choreography_insights.analysis.variants import Variants
from choreography_insights.cli.replaying import (
    ALL_CONFORM,
    NOTHING_REPLAYED,
    SOMETHING_DEVIATES,
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
from choreography_insights.replay.journey_log import Summary
from choreography_insights.replay.report import Case, Consequences, Told, json_sum, percent, totals
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.trace.scopes import Scopes


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. *most*: so many rows of each."""

    definition: Path
    events: Recording
    form: str
    sort: bool
    zone: tzinfo
    most: int = 10
    variants: bool = False
    deviating_first: bool = False
    times: bool = False
    conformance: bool = False
    suggest: bool = False
    alignments: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """One analysis: what takes what a replay tells, and what it comes to. *happens* hears of each event before."""

    name: str
    take: Callable[[Told], None]
    lines: Callable[[], Iterable[str]]
    document: Callable[[], dict[str, Any]]
    happens: Callable[[Event], None] | None = None


def run(asked: Asked, *, out: TextIO, complain: Say) -> int:
    """Replay the events and write what is asked for to *out*; return the exit code."""
    try:
        with failures_in_words(asked.definition, asked.events):
            summary, parts = _analysed(asked, complain)
            refuse_nothing(summary, asked.events)
            lines = _documents(parts, summary) if asked.form == "json" else _tables(parts, summary, asked)
            out.writelines(f"{line}\n" for line in lines)
    except NothingReplayedError as error:
        complain(str(error))
        return NOTHING_REPLAYED
    return ALL_CONFORM if summary.all_conform else SOMETHING_DEVIATES


def _analysed(asked: Asked, complain: Say) -> tuple[Summary, list[_Part]]:
    written = Written.of(asked.definition)
    choreography = Automaton.of_recorded(written.workflow)
    summary = Summary(choreography)
    parts = [*_parts(asked, choreography, written)]
    hearing = [part.happens for part in parts if part.happens]
    cases = Consequences(_forget, summary.follows)

    def tell(told: Told) -> None:
        summary.add(told)
        cases.take(told)
        for part in parts:
            part.take(told)

    def happens(event: Event) -> None:
        for hears in hearing:
            hears(event)

    replay = Replay(choreography, tell, StoriedJourney.begun)
    let_happen(replay, asked.events, summary, sort=asked.sort, complain=complain, happens=happens)
    return summary, parts


def _parts(asked: Asked, choreography: Automaton, written: Written) -> Iterator[_Part]:
    if asked.variants:
        ways = Variants()
        yield _Part(
            "variants",
            _of_journeys(ways.take),
            lambda: ways.lines(asked.most, deviating_first=asked.deviating_first),
            lambda: ways.document(asked.most, deviating_first=asked.deviating_first),
        )
    if asked.times:
        times = Times(choreography, asked.zone)
        yield _Part(
            "times", _of_journeys(times.take), lambda: times.lines(asked.most), lambda: times.document(asked.most)
        )
    if asked.conformance or asked.suggest:
        yield _conformance(asked, choreography, written)
    if asked.alignments:
        yield _alignments(asked, choreography, written)


def _of_journeys(take: Callable[[StoriedJourney], None]) -> Callable[[Told], None]:
    def take_journeys(told: Told) -> None:
        if isinstance(told, StoriedJourney):
            take(told)

    return take_journeys


def _conformance(asked: Asked, choreography: Automaton, written: Written) -> _Part:
    recorded, found = Recorded(), Conformance(choreography, Scopes.of(written.workflow))

    def suggested() -> list[Suggested]:
        return Repairs(written.text, written.workflow, recorded, found).suggested(asked.most)

    def lines() -> Iterator[str]:
        places = suggested()
        if asked.suggest:
            yield from _best(places, written)
        else:
            yield from repairs.lines(found, places)

    return _Part(
        "conformance",
        found.take,
        lines,
        lambda: repairs.document(found, suggested(), written.text, str(written.file)),
        recorded.take,
    )


def _alignments(asked: Asked, choreography: Automaton, written: Written) -> _Part:
    scopes = Scopes.of(written.workflow)
    recorded, found = Recorded(choreography.early), Conformance(choreography, scopes)

    def made() -> Alignments:
        return Alignments(recorded, found, scopes)

    return _Part(
        "alignments",
        found.take,
        lambda: made().lines(asked.most),
        lambda: made().document(asked.most),
        recorded.take,
    )


def _best(places: Iterable[Suggested], written: Written) -> Iterator[str]:
    """Yield the suggestion after which most fit, as what `patch` applies; it passes over what is said before."""
    found = [one for *_, one in places if one is not None]
    if not found:
        yield "# no single change lets more entities fit"
        return
    best = max(found, key=lambda one: one.after.share)
    before, after = best.before, best.after
    yield f"# {best.words}: {percent(before.share)} of all entities fit now, then {percent(after.share)}"
    yield best.diff(written.text, str(written.file)).removesuffix("\n")


def _forget(_: Case) -> None:
    """Journeys one by one are not told here."""


def _tables(parts: list[_Part], summary: Summary, asked: Asked) -> Iterator[str]:
    for part in parts:
        yield from part.lines()
        if not asked.suggest:
            yield ""
    if not asked.suggest:
        yield from totals(summary)


def _documents(parts: list[_Part], summary: Summary) -> Iterator[str]:
    for part in parts:
        yield json.dumps({part.name: part.document()}, ensure_ascii=False, separators=(",", ":"))
    yield from json_sum(summary)
