"""What both functions write, collected: they are run in the fake AWS, and everything they print is read."""

import contextlib
import io
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from choreography_insights.runtime.log import logger
from correlation.definitions import FALLBACK, HASTY, LOOP, ONE, SEQUENCE
from correlation.playing import play
from fake_aws import FakeAws


@dataclass
class Written:
    """Metrics as (name, unit, names of dimensions), and of each log message the fields that any line of it has."""

    metrics: set[tuple[str, str, tuple[str, ...]]] = field(default_factory=set)
    messages: dict[str, set[str]] = field(default_factory=dict)

    @property
    def fields(self) -> set[str]:
        """The fields of all log lines."""
        return set().union(*self.messages.values())

    def read(self, line: str) -> None:
        """Take in a line: a metric in embedded metric format, or a line of the log."""
        content = json.loads(line)
        for sheet in content.get("_aws", {}).get("CloudWatchMetrics", ()):
            for dimensions in sheet["Dimensions"]:
                self.metrics |= {(one["Name"], one["Unit"], tuple(sorted(dimensions))) for one in sheet["Metrics"]}
        if "message" in content:
            known = {name for name, value in content.items() if value is not None}
            self.messages.setdefault(content["message"], set()).update(known)


def written() -> Written:
    """Play what journeys and events can meet, and read all that comes of it."""
    text = io.StringIO()
    with _logging_to(text), contextlib.redirect_stdout(text):
        for scene in _SCENES:
            scene()
    found = Written()
    for line in text.getvalue().splitlines():
        found.read(line)
    return found


@contextlib.contextmanager
def _logging_to(text: io.StringIO) -> Iterator[None]:
    under = logging.getLogger(logger.name)
    before = list(under.handlers)
    handler = logging.StreamHandler(text)
    handler.setFormatter(logger.registered_formatter)
    under.handlers = [handler]
    try:
        yield
    finally:
        under.handlers = before


def _early_and_twice() -> None:
    aws = FakeAws(SEQUENCE, quiet=False)
    aws.publish("b", "1", delay=1.0, copies=2)
    aws.publish("a", "1", delay=3.0)
    aws.publish("S", "1", delay=5.0, copies=2)
    aws.run()


def _contested() -> None:
    play(LOOP, ["S", "n", "q"], aws=FakeAws(LOOP, quiet=False))


def _unexpected() -> None:
    play(SEQUENCE, ["S", "u"], aws=FakeAws(SEQUENCE, quiet=False))


def _second_start() -> None:
    play(SEQUENCE, ["S", ("S", {"number": 2})], aws=FakeAws(SEQUENCE, quiet=False))


def _timed_out() -> None:
    aws = FakeAws(FALLBACK, quiet=False)
    aws.publish("S", "1")
    aws.run(seconds=400 * 86_400.0)


def _aborted() -> None:
    aws = FakeAws(ONE, quiet=False)
    aws.publish("S", "1")
    aws.run(seconds=10)
    client: Any = aws.clients["stepfunctions"]
    client.stop_execution(executionArn=aws.executions[0].arn)
    aws.run()


def _poison() -> None:
    aws = FakeAws(ONE, quiet=False)
    aws.queues["event"].send("no JSON")
    aws.run()


def _broken() -> None:
    """A table that refuses everything: messages fail, and so do the stream's records."""
    aws = FakeAws(SEQUENCE, quiet=False)
    aws.publish("a", "1")
    aws.run(seconds=2)
    aws.publish("S", "1")
    aws.settle()
    aws.keeper.broken |= {"get_item", "query"}
    aws.publish("b", "1")
    aws.run()


def _overdue() -> None:
    aws = FakeAws(HASTY, quiet=False)
    aws.publish("S", "1")
    aws.run(seconds=90)
    aws.watch()
    aws.run()


_SCENES: tuple[Callable[[], None], ...] = (
    _early_and_twice,
    _contested,
    _unexpected,
    _second_start,
    _timed_out,
    _aborted,
    _poison,
    _broken,
    _overdue,
)
