"""The journeys table as Terraform makes it: its keys and its indexes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import hcl2

from devtools.places import ROOT

Row = Mapping[str, Mapping[str, Any]]
Entry = dict[str, Mapping[str, Any]]

_FILE = ROOT / "modules" / "insights" / "table.tf"


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: its keys by name, and what it holds besides these and the table's."""

    name: str
    keys: Mapping[str, str]
    held: tuple[str, ...]

    def entry(self, row: Row | None) -> Entry | None:
        """What the index holds of *row*; None if that is not in it, as it lacks one of the index's keys."""
        if row is None or not self.keys.keys() <= row.keys():
            return None
        return {name: row[name] for name in ("journey", "item", *self.keys, *self.held) if name in row}


@dataclass(frozen=True, slots=True)
class TableForm:
    """The types of the keys' attributes, and the indexes."""

    types: Mapping[str, str]
    indexes: tuple[Index, ...]

    def creation(self, name: str) -> dict[str, Any]:
        """The parameters of CreateTable."""
        indexes = [
            {
                "IndexName": index.name,
                "KeySchema": _schema(index.keys),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.held)},
            }
            for index in self.indexes
        ]
        return {
            "TableName": name,
            "KeySchema": _schema({"journey": "HASH", "item": "RANGE"}),
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in self.types.items()],
            "BillingMode": "PAY_PER_REQUEST",
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        }


def _schema(keys: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()]


@cache
def journeys_table() -> TableForm:
    """Read `modules/insights/table.tf`."""
    resources = hcl2.loads(_FILE.read_text(encoding="utf-8"))["resource"]
    (tables,) = [one['"aws_dynamodb_table"'] for one in resources if '"aws_dynamodb_table"' in one]
    table = tables['"journeys"']
    return TableForm(
        {_text(one["name"]): _text(one["type"]) for one in table["attribute"]},
        tuple(_index(block) for block in table.get("global_secondary_index", [])),
    )


def _index(block: Mapping[str, Any]) -> Index:
    return Index(
        _text(block["name"]),
        {_text(block["hash_key"]): "HASH", _text(block["range_key"]): "RANGE"},
        tuple(_text(name) for name in block.get("non_key_attributes", [])),
    )


def _text(quoted: str) -> str:
    return str(json.loads(quoted))
