"""Recorded events, as they lie in files.

JSON lines, JSON objects one after the other (what Firehose writes to S3 of a replayed archive), a JSON array, or a
simulation (docs/reference/interfaces.md, section 7), told apart by what is in them.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

Recorded = tuple[int, Any]
"""The line on which it ends, and what is to be an event."""

_BETWEEN = " \t\r\n,[]"

_BEGINNING = 1_577_836_800.0
"""When simulations begin, which do not say it: with 2020. The moments in generated ones are over then."""


class UnreadableError(Exception):
    """This is not JSON; the message says where."""


def recorded(lines: Iterable[str]) -> Iterator[Recorded]:
    """Yield each event in *lines*. Only the events of the line at hand are held, where each line is complete."""
    decode, scan = msgspec.json.Decoder().decode, json.JSONDecoder().raw_decode
    text, number, enough = "", 0, 0
    for number, line in enumerate(lines, 1):
        if not text and line[:1] == "{":  # as it mostly is: an event, and nothing else
            try:
                value = decode(line)
            except (msgspec.DecodeError, UnicodeEncodeError):  # it may be JSON to Python all the same
                pass
            else:
                if "events" not in value:
                    yield number, value
                else:
                    yield from _events_in(value, number)
                continue
        text += line
        if len(text) < enough:  # a value over many lines: look again when there is twice as much
            continue
        at = _skip(text, 0)
        while at < len(text):
            try:
                value, at = scan(text, at)
            except json.JSONDecodeError as error:
                if error.pos < len(text.rstrip()):
                    raise _unreadable(number, error) from None
                break
            yield from _events_in(value, number)
            at = _skip(text, at)
        text = text[at:]
        enough = 2 * len(text)
    while text:
        try:
            value, at = scan(text, 0)
        except json.JSONDecodeError as error:
            raise _unreadable(number, error) from None
        yield from _events_in(value, number)
        text = text[_skip(text, at) :]


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BETWEEN:
        at += 1
    return at


def _unreadable(line: int, error: json.JSONDecodeError) -> UnreadableError:
    return UnreadableError(
        f"line {line}: not JSON ({error.msg}); give one event a line, a JSON array of events, or a simulation"
    )


def _events_in(value: Any, line: int) -> Iterator[Recorded]:
    if isinstance(value, dict) and "events" in value and "detail-type" not in value:
        yield from _simulated(value["events"], line)
    else:
        yield line, value


def _simulated(events: Any, line: int) -> Iterator[Recorded]:
    """Turn the events of a simulation into envelopes; its waits make their times, from `_BEGINNING` on."""
    time = _BEGINNING
    for number, event in enumerate(events if isinstance(events, list) else [], 1):
        try:
            time += float(event.get("wait") or 0)
        except (AttributeError, TypeError, ValueError):
            raise UnreadableError(
                f"line {line}: event {number} of the simulation is {event!r}; it must be an object whose 'wait' is a "
                "number of seconds"
            ) from None
        envelope = {
            "id": f"simulated-{number}",
            "detail-type": event.get("detailType"),
            "source": event.get("source"),
            "time": time,
            "detail": event.get("detail"),
        }
        yield line, envelope
