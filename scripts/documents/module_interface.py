"""A module's inputs and outputs, as variables.tf and outputs.tf declare them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2

from documents.markdown import code, table


def inputs(module: Path) -> str:
    """What a module takes: those that must be given first, then in the order of variables.tf."""
    declared = list(_blocks(module / "variables.tf", "variable"))
    declared.sort(key=lambda block: "default" in block[1])
    return table(
        ("input", "what it is", "type", "default"),
        [
            (
                code(name),
                _text(block["description"]),
                code(_type(block["type"])),
                code(_value(block["default"])) if "default" in block else "(must be given)",
            )
            for name, block in declared
        ],
    )


def required(module: Path) -> list[str]:
    """The names of the inputs that must be given."""
    declared = (block for file in sorted(module.glob("*.tf")) for block in _blocks(file, "variable"))
    return [name for name, body in declared if "default" not in body]


def outputs(module: Path) -> str:
    """What a module gives, in the order of outputs.tf."""
    declared = _blocks(module / "outputs.tf", "output")
    return table(("output", "what it is"), [(code(name), _text(block["description"])) for name, block in declared])


def _blocks(file: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in hcl2.loads(file.read_text(encoding="utf-8")).get(kind, []):
        for name, body in block.items():
            yield _text(name), body


def _text(quoted: str) -> str:
    """What a string of Terraform says: its quotes, escapes and doubled signs undone."""
    return str(json.loads(quoted)).replace("$${", "${").replace("%%{", "%{")


def _type(text: str) -> str:
    return text.removeprefix("${").removesuffix("}") if text.startswith("${") else text


def _value(value: object) -> str:
    """A default, as Terraform would write it: the parser keeps the quotes of strings."""
    return value if isinstance(value, str) else json.dumps(value)
