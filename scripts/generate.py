#!/usr/bin/env python3
"""Write the generated parts of the modules' READMEs; with ``--check`` only say which are stale.

A generated part stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``.
"""

import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from devtools.places import ROOT
from devtools.planned import INSIGHTS, planned
from readmes.inputs import inputs, outputs
from readmes.watching import Resources, alarms, dashboard

#: The document of each module.
DOCUMENTS = {
    ROOT: ROOT / "docs" / "root-module.md",
    **{folder: folder / "README.md" for folder in sorted(ROOT.glob("modules/*")) if any(folder.glob("*.tf"))},
}
_PART = re.compile(r"(?<=<!-- generated: )(?P<name>\w+)( -->\n)(?P<text>.*?)(?=<!-- end -->)", re.DOTALL)


def main() -> int:
    """Write the documents, or compare them; return the exit code."""
    stale = [(file, text) for file, text in _fresh() if file.read_text(encoding="utf-8") != text]
    for file, text in stale:
        if "--check" in sys.argv[1:]:
            print(f"{file.relative_to(ROOT)}: stale; run: make generate")
        else:
            file.write_text(text, encoding="utf-8", newline="\n")
    return 1 if stale and "--check" in sys.argv[1:] else 0


def _fresh() -> list[tuple[Path, str]]:
    return [(file, freshened(file.read_text(encoding="utf-8"), module)) for module, file in DOCUMENTS.items()]


def freshened(text: str, module: Path) -> str:
    """Return a document with its generated parts made anew."""
    makers: dict[str, Callable[[], str]] = {
        "inputs": lambda: inputs(module),
        "outputs": lambda: outputs(module),
        "dashboard": lambda: dashboard(_insights()),
        "alarms": lambda: alarms(_insights()),
    }
    return _PART.sub(lambda part: f"{part['name']} -->\n\n{makers[part['name']]()}\n\n", text)


@cache
def _insights() -> Resources:
    return planned("insights", INSIGHTS)


if __name__ == "__main__":
    sys.exit(main())
