"""Makes moto's queries fast enough for thousands of rows.

moto 5.2.5 sorts all rows of a table for each query of it, by keys that it works out anew for every comparison: a query
of one journey takes longer the more journeys there are. Here it looks only at the rows that have the key it asks for.
"""

import threading
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from choreography_insights.local.patches.source_digests import patch

#: Where it stands among the arguments that are given by place, after the key.
_INDEX_NAME = 6

_here = threading.local()


def install() -> None:
    """Let a query see the rows of its partition and no other, of the table or of its index."""

    @patch(Table, "query", source_digest="002b4d00be6d")
    def query(
        original: Any,
        self: Table,
        hash_key: DynamoType,
        *page: Any,
        hash_key_conditions: list[tuple[str, DynamoType]],
        **named: Any,
    ) -> Any:
        index_name = page[_INDEX_NAME]
        _here.partition = dict(hash_key_conditions) if index_name else hash_key
        try:
            return original(self, hash_key, *page, hash_key_conditions=hash_key_conditions, **named)
        finally:
            _here.partition = None

    @patch(Table, "all_items", source_digest="c80d2ee3c896")
    def all_items(original: Any, self: Table) -> list[Item]:
        partition = getattr(_here, "partition", None)
        if partition is None or self.range_key_attr is None:
            found: list[Item] = original(self)
            return found
        if isinstance(partition, DynamoType):
            return sorted(self.items.get(partition, {}).values(), key=_range)
        return sorted(
            (
                item
                for rows in self.items.values()
                for item in rows.values()
                if all(name in item.attrs and item.attrs[name] == value for name, value in partition.items())
            ),
            key=lambda item: (item.hash_key.cast_value, _range(item)),
        )


def _range(item: Item) -> Any:
    return item.range_key and item.range_key.cast_value
