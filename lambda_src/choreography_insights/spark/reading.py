"""One file of events, read by one task: its events, and what there is to say of the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from choreography_insights.core.fields import is_own
from choreography_insights.project.definitions import load_workflow
from choreography_insights.recordings.sources import sources
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.envelopes import heard
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import Reading, Recording, UnreadableError, is_one_file
from choreography_insights.replay.journey_log import Tally

_MOST_EVENTS = 1 << 36
"""More events than a file has: their positions are apart by so much."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition's text and where it is from: what it is made into does not travel between processes."""

    text: str
    file: str

    @property
    def choreography(self) -> Automaton:
        """What replays by it."""
        return _choreography(self.text, self.file)


@lru_cache(1)
def _choreography(text: str, file: str) -> Automaton:
    return Automaton.of_recorded(load_workflow(text, file))


@dataclass(slots=True)
class FileRead:
    """What there is to say of a file, *number* in the order of names: how much was left out, and of some of it, why.

    *last*: when the last of its events happened. *has_own_ids*: some may come again at any time. *error*: why it could
    not be read to its end.
    """

    number: int
    tally: Tally = field(default_factory=Tally)
    said: list[str] = field(default_factory=list)
    last: float = float("-inf")
    has_own_ids: bool = False
    strangers: list[str] = field(default_factory=list)
    error: str | None = None


def files_of(recording: Recording) -> Sequence[Recording]:
    """Return each file of *recording* by itself, in the order in which one process reads them."""
    if is_one_file(recording.where):
        return [recording]
    return [
        Recording(recording.where, recording.connect, source.name)
        for source in sources(recording.where, recording.connect)
    ]


def read(definition: Definition, number: int, file: Recording) -> Iterator[Event | FileRead]:
    """Yield the events of the *file*, then what there is to say of it."""
    found = FileRead(number)
    reading = Reading(file, found.said.append)
    try:
        for event in heard(definition.choreography, reading, found.tally, found.said.append, reading.place):
            event.position += number * _MOST_EVENTS
            found.last = max(found.last, event.time)
            found.has_own_ids = found.has_own_ids or is_own(event.id)
            yield event
    except UnreadableError as error:
        found.error = str(error)
    except UnicodeDecodeError as error:
        found.error = f"not UTF-8 ({error.reason} at byte {error.start}); convert it"
    except OSError as error:
        found.error = f"{error.strerror}; make it readable, or name another path"
    found.strangers = reading.strangers
    yield found
