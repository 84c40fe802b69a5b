"""Numbers, spans, moments and causes in the words of a page."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from choreography_insights.views.known import Deviation, Status

_SIZES = (("day", "d", 86_400), ("hour", "h", 3_600), ("minute", "min", 60), ("second", "s", 1))
_NARROW = "\N{NARROW NO-BREAK SPACE}"

STATUS_WORDS: dict[Status, str] = {
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timed out",
    "ABORTED": "stopped",
}


def many(count: int, one: str, several: str | None = None) -> str:
    """Write a number with what it counts."""
    return f"{number(count)} {one if count == 1 else several or f'{one}s'}"


def came_again(times: int) -> str:
    """Write how often an event came again."""
    return "came again" if times == 1 else f"came again {number(times)} times"


def number(count: int) -> str:
    """Write a number with its thousands apart."""
    return f"{count:,}"


def at_least(count: int, *, uncounted: bool) -> str:
    """Write a number; where there is more that was not counted, so that this is seen."""
    return f"over {number(count)}" if uncounted else number(count)


def short_number(count: int) -> str:
    """Write a number in little room."""
    if count < 10_000:
        return number(count)
    return f"{count / 1_000:.0f}k" if count < 999_500 else f"{count / 1_000_000:.1f}M"


def share(part: float, whole: float) -> str:
    """Write a share in percent, never rounded to all or nothing."""
    if not whole:
        return f"0{_NARROW}%"
    percent = 100 * part / whole
    if 0 < percent < 1:
        return f"under 1{_NARROW}%"
    if 99 < percent < 100:
        return f"over 99{_NARROW}%"
    return f"{percent:.0f}{_NARROW}%"


def span(seconds: float) -> str:
    """Write a span of time in its two largest units: ``2 days 4 hours``."""
    parts = _parts(seconds)
    if parts is None:
        return _short(seconds, "second", "seconds")
    return " ".join(f"{times} {long if times == 1 else f'{long}s'}" for long, _, times in parts)


def brief(seconds: float) -> str:
    """Write a span of time in little room: ``2 d 4 h``."""
    parts = _parts(seconds)
    if parts is None:
        return _short(seconds, "s", "s")
    return " ".join(f"{times}{_NARROW}{short}" for _, short, times in parts)


def _parts(seconds: float) -> list[tuple[str, str, int]] | None:
    whole = int(seconds + 0.5)
    for position, (long, short, size) in enumerate(_SIZES[:-1]):
        if whole >= size:
            times, rest = divmod(whole, size)
            next_long, next_short, next_size = _SIZES[position + 1]
            few = rest // next_size if times < 10 else 0
            return [(long, short, times), *([(next_long, next_short, few)] if few else [])]
    return None


def _short(seconds: float, one: str, several: str) -> str:
    if seconds < 0.0005:
        return f"0{_NARROW}{several}"
    text = f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.2g}"
    return f"{text}{_NARROW}{one if text == '1' else several}"


def aligned(rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> Iterator[str]:
    """Yield *rows* as lines with cells below one another; those of the columns *numbers* end below one another."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            f"{cell:>{width}}" if position in numbers else f"{cell:{width}}"
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


_HIDDEN = {*range(0x80, 0xA0), 0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)}
_HIDDEN |= {0xFEFF, *range(0xFFF9, 0xFFFC)}


def visible(text: str) -> str:
    """Write what nobody would see, or what turns others round, so that it is seen: a newline as ``␊``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([_visible(letter) for letter in text])


def _visible(letter: str) -> str:
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    return f"\\u{code:04x}" if code in _HIDDEN or 0xD800 <= code < 0xE000 else letter


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is for who looks, and where."""

    now: float
    zone: tzinfo = UTC

    def moment(self, at: float) -> str:
        """Write a moment as a clock and a calendar show it there."""
        there = datetime.fromtimestamp(at, self.zone)
        return f"{there:%Y-%m-%d %H:%M:%S} {there.tzname() or ''}".strip()

    def day(self, at: float) -> str:
        """Write the day, and the hour where it is not midnight."""
        there = datetime.fromtimestamp(at, self.zone)
        return f"{there:%Y-%m-%d}" if (there.hour, there.minute) == (0, 0) else f"{there:%Y-%m-%d %H:%M}"

    def iso(self, at: float) -> str:
        """Write a moment as machines read it."""
        return datetime.fromtimestamp(at, self.zone).isoformat(timespec="milliseconds")

    def ago(self, at: float) -> str:
        """Write how long ago a moment was, in its largest unit, or how far ahead it lies."""
        seconds = self.now - at
        if abs(seconds) < 1:
            return "now"
        return f"{_largest(seconds)} ago" if seconds > 0 else f"in {_largest(-seconds)}"


def _largest(seconds: float) -> str:
    for long, _, size in _SIZES:
        if seconds >= size:
            times = int(seconds / size)
            return f"{times} {long if times == 1 else f'{long}s'}"
    return "a moment"


def listed(names: Sequence[str], last: str = "or") -> str:
    """Write names as a sentence does."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def cause(deviation: Deviation) -> str:
    """Say why the event moved nothing."""
    met = "; ".join(
        f"{state} accepts {_accepted(accepts, deviation.event)}" for state, accepts in met_together(deviation.states)
    )
    match deviation.reason:
        case "UnexpectedEvent":
            told = "no state accepted it within the grace period"
        case "SecondStart":
            told = "a journey was running and did not end within the grace period"
        case "NoJourney":
            told = "no journey began within the grace period"
        case "JourneyEnded":
            told = "its journey had ended, and no other began within the grace period"
        case "NameTaken":
            told = "it teaches a name that another entity has"
        case _:
            told = "it could not be kept"
    return f"{told}; {met}" if met else told


def met_together(waits: Iterable[tuple[str, Sequence[str]]]) -> list[tuple[str, Sequence[str]]]:
    """Return *waits*, each with what it accepts, where those of several items of a list are one: ``Sent[12 items]``."""
    items: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for wait, accepts in waits:
        name = wait.partition("[")[0] if wait.endswith("]") else wait
        items.setdefault((name, tuple(accepts)), []).append(wait)
    return [
        (waits[0] if len(waits) == 1 else f"{name}[{many(len(waits), 'item')}]", accepts)
        for (name, accepts), waits in items.items()
    ]


def _accepted(accepts: Sequence[str], own: str) -> str:
    return f"{listed(accepts) or 'no event'}{', but none like this one' if own in accepts else ''}"


REASON_WORDS = {
    "UnexpectedEvent": "not accepted where the journey was",
    "SecondStart": "a second start while a journey ran",
    "NoJourney": "no journey had begun",
    "JourneyEnded": "the journey had ended",
    "NameTaken": "a name that another entity has",
    "TooManyKept": "too many events were kept",
    "TooBigToRemember": "too big to be remembered",
}
