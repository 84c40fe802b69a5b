"""The JSON Schema says what the parser reads: no more, no less, as far as a schema can."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from choreography_insights.cli.main import main
from choreography_insights.compile.templates import as_json
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.parse import parse, pattern
from choreography_insights.parse.document import Cursor, load, plain
from choreography_insights.schema import FILE, json_schema
from choreography_insights.schema.language import CHOREOGRAPHY, MATCHER
from choreography_insights.schema.shapes import Entries, Keys, ListOf, Named, OneOf, Shape
from support.definition_strategies import definitions
from support.definitions import BAD, EXAMPLES, GOOD, name_of

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

# What is wrong with these is not in the values: it is in how they are written, or in a number's size.
BEYOND_A_SCHEMA = {"duplicate-keys", "odd-yaml"}


def value_of(file: Path) -> Any:
    """Return what *file* holds; None if it is no YAML."""
    tree = load(file.read_text(encoding="utf-8"), file.name, list[Problem]().append)
    return None if tree is None else plain(tree)


def described(shape: Shape, seen: set[str]) -> Iterator[Keys]:
    """Yield every mapping with fixed keys in *shape*."""
    match shape:
        case Keys():
            yield shape
            for key in shape.keys:
                yield from described(key.shape, seen)
        case Entries():
            yield from described(shape.of, seen)
            for key in shape.special:
                yield from described(key.shape, seen)
        case ListOf():
            yield from described(shape.of, seen)
        case OneOf():
            for option in shape.options:
                yield from described(option, seen)
        case Named():
            if shape.name not in seen:
                seen.add(shape.name)
                yield from described(shape.shape(), seen)


def test_the_published_schema_is_that_of_the_language() -> None:
    assert FILE.read_text(encoding="utf-8") == as_json(SCHEMA), "run: make generate"
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_the_parser_reads_the_keys_that_the_description_has(monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[str, set[str]] = {}
    required: dict[str, set[str]] = {}
    fields = Cursor.fields

    def spy(
        self: Cursor, what: str, known: Collection[str], required_: Collection[str] = (), **more: Any
    ) -> Mapping[str, Cursor]:
        needed = more.get("required", required_)
        read.setdefault(what, set()).update(known)
        required.setdefault(what, set()).update(needed)
        return fields(self, what, known, needed)

    monkeypatch.setattr(Cursor, "fields", spy)
    for file in [*(folder / "workflow.yaml" for folder in [*GOOD, *EXAMPLES]), *BAD]:
        parse(file.read_text(encoding="utf-8"), file.name)
    mappings = [keys for keys in described(CHOREOGRAPHY, set()) if keys.what != "a matcher"]
    by_what = {what: [keys for keys in mappings if keys.what == what] for what in {keys.what for keys in mappings}}
    assert {what: {key.name for keys in forms for key in keys.keys} for what, forms in by_what.items()} == read
    for what, forms in by_what.items():
        kind = {key.name for keys in forms for key in keys.keys if f"'{key.name}' state" in what}
        in_every_form = set.intersection(*({key.name for key in keys.keys if key.required} for keys in forms))
        assert in_every_form == required[what] | kind


def test_the_matchers_are_those_of_the_parser() -> None:
    names = {key.name for keys in described(MATCHER, set()) for key in keys.keys}
    assert names == set(pattern._OPERATORS)


@pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)
def test_a_good_definition_is_valid(folder: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(value_of(folder / "workflow.yaml"))] == []


@given(definitions())
def test_any_good_definition_is_valid(states: dict[str, Any]) -> None:
    VALIDATOR.validate({"choreography": "test", "source": "test", "start": "Begun", "states": states})


@pytest.mark.parametrize("case", BAD, ids=name_of)
def test_a_definition_that_the_parser_cannot_read_is_not_valid(case: Path) -> None:
    value, draft = value_of(case), parse(case.read_text(encoding="utf-8"), case.name)
    if value is None or case.stem in BEYOND_A_SCHEMA:
        assert draft.problems
    elif any(problem.is_error for problem in draft.problems):
        assert not VALIDATOR.is_valid(value)


@pytest.mark.parametrize("folder", EXAMPLES, ids=name_of)
def test_the_first_line_of_an_example_leads_an_editor_to_the_schema(folder: Path) -> None:
    first = (folder / "workflow.yaml").read_text(encoding="utf-8").splitlines()[0]
    key, _, path = first.partition("$schema=")
    assert key == "# yaml-language-server: "
    assert (folder / path).resolve() == FILE.resolve()


def test_every_key_is_explained() -> None:
    missing = [(keys.what, key.name) for keys in described(CHOREOGRAPHY, set()) for key in keys.keys if not key.about]
    assert missing == []
    assert all("description" in entry for entry in SCHEMA["properties"].values())


def test_schema_prints_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
    assert main(["schema", "-o", str(tmp_path / "it.json")]) == 0
    assert json.loads((tmp_path / "it.json").read_text(encoding="utf-8")) == SCHEMA
    assert main(["schema", "-o", str(tmp_path / "no" / "it.json")]) == 1
