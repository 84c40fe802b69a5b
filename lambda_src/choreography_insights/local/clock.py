"""The clock of the embedded AWS: the machine's, and as far ahead of it as somebody has turned it.

Everything of the embedded AWS that tells the time or waits for it goes by this clock: delays, visibility and retention
of messages, schedules, the waits, timeouts and retries of executions, and the functions' own ``time.time``.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

# How long a turn waits for what is being done.
PATIENCE_SECONDS = 20.0


class Clock:
    """A clock that can be turned forward, never back."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._rest = threading.Condition()
        self._at_work = 0
        self._turning = threading.Lock()
        self._waiting: dict[object, Alarm] = {}
        self._listeners: list[Callable[[], None]] = []

    @property
    def ahead(self) -> float:
        """By how many seconds it is ahead of the machine's clock."""
        return self._ahead

    def time(self) -> float:
        """Return the seconds since 1970, as ``time.time`` does."""
        return time.time() + self._ahead

    def now(self) -> datetime:
        """Return the time with its time zone, which is UTC."""
        return datetime.fromtimestamp(self.time(), tz=UTC)

    def monotonic(self) -> float:
        """Return seconds that tell how much time has passed, as ``time.monotonic`` does."""
        return time.monotonic() + self._ahead

    def turn(self, seconds: float) -> float:
        """Turn the clock forward and return the time that it shows then.

        It waits until no work goes on, unless that takes long. What waits for a time that is over by then comes to its
        end; whoever listens has done its part on return.
        """
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"the clock is turned forward only, not by {seconds!r} seconds")
        with self._turning:
            with self._rest:
                self._rest.wait_for(lambda: not self._at_work, timeout=PATIENCE_SECONDS)
                self._ahead += seconds
            shown = self.time()
            for alarm in list(self._waiting.values()):
                alarm.look_again()
            for listener in self._listeners:
                listener()
        return shown

    def when_turned(self, listener: Callable[[], None]) -> None:
        """Have *listener* called whenever the clock has been turned."""
        self._listeners.append(listener)

    def sleep(self, seconds: float) -> None:
        """Wait until *seconds* have passed on this clock."""
        Alarm(self).wait(seconds)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Have *action* called in a thread of its own once *seconds* have passed on this clock."""

        def wait() -> None:
            self.sleep(seconds)
            action()

        threading.Thread(target=wait, daemon=True).start()

    def begin_work(self) -> None:
        """Let nobody turn the clock until the work ends: it would take longer than it may."""
        with self._rest:
            self._at_work += 1

    def end_work(self) -> None:
        """Say that work has ended which had begun."""
        with self._rest:
            self._at_work -= 1
            self._rest.notify_all()

    @contextmanager
    def wakes(self, alarm: "Alarm") -> Iterator[None]:
        """Have *alarm* look again whenever the clock is turned meanwhile."""
        key = object()
        self._waiting[key] = alarm
        try:
            yield
        finally:
            del self._waiting[key]


class Alarm:
    """A ``threading.Event`` whose waits are measured on a clock that can be turned."""

    def __init__(self, of: Clock | None = None) -> None:
        self._clock = of or clock
        self._changed = threading.Condition()
        self._is_set = False
        self._times_set = 0

    def is_set(self) -> bool:
        """Whether it is set."""
        return self._is_set

    def set(self) -> None:
        """Set it, and let go whoever waits for it, even if it is cleared at once."""
        with self._changed:
            self._is_set = True
            self._times_set += 1
            self._changed.notify_all()

    def clear(self) -> None:
        """Make it what it was before it was set."""
        with self._changed:
            self._is_set = False

    def look_again(self) -> None:
        """Let whoever waits see what time it is."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or *timeout* seconds have passed on the clock; return whether it was set."""
        with self._changed:
            before = self._times_set
            if timeout is None:
                self._changed.wait_for(lambda: self._was_set(before))
                return True
            due = self._clock.monotonic() + timeout
            with self._clock.wakes(self):
                while not self._was_set(before) and (left := due - self._clock.monotonic()) > 0:
                    self._changed.wait(left)
            return self._was_set(before)

    def _was_set(self, before: int) -> bool:
        return self._is_set or self._times_set != before


#: The clock of the embedded AWS that runs in this process.
clock = Clock()
