"""From lines of recorded events to those that a choreography hears of."""

from collections.abc import Callable, Iterable, Iterator

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.envelopes import UnusableEventError, event_of
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import recorded
from choreography_insights.replay.summary import Summary

Say = Callable[[str], None]

_UNUSABLE_SHOWN = 10


def usable(choreography: Automaton, lines: Iterable[str], summary: Summary, complain: Say) -> Iterator[Event]:
    """Yield the events in *lines* that the choreography hears of; *summary* counts the others.

    *complain* is told of the first of those that cannot be used.
    """
    for position, (line, envelope) in enumerate(recorded(lines)):
        try:
            event = event_of(envelope, choreography, position)
        except UnusableEventError as error:
            summary.unusable += 1
            if summary.unusable <= _UNUSABLE_SHOWN:
                complain(f"line {line}: event {position + 1} is left out: {error}")
            continue
        if event is None:
            summary.unheard += 1
        else:
            yield event
