"""Bringing events into order of time, and leaving out what was delivered twice."""

from collections.abc import Iterable, Iterator

from choreography_insights.replay.event import Event


class DisorderError(Exception):
    """An event is older than what has been passed on already; the message says which, and by how much."""


class InOrder:
    """Passes events on in order of time, holding back those of the last *window* seconds (all, if that is infinite).

    EventBridge delivers at least once: of several events with the same id the first is passed on, the others are
    counted in *repeated*.
    """

    def __init__(self, window: float) -> None:
        self.window, self.repeated = window, 0

    def __call__(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield *events* in order; raise `DisorderError` if one comes too late for that."""
        held: dict[str, Event] = {}
        newest = passed = float("-inf")
        enough = 1
        for event in events:
            if event.id in held:
                self.repeated += 1
                continue
            if event.time < passed:
                raise DisorderError(
                    f"event {event.id!r} is {newest - event.time:g} s older than one before it, and only disorder of "
                    f"up to {self.window:g} s (the grace period) is put in order as events come; sort the file by "
                    "time, or add --sort, which holds all events in memory"
                )
            held[event.id] = event
            newest = max(newest, event.time)
            if len(held) >= enough and newest - self.window > passed:
                passed = newest - self.window
                yield from self._pass_on(held, passed)
                enough = 2 * len(held) + 1
        yield from sorted(held.values(), key=_age)

    def _pass_on(self, held: dict[str, Event], until: float) -> list[Event]:
        """Take out of *held* what is older than *until*. Sorting what is nearly sorted costs little."""
        ready = sorted((event for event in held.values() if event.time < until), key=_age)
        for event in ready:
            del held[event.id]
        return ready


def _age(event: Event) -> tuple[float, int]:
    return event.time, event.position
