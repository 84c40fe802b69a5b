"""``choreography validate``."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from choreography_insights.cli.command import Command, complain, declare_report, report, unreadable

_DESCRIPTION = """\
Says all that is wrong with each workflow.yaml, each problem with its place and what would be right. Warnings are of
what works but may not be meant: a gap between the entries of a 'when', a loop that fills Step Functions' history, a
state machine that is nearly too large, events of one choreography that would be deviations of another. The exit code is
1 if anything is wrong, and 0 if there are warnings only.

docs/reference/diagnostics.md says more of each problem, under its id. A comment '# choreography: ignore CI601' ignores
a warning: in its line, or, at the top of the file, in all of it.
"""

_EXAMPLES = """\
examples:
  choreography validate order/workflow.yaml
  choreography validate .               every workflow.yaml below this folder
  choreography validate order billing   two choreographies, and where the events of one would be deviations of the other
  choreography validate --ignore CI601 .
                                        without warnings of this kind
  choreography validate --format json . the same for tools: a list of objects with file, line, column, path, id,
                                        severity and message; sarif is for code scanning, github for pull requests
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a workflow.yaml, or a folder of them")
    declare_report(parser)


def _run(options: Namespace) -> int:
    from choreography_insights.project import definitions, folders

    try:
        problems = folders.check_all(definitions.definitions(options.paths))
    except definitions.NoDefinitionError as error:
        return complain(error)
    except OSError as error:
        return complain(unreadable(error))
    return report(problems, options)


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
