"""``choreography discover``: from files of events to a folder with a draft, and what is said of it."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

from choreography_insights.cli.command import unreadable
from choreography_insights.cli.gathering import Gathered, Gathering
from choreography_insights.core.fields import EventPath, epoch_seconds
from choreography_insights.diagnostics.problem import InvalidWorkflow
from choreography_insights.discover.discovery import USUAL_NOISE, Draft, NothingToLearnError, discover
from choreography_insights.discover.event_log import why_unusable
from choreography_insights.discover.files.envelopes import CASE
from choreography_insights.discover.files.row import Columns, UnreadableLogError
from choreography_insights.project.definitions import WORKFLOW, load_workflow
from choreography_insights.project.scaffold import SCHEMA
from choreography_insights.recordings.source import Connect
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, Replay
from choreography_insights.replay.envelopes import Say, UnusableEventError, event_of
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import Recording, garbage_left_lying, no_aws
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney, Summary
from choreography_insights.schema import FILE
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.words import many, number, share

_GROUPS_SHOWN, _ENTITIES_SHOWN, _LEFT_OUT_SHOWN = 8, 3, 8

NO_DRAFT = (UnreadableLogError, NothingToLearnError, OSError)
"""What `draft` raises if there can be none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says. *events*: where what was read is written, as envelopes."""

    files: Sequence[str]
    output: Path | None = None
    name: str | None = None
    entity: EventPath | None = None
    starts: Sequence[str] = ()
    noise: float | None = None
    columns: Columns = field(default_factory=Columns)
    source: str | None = None
    connect: Connect = no_aws
    events: Path | None = None


@garbage_left_lying()
def run(asked: Asked, *, out: TextIO, complain: Say) -> int:
    """Write the draft that *asked* asks for, and say in *out* what there is to it; return the exit code."""
    target = asked.output / WORKFLOW if asked.output else None
    if target is not None and target.exists():
        complain(f"{target}: this is there already; remove it, or name another folder by --output")
        return 1
    try:
        gathered = _gathered(asked, complain)
        found = _draft(gathered, asked)
    except NO_DRAFT as error:
        complain(why(error))
        return 1
    try:
        said = [*gathered.notes, *_said(found, gathered.envelopes, asked.noise)]
    except InvalidWorkflow as error:
        complain(f"{_files(asked)}: no choreography can be made of these events: {error}")
        return 1
    try:
        if asked.events is not None:
            _write_events(asked.events, gathered.envelopes)
            said.append(f"events      written to {asked.events}, for replay and report")
    except OSError as error:
        complain(unreadable(error))
        return 1
    if target is None:
        out.write(found.text)
        complain("\n".join(said))
        return 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(found.text, encoding="utf-8", newline="\n")
        (target.parent / SCHEMA).write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    except OSError as error:
        complain(unreadable(error))
        return 1
    out.write("\n".join([f"wrote {target}", *said]) + "\n")
    return 0


def _write_events(file: Path, envelopes: Iterable[Any]) -> None:
    """Write the events among *envelopes*, in order of time, as JSON lines."""
    events = sorted((one for one in envelopes if not why_unusable(one)), key=lambda one: epoch_seconds(one["time"]))
    with file.open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(f"{json.dumps(one, ensure_ascii=False)}\n" for one in events)


@garbage_left_lying()
def draft(asked: Asked, complain: Say) -> Draft:
    """Return the draft that *asked* asks for, or raise one of `NO_DRAFT`. *complain* is told of what is left out."""
    gathered = _gathered(asked, complain)
    for note in (*gathered.notes, *_of_the_unusable(gathered.envelopes)):
        complain(note)
    return _draft(gathered, asked)


def why(error: Exception) -> str:
    """Say why there is no draft."""
    return unreadable(error) if isinstance(error, OSError) else str(error)


def _gathered(asked: Asked, complain: Say) -> Gathered:
    return Gathering(asked.source or _name(asked), asked.columns, asked.connect, complain).of_all(asked.files)


def _draft(gathered: Gathered, asked: Asked) -> Draft:
    entity = asked.entity or (("detail", CASE) if gathered.has_cases else None)
    try:
        return discover(
            gathered.envelopes,
            _name(asked),
            SCHEMA,
            asked.noise,
            entity,
            asked.starts,
            are_cases=gathered.has_cases,
        )
    except NothingToLearnError as error:
        raise NothingToLearnError(f"{_files(asked)}: {error}") from error


def _files(asked: Asked) -> str:
    return ", ".join(Recording(name).name for name in asked.files)


def _name(asked: Asked) -> str:
    """Return the choreography's name: that which is given, or that of the folder, or of the file."""
    if asked.name is not None:
        return asked.name
    wanted = asked.output.resolve().name if asked.output else Path(asked.files[0]).name.partition(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("0123456789_-")[:48] or "draft"


# ---- what is said of a draft --------


def _said(draft: Draft, envelopes: Sequence[Any], noise: float | None) -> list[str]:
    return [
        *_of_the_unusable(envelopes),
        *_of_the_events(draft),
        *_of_the_fit(draft, noise),
        *_of_replay(draft, envelopes),
    ]


def _of_the_unusable(envelopes: Iterable[Any]) -> Iterator[str]:
    reasons = Counter(filter(None, map(why_unusable, envelopes)))
    for reason, times in reasons.most_common(_LEFT_OUT_SHOWN):
        yield f"unusable    {many(times, 'event')}: {reason}"
    if more := sum(reasons.values()) - sum(times for _, times in reasons.most_common(_LEFT_OUT_SHOWN)):
        yield f"unusable    {many(more, 'event')} for other reasons"


def _of_the_events(draft: Draft) -> Iterator[str]:
    journeys = draft.journeys
    over, running = len(journeys.over), len(journeys.running)
    yield f"{many(draft.log.events, 'event')}, {many(over, 'journey')}" + (
        f", and {number(running)} that may still go on" if running else ""
    )
    if draft.entities:
        best, *others = draft.entities[:_ENTITIES_SHOWN]
        also = "; also " + ", ".join(
            f"{one.text} ({one.bits:.2f} bits an event, not {best.bits:.2f})" for one in others
        )
        yield f"entity      {best.text}{also if others else ''}"
    following = [(one, other) for case in draft.log.cases.values() for one, other in pairwise(case)]
    at_once = sum(one.time == other.time for one, other in following)
    if 2 * at_once > len(following):
        yield (
            f"no order    {number(at_once)} of {many(len(following), 'event')} have the time of the one before, so "
            "their order is a guess"
        )
    without = sum(draft.log.without_id.values())
    if without:
        names = ", ".join(f"{name} ({number(times)})" for name, times in _most(draft.log.without_id))
        yield f"without id  {many(without, 'event')}: {names}"
    if running > over:
        yield (
            f"running     most journeys still go on: the draft is of the {number(over)} that are over, so what comes "
            "late, and stays that are long, may be missing; give events of a longer time"
        )
    if journeys.without_start:
        yield f"not begun   {many(journeys.without_start, 'case')} in which none of {', '.join(journeys.starts)} comes"


def _of_the_fit(draft: Draft, asked: float | None) -> Iterator[str]:
    measures = draft.measures
    yield (
        f"fit         {share(measures.fitting, 1)} of the journeys fit; fitness {measures.fitness:.2f}, precision "
        f"{measures.precision:.2f}, F {measures.f_score:.2f}"
    )
    yield f"size        {many(draft.states, 'state')}, {many(draft.transitions, 'transition')}"
    if asked is None and draft.noise != USUAL_NOISE:
        yield f"noise       {share(draft.noise, 1)}, which fits better than the usual {share(USUAL_NOISE, 1)}"
    if draft.left_out:
        names = ", ".join(f"{name} ({many(times, 'journey')})" for name, times in draft.left_out[:_LEFT_OUT_SHOWN])
        yield f"left out    {names}"


def _most(counts: Any) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_LEFT_OUT_SHOWN]


