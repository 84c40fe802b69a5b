"""``choreography replay``: from a file of events to lines about journeys; how they are read is for others, too."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from choreography_insights.diagnostics.problem import InvalidWorkflow
from choreography_insights.model.workflow import Workflow
from choreography_insights.project import definitions
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import DisorderError, InOrder, Replay
from choreography_insights.replay.envelopes import Say, heard
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import (
    STANDARD_INPUT,
    Reading,
    Recording,
    UnreadableError,
    garbage_left_lying,
)
from choreography_insights.replay.journey import EndlessError
from choreography_insights.replay.journey_log import Summary
from choreography_insights.replay.report import Consequences, Form, Told

ALL_CONFORM, SOMETHING_DEVIATES, NOTHING_REPLAYED = 0, 1, 2

_PROGRESS_SECONDS, _PROGRESS_EVENTS = 5.0, 1_000


class NothingReplayedError(Exception):
    """Events could not be replayed; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """A definition with its text, to the letter."""

    file: Path
    text: str
    workflow: Workflow

    @classmethod
    def of(cls, definition: Path) -> "Written":
        """Load it from the file *definition*, or that in the folder."""
        workflow = definitions.load(definition)
        file = definition / definitions.WORKFLOW if definition.is_dir() else definition
        return cls(file, file.read_bytes().decode("utf-8"), workflow)


def run(
    definition: Path, events: Recording, *, form: str, sort: bool, out: TextIO, complain: Say, workers: int = 1
) -> int:
    """Replay *events* and write to *out*; return the exit code."""
    try:
        with failures_in_words(definition, events):
            workflow = definitions.load(definition)
            summary = Summary(Automaton.of_recorded(workflow))
            written = Form.of(form, summary.choreography)
            write = _writing(written, out)
            if workers > 1 and not (why := _one_is_enough(summary.choreography, events)):
                from choreography_insights.cli.sharing import replay_together
                from choreography_insights.cli.worker import Work

                work, look = Work(workflow, form, sort, workers), Progress(complain).look
                replay_together(work, events, summary, written.case, write, complain, look)
            else:
                if workers > 1:
                    complain(f"one worker replays all: {why}")
                cases = Consequences(lambda case: write(written.case(case)), summary.follows)
                _replay_alone(cases, events, summary, sort=sort, complain=complain)
                cases.finish()
            out.writelines(f"{line}\n" for line in written.sum(summary))
        refuse_nothing(summary, events)
    except NothingReplayedError as error:
        complain(str(error))
        return NOTHING_REPLAYED
    return ALL_CONFORM if summary.all_conform else SOMETHING_DEVIATES


def _writing(form: Form, out: TextIO) -> Callable[[Iterable[str]], None]:
    """Return what writes lines about journeys to *out*, and before the first the head of the *form*."""
    head = list(form.head)

    def write(lines: Iterable[str]) -> None:
        out.write("\n".join((*head, *lines, "")))
        head.clear()

    return write


def _one_is_enough(choreography: Automaton, events: Recording) -> str:
    """Return why entities cannot be shared out, if they cannot."""
    if choreography.has_names and events.where == STANDARD_INPUT:
        return (
            "entities have other names (also), so events are read twice, and standard input is read once only; name a "
            "file, a folder, or s3://BUCKET/PREFIX"
        )
    return ""


def _replay_alone(cases: Consequences, events: Recording, summary: Summary, *, sort: bool, complain: Say) -> None:
    def tell(told: Told) -> None:
        summary.add(told)
        cases.take(told)

    let_happen(Replay(summary.choreography, tell), events, summary, sort=sort, complain=complain)


@contextmanager
def failures_in_words(definition: Path, events: Recording) -> Iterator[None]:
    """Turn what may be wrong with the *definition* or the *events* into `NothingReplayedError`."""
    try:
        yield
    except (InvalidWorkflow, definitions.NoDefinitionError) as error:
        raise NothingReplayedError(str(error)) from error
    except EndlessError as error:
        raise NothingReplayedError(f"{definition}: {error}") from error
    except (UnreadableError, DisorderError) as error:
        raise NothingReplayedError(f"{events.name}: {error}") from error
    except UnicodeDecodeError as error:
        raise NothingReplayedError(
            f"{events.name}: not UTF-8 ({error.reason} at byte {error.start}); convert it"
        ) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NothingReplayedError(
            f"{error.filename}: {error.strerror}; make it readable, or name another path"
        ) from error


def refuse_nothing(summary: Summary, events: Recording) -> None:
    """Raise `NothingReplayedError` if there was no event to replay."""
    if not summary.events and not summary.unusable:
        raise NothingReplayedError(
            f"{events.name}: no event in it is one that the choreography hears of; nothing was replayed"
        )


def let_happen(
    replay: Replay,
    events: Recording,
    summary: Summary,
    *,
    sort: bool,
    complain: Say,
    happens: Callable[[Event], None] | None = None,
) -> None:
    """Let the recorded events happen in *replay*; *summary* counts them, and what is left out.

    *happens* hears of each before.
    """
    progress = Progress(complain)
    choreography = summary.choreography
    in_order = InOrder(math.inf if sort else choreography.early)
    reading = Reading(events, complain)
    with garbage_left_lying():
        for event in in_order(heard(choreography, reading, summary, complain, reading.place)):
            if happens is not None:
                happens(event)
            summary.events += 1
            replay.take(event)
            if not summary.events % _PROGRESS_EVENTS:
                progress.look(summary.events, replay.begun, replay.open)
        replay.finish()
    summary.repeated += in_order.repeated + replay.repeated


class Progress:
    """Says now and then how far a long replay has come."""

    def __init__(self, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._began = self._said = clock()

    def look(self, events: int, begun: int, open_now: int) -> None:
        """Say, if it is time to, how many events were taken, journeys begun, and entities are open."""
        now = self._clock()
        if now - self._said < _PROGRESS_SECONDS:
            return
        self._said = now
        self._say(
            f"{events:,} events, {begun:,} journeys, {open_now:,} entities open, {events / (now - self._began):,.0f} "
            "events/s"
        )
