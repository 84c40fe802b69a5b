"""The language's JSON Schema, which editors complete and check a ``workflow.yaml`` by.

`language` describes the language in `shapes`, `json_schema` writes that as JSON Schema, and what it writes lies in
`choreography.schema.json` (`make generate`). A new key or kind of state is described in `language`; tests
compare it with what the parser reads.
"""

from choreography_insights.schema.json_schema import FILE, json_schema

__all__ = ["FILE", "json_schema"]
