#!/usr/bin/env python3
"""Writes anew what the tests of the compiler expect; read the difference before you commit it.

A case is a folder ``tests/definitions/good/NAME`` with a ``workflow.yaml``, a file ``tests/definitions/bad/NAME.yaml``,
or for `choreography lint` a file ``tests/lint/bad/NAME.asl.json``. Of what is generated of a good one, all is written
if its ``definition.asl.json`` lies beside it, and else what lies there already.
"""

import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lambda_src"))

from choreography_insights.cli import main as cli
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.lint import lint
from choreography_insights.project.definitions import load_workflow
from choreography_insights.project.folders import check, generate

_ROOT = Path(__file__).resolve().parents[1]
_CASES = _ROOT / "tests" / "definitions"
_LINT = _ROOT / "tests" / "lint" / "bad"


def main() -> int:
    """Refresh all expectations; return 1 if a case is not (or no longer) what its folder says."""
    workflows = ((case, check(case.read_text("utf-8"), case.name)[1]) for case in (_CASES / "bad").glob("*.yaml"))
    machines = ((case, lint(case.read_text("utf-8"), case.name)) for case in _LINT.glob("*.asl.json"))
    refreshed = [_refresh(case, problems) for case, problems in chain(workflows, machines)]
    return max(*refreshed, *map(_generate, (_CASES / "good").glob("*/workflow.yaml")))


def _generate(case: Path) -> int:
    if (case.parent / "definition.asl.json").exists():
        return cli.main(["generate", str(case)])
    for name, text in generate(load_workflow(case.read_text("utf-8"), case.name)).items():
        if (case.parent / name).exists():
            (case.parent / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


def _refresh(case: Path, problems: Iterable[Problem]) -> int:
    text = "".join(f"{problem}\n" for problem in problems)
    if not text:
        print(f"{case.relative_to(_ROOT)}: there is nothing wrong with it; move it to good/, or break it")
        return 1
    case.with_name(f"{case.name.partition('.')[0]}.problems").write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