def _of_replay(draft: Draft, envelopes: Sequence[Any]) -> Iterator[str]:
    """Say what `replay` of the same events says of the draft."""
    workflow = load_workflow(draft.text, WORKFLOW)
    choreography, scopes = Automaton.of_recorded(workflow), Scopes.of(workflow)
    summary = Summary(choreography)
    groups: Counter[tuple[str, str]] = Counter()

    def tell(told: ReplayedJourney | Deviation) -> None:
        summary.add(told)
        if isinstance(told, Deviation):
            return
        for deviation in told.deviations[:1]:
            groups[deviation.event.name, scopes.met(deviation.states) or "-"] += 1

    replay = Replay(choreography, tell)
    for event in InOrder(math.inf)(_events(choreography, envelopes)):
        replay.take(event)
    replay.finish()
    yield (
        f"replay      {number(summary.complete)} of {many(summary.cases, 'case')} conform"
        + (f", {number(summary.running)} still run" if summary.running else "")
        + (f", {number(len(summary.never_begun))} never began" if summary.never_begun else "")
    )
    for (name, state), times in sorted(groups.items(), key=lambda one: (-one[1], one[0]))[:_GROUPS_SHOWN]:
        yield f"  {number(times):>8}  {name} in {state}"


def _events(choreography: Automaton, envelopes: Sequence[Any]) -> Iterator[Event]:
    for position, envelope in enumerate(envelopes):
        try:
            event = event_of(envelope, choreography, position)
        except UnusableEventError:
            continue
        if event is not None:
            yield event
