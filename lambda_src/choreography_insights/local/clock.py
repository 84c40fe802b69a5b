"""The clock of the embedded AWS: the machine's, and as far ahead of it as somebody has turned it.

Everything of the embedded AWS that tells the time or waits for it goes by this clock: delays, visibility and retention
of messages, schedules, the waits, timeouts and retries of executions, and the functions' own ``time.time``.

The clock knows what is at work, so it can be turned when nothing moves any more, and just as far as something will.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

# How long a turn waits for what is being done.
PATIENCE_SECONDS = 20.0
# Between looks at sources; work that ends is noticed at once.
_LOOK_EVERY_SECONDS = 0.002
# What is due by less than this is due: sums of fractions are not exact.
_A_TICK = 1e-6


class Source(Protocol):
    """Something that brings work about: a queue or a stream that is polled."""

    def is_pending(self) -> bool:
        """Whether it has work that nobody has begun."""

    def seconds_until_due(self) -> float | None:
        """Return in how many seconds on the clock it will have some, if that is known."""


class Clock:
    """A clock that can be turned forward, never back."""

    def __init__(self) -> None:
        self._stopped_at: tuple[float, float] | None = None
        self._ahead = 0.0
        self._rest = threading.Condition()
        self._at_work = 0
        self._times_begun = 0
        self._turning = threading.Lock()
        self._waiting: dict[_Waiter, Alarm] = {}
        self._sources: list[Source] = []
        self._listeners: list[Callable[[], None]] = []

    @property
    def ahead(self) -> float:
        """By how many seconds it is ahead of the machine's clock, or of when it was stopped."""
        return self._ahead

    @property
    def stopped_at(self) -> float | None:
        """The machine's time at which it was stopped, if it was."""
        return self._stopped_at and self._stopped_at[0]

    def stop(self) -> None:
        """Let it stand still from now on, until somebody turns it. It stops at a whole second."""
        self._stopped_at = (float(math.floor(time.time())), time.monotonic())

    def time(self) -> float:
        """Return the seconds since 1970, as ``time.time`` does."""
        return (self._stopped_at[0] if self._stopped_at else time.time()) + self._ahead

    def now(self) -> datetime:
        """Return the time with its time zone, which is UTC."""
        return datetime.fromtimestamp(self.time(), tz=UTC)

    def monotonic(self) -> float:
        """Return seconds that tell how much time has passed, as ``time.monotonic`` does."""
        return (self._stopped_at[1] if self._stopped_at else time.monotonic()) + self._ahead

    def turn(self, seconds: float) -> float:
        """Turn the clock forward and return the time that it shows then.

        It waits until nothing moves, unless that takes long. What waits for a time that is over by then comes to its
        end; whoever listens has done its part on return.
        """
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"the clock is turned forward only, not by {seconds!r} seconds")
        with self._turning:
            self.rest(PATIENCE_SECONDS)
            self._ahead += seconds
            shown = self.time()
            for alarm in list(self._waiting.values()):
                alarm.look_again()
            for listener in self._listeners:
                listener()
        return shown

    def rest(self, patience: float) -> bool:
        """Wait until nothing moves before the clock does, at most *patience* seconds; return whether that is so.

        Nothing is at work then, and no source has anything that somebody would begin.
        """
        deadline = time.monotonic() + patience
        while True:
            with self._rest:
                rests = self._rest.wait_for(lambda: not self._at_work, timeout=max(0.0, deadline - time.monotonic()))
                begun = self._times_begun
            if rests and not any(source.is_pending() for source in list(self._sources)):
                with self._rest:
                    if self._times_begun == begun:  # else what was pending may have been taken meanwhile
                        return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_EVERY_SECONDS)

    def seconds_until_due(self) -> float | None:
        """Return in how many seconds on this clock something is due; None if nothing is.

        These are whole milliseconds: never none, and never too few.
        """
        now = self.monotonic()
        waiting = [waiter for waiter in list(self._waiting) if waiter.works and not waiter.is_over]
        alarms = [waiter.due - now for waiter in waiting if waiter.due is not None]
        sources = [due for source in list(self._sources) if (due := source.seconds_until_due()) is not None]
        due = min((*alarms, *sources), default=None)
        return due if due is None else max(1, math.ceil((due - _A_TICK) * 1000)) / 1000

    def when_turned(self, listener: Callable[[], None]) -> None:
        """Have *listener* called whenever the clock has been turned."""
        self._listeners.append(listener)

    def watch(self, source: Source) -> None:
        """Count what *source* has to do among what is done."""
        self._sources.append(source)

    def unwatch(self, source: Source) -> None:
        """Forget *source*."""
        self._sources.remove(source)

    def sleep(self, seconds: float) -> None:
        """Wait until *seconds* have passed on this clock."""
        Alarm(self).wait(seconds)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Have *action* called in a thread of its own once *seconds* have passed on this clock."""

        def wait() -> None:
            self.sleep(seconds)
            action()

        self.thread(target=wait, daemon=True).start()

    def thread(self, **named: Any) -> threading.Thread:
        """Return a thread, as ``threading.Thread`` makes it, that is at work unless it waits for an `Alarm`."""
        return _Worker(self, **named)

    def begin_work(self) -> None:
        """Let nobody turn the clock until the work ends: it would take longer than it may."""
        with self._rest:
            self._at_work += 1
            self._times_begun += 1

    def end_work(self) -> None:
        """Say that work has ended which had begun."""
        with self._rest:
            self._at_work -= 1
            self._rest.notify_all()

    @contextmanager
    def wakes(self, alarm: "Alarm", waiter: "_Waiter") -> Iterator[None]:
        """Have *alarm* look again whenever the clock is turned while *waiter* waits for it."""
        self._waiting[waiter] = alarm
        try:
            yield
        finally:
            del self._waiting[waiter]


_here = threading.local()


class _Worker(threading.Thread):
    def __init__(self, clock: Clock, **named: Any) -> None:
        super().__init__(**named)
        self._clock = clock

    def start(self) -> None:
        self._clock.begin_work()  # in the thread that starts it, so that its work leaves no gap
        super().start()

    def run(self) -> None:
        _here.clock = self._clock
        try:
            super().run()
        finally:
            self._clock.end_work()


@dataclass(slots=True, eq=False)
class _Waiter:
    """Who waits for an alarm until it is *due*. One that *works* is at work before and after, and *rests* meanwhile."""

    due: float | None
    works: bool
    rests: bool = False
    is_over: bool = False
    was_set: bool = False


class Alarm:
    """A ``threading.Event`` whose waits are measured on a clock that can be turned."""

    def __init__(self, of: Clock | None = None) -> None:
        self._clock = of or clock
        self._changed = threading.Condition()
        self._is_set = False
        self._waiters: list[_Waiter] = []

    def is_set(self) -> bool:
        """Whether it is set."""
        return self._is_set

    def set(self) -> None:
        """Set it, and let go whoever waits for it, even if it is cleared at once."""
        with self._changed:
            self._is_set = True
            for waiter in self._waiters:
                waiter.was_set = True
                self._let_go(waiter)
            self._changed.notify_all()

    def clear(self) -> None:
        """Make it what it was before it was set."""
        with self._changed:
            self._is_set = False

    def look_again(self) -> None:
        """Let go whoever has waited as long as they would."""
        with self._changed:
            now = self._clock.monotonic()
            for waiter in self._waiters:
                if waiter.due is not None and waiter.due - now < _A_TICK:
                    self._let_go(waiter)
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or *timeout* seconds have passed on the clock; return whether it was set."""
        with self._changed:
            if self._is_set:
                return True
            due = None if timeout is None else self._clock.monotonic() + timeout
            waiter = _Waiter(due, works=getattr(_here, "clock", None) is self._clock)
            self._waiters.append(waiter)
            with self._clock.wakes(self, waiter):
                while not waiter.is_over:
                    left = None if due is None else due - self._clock.monotonic()
                    if left is not None and left < _A_TICK:
                        self._let_go(waiter)
                    else:
                        self._let_rest(waiter)
                        self._changed.wait(None if self._clock.stopped_at else left)
            self._waiters.remove(waiter)
            return waiter.was_set

    def _let_rest(self, waiter: _Waiter) -> None:
        if waiter.works and not waiter.rests:
            waiter.rests = True
            self._clock.end_work()

    def _let_go(self, waiter: _Waiter) -> None:
        """Whoever lets go says that the work goes on: nobody must see it rest before the other thread wakes."""
        if not waiter.is_over:
            waiter.is_over = True
            if waiter.rests:
                self._clock.begin_work()


#: The clock of the embedded AWS that runs in this process.
clock = Clock()
