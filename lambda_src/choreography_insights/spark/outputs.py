"""Where the outcome of a job goes: a file, an object in S3, standard output; a dataset of journeys."""

import io
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from choreography_insights.recordings.source import S3, Connect
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.report import Case, Consequences, Form
from choreography_insights.replay.shares import Share

STANDARD_OUTPUT = "-"
_BUFFER = 1 << 20

COLUMNS = {
    "entityId": "string",
    "startedAt": "string",
    "endedAt": "string",
    "status": "string",
    "state": "string",
    "error": "string",
    "durationSeconds": "double",
    "events": "bigint",
    "conforms": "boolean",
}
"""The columns of the dataset of journeys, each with its type; beside them there is the whole journey as JSON."""


def write(lines: Iterable[str], where: str, connect: Connect) -> None:
    """Write *lines* as they come to the file or the object *where*, or to standard output; none is kept."""
    if where == STANDARD_OUTPUT:
        sys.stdout.writelines(lines)
    elif where.startswith(S3):
        from choreography_insights.recordings.s3 import failures_in_words  # noqa: PLC0415 # only who has S3 needs boto3

        bucket, _, key = where.removeprefix(S3).partition("/")
        with failures_in_words():
            connect().upload_fileobj(io.BufferedReader(_Bytes(iter(lines)), _BUFFER), bucket, key)
    else:
        with Path(where).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)


class _Bytes(io.RawIOBase):
    """Lines as a file to read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._rest = lines, b""

    def readable(self) -> bool:
        """They are."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill *buffer* with what comes next of them, and return with how many bytes."""
        while not self._rest:
            line = next(self._lines, None)
            if line is None:
                return 0
            self._rest = line.encode("utf-8")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def rows(share: Share, choreography: Automaton) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each journey of a *share*, with all that followed from it."""
    lines = Form.of("json", choreography).case
    written: list[str] = []

    def tell(case: Case) -> None:
        written.extend(lines(case))

    cases = Consequences(tell, lambda _: None, most=sys.maxsize)
    for entry in share.entries:
        if entry.told is None:
            cases.settle(entry.entity)
            written.extend(entry.lines)
        else:
            cases.take(entry.told)
    cases.finish()
    for line in written:
        journey = json.loads(line).get("journey")
        if journey is not None:
            seconds = journey["durationSeconds"]
            journey["durationSeconds"] = None if seconds is None else float(seconds)
            yield *(journey[name] for name in COLUMNS), line
