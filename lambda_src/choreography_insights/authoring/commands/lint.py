"""``choreography lint``."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from choreography_insights.authoring.commands.command import Command, complain, report, unreadable

_DESCRIPTION = """\
Checks state machines that were written or edited by hand, in Amazon States Language: whether Step Functions would take
them, and whether each Task is a wait state that has all it needs (docs/interfaces.md, section 2). Every other kind of
state is welcome. The placeholders ${partition} and ${journeys_table} stay: Terraform fills them.

Exit code 1 if anything is wrong.
"""

_EXAMPLES = """\
examples:
  choreography lint order.asl.json
  choreography lint --format json *.asl.json     problems for another program to read
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a state machine: anything.asl.json")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how problems are written (default: text)"
    )


def _run(options: Namespace) -> int:
    from choreography_insights.authoring.lint import lint
    from choreography_insights.authoring.problems import Location, Problem, Spot

    problems: list[Problem] = []
    for file in options.files:
        try:
            problems += lint(file.read_text(encoding="utf-8-sig"), str(file))
        except OSError as error:
            return complain(unreadable(error))
        except UnicodeDecodeError:
            spot = Spot(Location(str(file), 1, 1), "")
            problems.append(spot.problem("this is not UTF-8 text; save it so"))
    return report(problems, options.format)


COMMAND = Command("lint", "check a state machine written by hand", _DESCRIPTION, _EXAMPLES, _declare, _run)
