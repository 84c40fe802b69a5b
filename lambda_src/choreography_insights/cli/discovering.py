"""``choreography discover``: from files of events to a folder with a draft, and what is said of it."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BufferedReader, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from choreography_insights.cli.command import unreadable
from choreography_insights.core.fields import EventPath
from choreography_insights.discover.discovery import USUAL_NOISE, Draft, NothingToLearnError, discover
from choreography_insights.discover.log_files import (
    CASE,
    Columns,
    UnreadableLogError,
    csv_events,
    ocel_events,
    read_ocel,
    xes_events,
)
from choreography_insights.project.definitions import WORKFLOW, load_workflow
from choreography_insights.project.scaffold import SCHEMA
from choreography_insights.recordings.packing import ENDINGS
from choreography_insights.recordings.source import Connect, NotReadError
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, Replay
from choreography_insights.replay.envelopes import Say, UnusableEventError, event_of
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import (
    STANDARD_INPUT,
    Reading,
    Recording,
    UnreadableError,
    is_one_file,
    no_aws,
    plain,
    recorded,
)
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney, Summary
from choreography_insights.schema import FILE
from choreography_insights.views.words import many, number, share

_GROUPS_SHOWN, _ENTITIES_SHOWN, _LEFT_OUT_SHOWN = 8, 3, 8

NO_DRAFT = (UnreadableError, UnreadableLogError, NothingToLearnError, UnicodeDecodeError, OSError)
"""What `draft` raises if there can be none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    files: Sequence[str]
    output: Path | None = None
    name: str | None = None
    entity: EventPath | None = None
    starts: Sequence[str] = ()
    noise: float | None = None
    columns: Columns = field(default_factory=Columns)
    source: str | None = None
    connect: Connect = no_aws


class Recorded(NamedTuple):
    """What is to be events. *has_cases*: they are those of a log, with the case's id where `log_files` puts it."""

    envelopes: Sequence[Any]
    has_cases: bool


def run(asked: Asked, *, out: TextIO, complain: Say) -> int:
    """Write the draft that *asked* asks for, and say in *out* what there is to it; return the exit code."""
    target = asked.output / WORKFLOW if asked.output else None
    if target is not None and target.exists():
        complain(f"{target}: this is there already; remove it, or name another folder by --output")
        return 1
    try:
        recording = _recorded(asked, complain)
        found = _draft(recording, asked)
    except NO_DRAFT as error:
        complain(why(error))
        return 1
    said = _said(found, recording.envelopes, asked.noise)
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


def draft(asked: Asked, complain: Say) -> Draft:
    """Return the draft that *asked* asks for, or raise one of `NO_DRAFT`."""
    return _draft(_recorded(asked, complain), asked)


def why(error: Exception) -> str:
    """Say why there is no draft."""
    match error:
        case UnicodeDecodeError():
            return f"not UTF-8 ({error.reason} at byte {error.start}); convert it"
        case OSError():
            return unreadable(error)
        case _:
            return str(error)


def _recorded(asked: Asked, complain: Say) -> Recorded:
    return read(asked.files, asked.source or _name(asked), asked.columns, asked.connect, complain)


def _draft(recorded: Recorded, asked: Asked) -> Draft:
    entity = asked.entity or (("detail", CASE) if recorded.has_cases else None)
    return discover(
        recorded.envelopes,
        _name(asked),
        SCHEMA,
        asked.noise,
        entity,
        asked.starts,
        are_cases=recorded.has_cases,
    )


def _name(asked: Asked) -> str:
    """Return the choreography's name: that which is given, or that of the folder, or of the file."""
    if asked.name is not None:
        return asked.name
    wanted = asked.output.resolve().name if asked.output else Path(asked.files[0]).name.partition(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("0123456789_-")[:48] or "draft"


def read(files: Iterable[str], source: str, columns: Columns, connect: Connect, complain: Say) -> Recorded:
    """Return all events in *files*, of whatever kind each is. *source*: of events that are no envelopes.

    *complain* is told of files in a folder that hold no events.
    """
    found = [_read(Recording(name, connect), source, columns, complain) for name in files]
    return Recorded([one for each in found for one in each.envelopes], all(each.has_cases for each in found))


def _read(recording: Recording, source: str, columns: Columns, complain: Say) -> Recorded:
    kind = _kind(recording.where)
    if recording.where == STANDARD_INPUT or kind not in _LOGS or not is_one_file(recording.where):
        try:
            return Recorded([envelope for _, envelope in Reading(recording, complain)], has_cases=False)
        except UnreadableError as error:
            raise UnreadableLogError(f"{recording.name}: {error}") from error
    try:
        with Path(recording.where).open("rb") as file, plain(file, recording.where) as content:
            return _log(content, kind, source, columns)
    except (UnreadableError, UnreadableLogError, NotReadError) as error:
        raise UnreadableLogError(f"{recording.name}: {error}") from error


_LOGS = (".xes", ".csv", ".tsv", ".json", ".jsonocel")
"""What the names of logs of process mining end in; JSON may be such a log, or events."""


def _kind(name: str) -> str:
    """Return what *name* ends in, but for what says how it is packed."""
    kinds = [suffix.lower() for suffix in Path(name).suffixes]
    return next((kind for kind in reversed(kinds) if kind not in ENDINGS), "")


def _log(file: BufferedReader, kind: str, source: str, columns: Columns) -> Recorded:
    if kind == ".xes":
        return Recorded(list(xes_events(file, source, columns)), has_cases=True)
    is_csv = kind in (".csv", ".tsv")
    with TextIOWrapper(file, encoding="utf-8-sig", newline="" if is_csv else None) as text:
        if is_csv:
            return Recorded(list(csv_events(text, source, columns)), has_cases=True)
        whole = text.read()
    log = read_ocel(whole)
    if log is None:
        return Recorded([envelope for _, envelope in recorded(StringIO(whole))], has_cases=False)
    return Recorded(list(ocel_events(log, source, columns)), has_cases=True)


# ---- what is said of a draft --------


def _said(draft: Draft, envelopes: Sequence[Any], noise: float | None) -> list[str]:
    return [*_of_the_events(draft), *_of_the_fit(draft, noise), *_of_replay(draft, envelopes)]


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
    without = sum(draft.log.without_id.values())
    if without:
        names = ", ".join(f"{name} ({number(times)})" for name, times in _most(draft.log.without_id))
        yield f"without id  {many(without, 'event')}: {names}"
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
    choreography = Automaton.of_recorded(load_workflow(draft.text, WORKFLOW))
    summary = Summary(choreography)
    groups: Counter[tuple[str, str]] = Counter()

    def tell(told: ReplayedJourney | Deviation) -> None:
        summary.add(told)
        if isinstance(told, Deviation):
            return
        for deviation in told.deviations[:1]:
            state = ", ".join(name for name, _ in deviation.states) or "-"
            groups[deviation.event.name, state] += 1

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
