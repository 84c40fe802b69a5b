"""Every module block in a document can be copied: it gives what must be given, and nothing that the module has not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

from devtools.places import ROOT

_BLOCK = re.compile(r"^```hcl\n(.*?)^```", re.MULTILINE | re.DOTALL)
_META = {"source", "for_each", "count", "version", "providers", "depends_on", "__is_block__", "__comments__"}
_DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("modules/*/README.md"))]


def calls() -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Where a module block stands, the module that it calls, and its arguments."""
    for document in _DOCUMENTS:
        for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
            for call in hcl2.loads(block).get("module", []):
                for name, arguments in call.items():
                    source = arguments["source"].strip('"').partition("?")[0]
                    path = re.search(r"modules/\w+$", source)
                    yield (
                        f"{document.relative_to(ROOT)}: {name}",
                        ROOT / path[0] if path else ROOT,
                        {argument: value for argument, value in arguments.items() if argument not in _META},
                    )


def inputs(module: Path) -> dict[str, dict[str, Any]]:
    found = hcl2.loads((module / "variables.tf").read_text(encoding="utf-8"))["variable"]
    return {name.strip('"'): body for block in found for name, body in block.items()}


@pytest.mark.parametrize(("module", "given"), [pytest.param(*call[1:], id=call[0]) for call in calls()])
def test_a_documented_call_gives_what_the_module_asks_for(module: Path, given: dict[str, Any]) -> None:
    asked = inputs(module)
    assert set(given) <= set(asked)
    assert {name for name, body in asked.items() if "default" not in body} <= set(given)


def test_every_module_is_called_in_some_document() -> None:
    called = {module for _, module, _ in calls()}
    assert called == {ROOT, *(folder for folder in ROOT.glob("modules/*") if any(folder.glob("*.tf")))}


@pytest.mark.parametrize(("module", "given"), [pytest.param(*call[1:], id=call[0]) for call in calls()])
def test_the_fields_of_a_documented_object_are_fields_that_the_input_has(module: Path, given: dict[str, Any]) -> None:
    asked = inputs(module)
    for name, value in given.items():
        if isinstance(value, dict) and "object(" in asked[name]["type"] and "map(" not in asked[name]["type"]:
            assert [field for field in value if f"{field} = " not in asked[name]["type"]] == []
