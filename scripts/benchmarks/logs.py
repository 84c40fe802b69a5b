"""What the functions write to CloudWatch Logs: their own lines, metrics among them, and Lambda's."""

import io
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from benchmarks.sample_values import event_id
from choreography_insights.runtime.log import logger

#: With these the functions run; Lambda sets the trace header for every invocation, traced or not.
PREFIX = "shop"
SETTINGS = {"POWERTOOLS_SERVICE_NAME": PREFIX, "POWERTOOLS_METRICS_NAMESPACE": "ChoreographyInsights"}
_TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:a87bd80c:0"

#: Lambda's own three lines for an invocation, in its text format.
_REQUEST = event_id("request")
_REPORT = ("Duration: 61.37 ms", "Billed Duration: 62 ms", "Memory Size: 512 MB", "Max Memory Used: 101 MB", "")
PLATFORM_LINES = (
    f"START RequestId: {_REQUEST} Version: $LATEST",
    f"END RequestId: {_REQUEST}",
    "\t".join((f"REPORT RequestId: {_REQUEST}", *_REPORT)),
)
#: CloudWatch Logs counts so many bytes with each line (PutLogEvents).
LINE_BYTES = 26


def charged_bytes(lines: list[str] | tuple[str, ...]) -> int:
    """What CloudWatch Logs counts of *lines*."""
    return sum(len(line.encode()) + LINE_BYTES for line in lines)


@dataclass(slots=True)
class Written:
    """What was written while `captured`: log lines, and metrics in embedded metric format."""

    log: io.StringIO = field(default_factory=io.StringIO)
    output: io.StringIO = field(default_factory=io.StringIO)

    @property
    def lines(self) -> list[str]:
        """All of it."""
        return self.log.getvalue().splitlines() + self.output.getvalue().splitlines()

    def bytes_of(self, invocations: int) -> int:
        """What CloudWatch Logs counts, with Lambda's own lines for so many *invocations*."""
        return charged_bytes(self.lines) + invocations * charged_bytes(PLATFORM_LINES)

    def series(self) -> set[tuple[tuple[str, ...], str, tuple[str, ...]]]:
        """The metrics' time series: names of dimensions, name of the metric, values of the dimensions."""
        found = set()
        for line in self.output.getvalue().splitlines():
            sheet: dict[str, Any] = json.loads(line)
            for directive in sheet["_aws"]["CloudWatchMetrics"]:
                for names in map(sorted, directive["Dimensions"]):
                    values = tuple(str(sheet[name]) for name in names)
                    found |= {(tuple(names), metric["Name"], values) for metric in directive["Metrics"]}
        return found


@contextmanager
def captured() -> Iterator[Written]:
    """Log as deployed, into memory."""
    written, under = Written(), logging.getLogger(logger.name)
    handler = logging.StreamHandler(written.log)
    handler.setFormatter(logger.registered_formatter)
    level, service = logger.log_level, logger.get_current_keys()["service"]
    logger.setLevel("INFO")
    logger.append_keys(service=PREFIX)
    try:
        with (
            patch.object(under, "handlers", [handler]),
            patch.dict(os.environ, {"_X_AMZN_TRACE_ID": _TRACE}),
            redirect_stdout(written.output),
        ):
            yield written
    finally:
        logger.setLevel(level)
        logger.append_keys(service=service)
