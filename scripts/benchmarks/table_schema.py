"""The journeys table as Terraform makes it: its keys and its indexes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import hcl2

from devtools.places import ROOT

Row = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: its keys by name, and what it holds besides these and the table's."""

    name: str
    keys: Mapping[str, str]
    held: tuple[str, ...]

    @property
    def projection(self) -> dict[str, Any]:
        """What it holds, as CreateTable takes it."""
        if not self.held:
            return {"ProjectionType": "KEYS_ONLY"}
        return {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(self.held)}

    def entry(self, row: Row | None) -> Row | None:
        """What the index holds of *row*; None if that is not in it, as it lacks one of the index's keys."""
        if row is None or not self.keys.keys() <= row.keys():
            return None
        return {name: row[name] for name in ("journey", "item", *self.keys, *self.held) if name in row}


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The types of the keys' attributes, and the indexes."""

    types: Mapping[str, str]
    indexes: tuple[Index, ...]

    def creation(self, name: str) -> dict[str, Any]:
        """The parameters of CreateTable."""
        return {
            "TableName": name,
            "KeySchema": _key_schema({"journey": "HASH", "item": "RANGE"}),
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in self.types.items()],
            "BillingMode": "PAY_PER_REQUEST",
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": index.name,
                    "KeySchema": _key_schema(index.keys),
                    "Projection": index.projection,
                }
                for index in self.indexes
            ],
        }


def _key_schema(keys: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()]


@cache
def journeys_table() -> TableSchema:
    """Read `modules/insights/table.tf`."""
    text = (ROOT / "modules" / "insights" / "table.tf").read_text(encoding="utf-8")
    document = hcl2.loads(text, serialization_options=hcl2.SerializationOptions(strip_string_quotes=True))
    (table,) = (one["aws_dynamodb_table"]["journeys"] for one in document["resource"] if "aws_dynamodb_table" in one)
    return TableSchema(
        {attribute["name"]: attribute["type"] for attribute in table["attribute"]},
        tuple(
            Index(
                one["name"],
                {one["hash_key"]: "HASH", one["range_key"]: "RANGE"},
                tuple(one.get("non_key_attributes", ())),
            )
            for one in table["global_secondary_index"]
        ),
    )
