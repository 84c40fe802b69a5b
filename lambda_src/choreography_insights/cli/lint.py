"""``choreography lint``."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from choreography_insights.cli.command import Command, complain, declare_report, report, unreadable

_DESCRIPTION = """\
Checks state machines that were written or edited by hand, in Amazon States Language: whether Step Functions would take
them, and whether each Task is a wait state that has all it needs (docs/reference/interfaces.md, section 2). Every other
kind of state is welcome. The placeholders ${partition} and ${journeys_table} stay: Terraform fills them.

Exit code 1 if anything is wrong. docs/reference/diagnostics.md says more of each problem, under its id.
"""

_EXAMPLES = """\
examples:
  choreography lint order.asl.json
  choreography lint --format json *.asl.json     problems for another program to read
  choreography lint --format github *.asl.json   problems as annotations in a pull request
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a state machine: anything.asl.json")
    declare_report(parser)


def _run(options: Namespace) -> int:
    from choreography_insights.lint import lint_file

    try:
        problems = [problem for file in options.files for problem in lint_file(file)]
    except OSError as error:
        return complain(unreadable(error))
    return report(problems, options)


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
