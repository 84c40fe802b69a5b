"""Shapes as JSON Schema, in the draft that editors know best."""

from pathlib import Path
from typing import Any, assert_never

from choreography_insights.schema.language import CHOREOGRAPHY
from choreography_insights.schema.shapes import Entries, Key, Keys, ListOf, Named, Number, OneOf, Shape, Text, Value

FILE = Path(__file__).with_name("choreography.schema.json")
"""Where the schema lies, for editors to read."""

Schema = dict[str, Any]


def json_schema() -> Schema:
    """Return the schema of the language."""
    definitions: dict[str, Schema] = {}
    body = _schema(CHOREOGRAPHY, definitions)
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Choreography"}
    return {**head, **body, "definitions": dict(sorted(definitions.items()))}


def _schema(shape: Shape, definitions: dict[str, Schema]) -> Schema:
    match shape:
        case Text():
            return _about(shape.about, _text(shape))
        case Value():
            types = list(shape.types)
            return _about(shape.about, {"type": types[0] if len(types) == 1 else types})
        case Number():
            return _about(shape.about, {"type": "integer", "minimum": shape.least, "maximum": shape.most})
        case ListOf():
            return _about(
                shape.about, {"type": "array", "items": _schema(shape.of, definitions), "minItems": shape.least}
            )
        case Keys():
            return _about(shape.about, _keys(shape, definitions))
        case Entries():
            return _about(shape.about, _entries(shape, definitions))
        case OneOf():
            return _about(shape.about, {"anyOf": [_schema(option, definitions) for option in shape.options]})
        case Named():
            if shape.name not in definitions:
                definitions[shape.name] = {}  # taken, while it is being written: it may occur in itself
                definitions[shape.name] = _schema(shape.shape(), definitions)
            return {"$ref": f"#/definitions/{shape.name}"}
        case _:
            assert_never(shape)


def _text(shape: Text) -> Schema:
    if shape.values:
        return {"enum": list(shape.values)}
    form: Schema = {"type": "string", "pattern": shape.form or r"\S"}
    return form if shape.longest is None else {**form, "maxLength": shape.longest}


def _keys(shape: Keys, definitions: dict[str, Schema]) -> Schema:
    required = [key.name for key in shape.keys if key.required]
    return {
        "type": "object",
        "properties": {key.name: _key(key, definitions) for key in shape.keys},
        **({"required": required} if required else {} if shape.may_be_empty else {"minProperties": 1}),
        "additionalProperties": False,
    }


def _entries(shape: Entries, definitions: dict[str, Schema]) -> Schema:
    special = {key.name: _key(key, definitions) for key in shape.special}
    return {
        "type": "object",
        **({"properties": special} if special else {}),
        "additionalProperties": _schema(shape.of, definitions),
        "propertyNames": _text(shape.names),
        "minProperties": 1,
    }


def _key(key: Key, definitions: dict[str, Schema]) -> Schema:
    inner = _schema(key.shape, definitions)
    if "$ref" in inner:  # what stands beside a reference is not read
        inner = {"allOf": [inner]}
    default = {} if key.default is None else {"default": key.default}
    further = inner.pop("description", "")
    return {"description": f"{key.about} {further}".strip(), **inner, **default}


def _about(words: str, schema: Schema) -> Schema:
    return {"description": words, **schema} if words else schema
