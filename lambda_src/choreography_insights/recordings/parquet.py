"""Rows of Parquet as JSON has them: what Firehose's record format conversion, Glue, Spark or Athena wrote of events."""

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

from choreography_insights.recordings.logs import parsed
from choreography_insights.recordings.source import NotReadError

_AT_ONCE = 10_000

_FIELDS = {name.replace("-", ""): name for name in ("detail-type", "replay-name")}
"""The fields of an envelope that no column of Hive may be called like, without what tells them apart."""


def rows(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield each row of *file*, with the envelope's own names of fields. Raises `NotReadError`."""
    try:
        import pyarrow as pa  # noqa: PLC0415 # it takes half a second
        from pyarrow import parquet  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NotReadError("it is Parquet; to read it, run: pip install 'choreography-insights[parquet]'") from error
    try:
        table = parquet.ParquetFile(file if file.seekable() else io.BytesIO(file.read()))
        for batch in table.iter_batches(_AT_ONCE):
            yield from map(_envelope, batch.to_pylist(maps_as_pydicts="lossy"))
    except (pa.ArrowException, OSError) as error:
        raise NotReadError(f"it is no whole Parquet file ({str(error).splitlines()[0]})") from error


def _envelope(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {_name(column): value for column, value in _json(row).items()}
    return {**found, "detail": parsed(found["detail"])} if "detail" in found else found


def _name(column: str) -> str:
    plain = column.lower().replace("-", "").replace("_", "")
    return _FIELDS.get(plain, column)


def _json(value: Any) -> Any:
    """Return *value* as it was in JSON. A field that is null was most likely none: Parquet has the same in all rows."""
    match value:
        case dict():
            return {name: _json(one) for name, one in value.items() if one is not None}
        case list():
            return [_json(one) for one in value]
        case datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return value
