#!/usr/bin/env python3
"""Writes anew what the tests of the compiler expect; read the difference before you commit it.

A case is a folder ``tests/definitions/good/NAME`` with a ``workflow.yaml``, a file ``tests/definitions/bad/NAME.yaml``,
or for `choreography lint` a file ``tests/lint/bad/NAME.asl.json``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lambda_src"))

from choreography_insights.cli import main as cli
from choreography_insights.lint import lint
from choreography_insights.project.generator import check

_ROOT = Path(__file__).resolve().parents[1]
_CASES = _ROOT / "tests" / "definitions"


def main() -> int:
    """Refresh all expectations; return 1 if a case is not (or no longer) what its folder says."""
    return max(
        cli.main(["generate", str(_CASES / "good")]),
        *map(_refresh_problems, (_CASES / "bad").glob("*.yaml")),
        *map(_refresh_lint, (_ROOT / "tests" / "lint" / "bad").glob("*.asl.json")),
    )


def _refresh_problems(case: Path) -> int:
    _, problems = check(case.read_text(encoding="utf-8"), case.name)
    if problems:
        text = "".join(f"{problem}\n" for problem in problems)
        case.with_suffix(".problems").write_text(text, encoding="utf-8", newline="\n")
        return 0
    return _nothing_wrong(case)


def _refresh_lint(case: Path) -> int:
    problems = lint(case.read_text(encoding="utf-8"), case.name)
    text = "".join(f"{problem}\n" for problem in problems)
    case.with_suffix("").with_suffix(".problems").write_text(text, encoding="utf-8", newline="\n")
    return 0 if problems else _nothing_wrong(case)


def _nothing_wrong(case: Path) -> int:
    print(f"{case.relative_to(_ROOT)}: there is nothing wrong with it; move it to good/, or break it")
    return 1


if __name__ == "__main__":
    sys.exit(main())
