#!/usr/bin/env python3
"""Write what is generated: the language's schema, the page of all diagnostics, the tables of the modules' READMEs.

With ``--check`` only say which files are stale. A generated part of a README stands between
``<!-- generated: NAME -->`` and ``<!-- end -->``.
"""

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from choreography_insights import schema
from choreography_insights.compile.templates import as_json
from devtools.places import ROOT
from devtools.planned import INSIGHTS, planned
from documents import diagnostics
from documents.markdown import with_generated
from documents.module_interface import inputs, outputs
from documents.observability import alarms, dashboard

#: The document of each module.
DOCUMENTS = {
    ROOT: ROOT / "docs" / "reference" / "root-module.md",
    **{folder: folder / "README.md" for folder in sorted(ROOT.glob("modules/*")) if any(folder.glob("*.tf"))},
}


def main() -> int:
    """Write the files, or compare them; return the exit code."""
    check = "--check" in sys.argv[1:]
    stale = [(file, text) for file, text in _fresh() if not file.exists() or file.read_text("utf-8") != text]
    for file, text in stale:
        if check:
            print(f"{file.relative_to(ROOT)}: stale; run: make generate")
        else:
            file.write_text(text, encoding="utf-8", newline="\n")
    return 1 if stale and check else 0


def _fresh() -> Iterator[tuple[Path, str]]:
    yield schema.FILE, as_json(schema.json_schema())
    yield ROOT / "docs" / "reference" / "diagnostics.md", diagnostics.page()
    for module, file in DOCUMENTS.items():
        yield file, freshened(file.read_text(encoding="utf-8"), module)


def freshened(text: str, module: Path) -> str:
    """Return a document with its generated parts made anew."""
    makers = {
        "inputs": lambda: inputs(module),
        "outputs": lambda: outputs(module),
        "dashboard": lambda: dashboard(_insights()),
        "alarms": lambda: alarms(_insights()),
    }
    return with_generated(text, makers)


@cache
def _insights() -> Mapping[str, Mapping[str, object]]:
    return planned("insights", INSIGHTS)


if __name__ == "__main__":
    sys.exit(main())
