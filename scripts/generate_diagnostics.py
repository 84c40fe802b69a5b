#!/usr/bin/env python3
"""Writes docs/diagnostics.md, the reference of all errors and warnings; with ``--check`` it only says if it is stale.

It needs no installation of the project, only its requirements.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lambda_src"))

from devtools.places import ROOT
from readmes.diagnostics import page

_FILE = ROOT / "docs" / "diagnostics.md"


def main() -> int:
    """Write the page, or compare it; return the exit code."""
    text = page()
    if "--check" not in sys.argv[1:]:
        _FILE.write_text(text, encoding="utf-8", newline="\n")
    elif not _FILE.exists() or _FILE.read_text(encoding="utf-8") != text:
        print(f"{_FILE.relative_to(ROOT)}: stale; run: make generate")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
