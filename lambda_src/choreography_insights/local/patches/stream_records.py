"""Patches which records moto's DynamoDB puts on a table's stream.

moto 5.2.5 writes two INSERT records where UpdateItem makes a row (the first with the key alone, and a row is left
behind if the update then fails), writes a record where nothing changed, and calls mapped functions from there.

AWS: one record a change, none where nothing changed. The pollers in ``event_sources`` call the functions.
"""

import threading
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import StreamRecord, StreamShard

from choreography_insights.local.patches.source_digests import patch
from choreography_insights.local.patches.table_writes import tables, undone_on_error


class Growth:
    """Tells who waits for it that a stream has grown; the records can be read once the ``tables`` lock can be had."""

    def __init__(self) -> None:
        self.times = 0
        self._changed = threading.Condition()

    def tell(self) -> None:
        """Say that it has grown once more."""
        with self._changed:
            self.times += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until it has grown more often than *seen*, no longer than *seconds*."""
        with self._changed:
            self._changed.wait_for(lambda: self.times != seen, timeout=seconds)


grown = Growth()

_here = threading.local()


def install() -> None:
    """Write one record a change, and tell the pollers."""

    @patch(StreamShard, "add", source_digest="357dc6da267e")
    def add(_: Any, self: StreamShard, old: Any, new: Any) -> None:
        if getattr(_here, "makes_row", False):
            _here.makes_row = False  # the row with its key alone; the real record follows
            return
        if old is not None and new is not None and old.to_json() == new.to_json():
            return
        view = self.table.stream_specification["StreamViewType"]  # type: ignore[index]
        event = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        number = len(self.items) + self.starting_sequence_number
        self.items.append(StreamRecord(self.table, view, event, old, new, number))
        grown.tell()

    @patch(DynamoDBBackend, "update_item", source_digest="218984588dd6")
    def update_item(
        original: Any, self: DynamoDBBackend, table_name: str, key: dict[str, Any], *rest: Any, **named: Any
    ) -> Any:
        with tables, undone_on_error(self, {"TableName": table_name, "Key": key}) as rows:
            _here.makes_row = any(row.table.stream_shard and not row.existed for row in rows)
            try:
                return original(self, table_name, key, *rest, **named)
            finally:
                _here.makes_row = False
