"""The pictures of choreographies in the table: the current one of each, and those that it had before.

Terraform writes the current one. What was current once is copied, so that journeys that still run an older definition
are read by it, and drawn on it.
"""

import base64
import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from choreography_insights.insights.changes import Change, Item, text
from choreography_insights.insights.log import logger, reason_of
from choreography_insights.insights.queries import all_items
from choreography_insights.views.flow import Flow
from choreography_insights.views.layout_file import UnknownFormError, read_flow

PICTURES = "#pictures"
"""The partition in which they lie. No journey has it: the names of choreographies begin with a letter."""


def picture_text(row: Item) -> str:
    """Return the text of ``picture.json`` in the *row* of a picture."""
    return gzip.decompress(_packed(row)).decode()


@dataclass(slots=True)
class _Versions:
    current: str
    flows: dict[str, Flow] = field(default_factory=dict)


class Pictures:
    """The rim towards DynamoDB. What was read once is read again only where another one is current."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table
        self._found: dict[str, _Versions] = {}

    def flows(self, choreography: str) -> Mapping[str, Flow]:
        """Return the flow of each version of *choreography*, the current one first.

        None, if it has no picture, or a current one that cannot be read; of the older ones those that can.
        """
        row = self._client.get_item(TableName=self._table, Key=_key(choreography)).get("Item")
        if row is None:
            return {}
        current = text(row, "version")
        known = self._found.get(choreography)
        if known is None or known.current != current:
            known = _Versions(current, self._flows(choreography, current, row))
            self._found[choreography] = known
        return known.flows

    def _flows(self, choreography: str, current: str, row: Item) -> dict[str, Flow]:
        newest = _flow(row)
        if newest is None:
            return {}
        found = {current: newest}
        for older in self._older(choreography):
            version = text(older, "version")
            if version not in found and (flow := _flow(older)) is not None:
                found[version] = flow
        return found

    def _older(self, choreography: str) -> Iterator[Item]:
        return all_items(
            self._client.query,
            TableName=self._table,
            KeyConditionExpression="journey = :pictures AND begins_with(#item, :name)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":pictures": {"S": PICTURES}, ":name": {"S": f"{choreography}#"}},
        )

    def keep(self, change: Change) -> None:
        """Copy the picture that is current from now on, and the one that was, each under its version."""
        if "#" in change.item:
            return
        for row in (change.old, change.new):
            if (version := text(row, "version")) and "B" in row.get("picture", {}):
                copy = {**row, **_key(f"{change.item}#{version}"), "picture": {"B": _packed(row)}}
                self._client.put_item(TableName=self._table, Item=copy)


def _flow(row: Item) -> Flow | None:
    """Return the flow in the *row* of a picture. One that cannot be read is said, and holds nobody up."""
    try:
        return read_flow(picture_text(row))
    except (EOFError, LookupError, OSError, TypeError, UnknownFormError, ValueError, zlib.error) as error:
        logger.warning("a picture cannot be read", item=text(row, "item"), reason=reason_of(error))
        return None


def _packed(row: Item) -> bytes:
    """Return the bytes of the picture in *row*: a record of the stream has them in Base64, as JSON must."""
    packed = row["picture"]["B"]
    return base64.b64decode(packed) if isinstance(packed, str) else bytes(packed)


def _key(item: str) -> dict[str, Any]:
    return {"journey": {"S": PICTURES}, "item": {"S": item}}
