#!/usr/bin/env python3
"""Writes the JSON Schema of the language, which lies in the package; with ``--check`` it only says whether it is stale.

It needs no installation of the project, only its requirements.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lambda_src"))

from choreography_insights.compile.templates import as_json
from choreography_insights.schema import FILE, json_schema


def main() -> int:
    """Write the schema, or compare it; return the exit code."""
    text = as_json(json_schema())
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8", newline="\n")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        print(f"{FILE.name}: stale; run: scripts/generate_schema.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
