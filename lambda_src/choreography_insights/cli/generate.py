"""``choreography generate``."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from choreography_insights.cli.command import Command, complain, declare_report, report, say, unreadable

_DESCRIPTION = """\
Turns each workflow.yaml into the files that are committed and deployed beside it:

  definition.asl.json   the state machine, as a Terraform template
  events.json           which events the rules catch, and how they are read
  diagram.md            a picture, and what the simulations take of it
  picture.json          where its boxes and arrows lie and its states lead, for what shows journeys on it
  simulations/*.json    the fewest series of events that together take every transition

All problems of all definitions are reported at once, and then nothing is written. A file is written only when it
changes. Simulations of your own in simulations/ are left alone.
"""

_EXAMPLES = """\
examples:
  choreography generate order/workflow.yaml
  choreography generate examples/       every workflow.yaml below the folder
  choreography generate --check .       exit code 1 if something is stale: a step for continuous integration
  choreography generate --check --format github .
                                        the same, as annotations in a pull request
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a workflow.yaml, or a folder of them")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if anything is stale, missing or left over"
    )
    declare_report(parser)


def _run(options: Namespace) -> int:
    from choreography_insights.project import definitions, folders

    if options.format != "text" and not options.check:
        return complain(f"--format {options.format} is for what --check finds; add --check")
    try:
        checked = folders.checked(definitions.definitions(options.paths))
        stale = [change.problem for change in checked.changes] if options.check else []
        if options.format != "text":
            return report([*checked.problems, *stale], options)
        report(checked.problems, options)
        if not checked.is_sound:
            return 1
        say(map(str, stale))
        if not options.check:
            for change in checked.changes:
                folders.apply(change)
            say(f"{'removed' if change.content is None else 'wrote'} {change.path}" for change in checked.changes)
    except definitions.NoDefinitionError as error:
        return complain(error)
    except OSError as error:
        return complain(unreadable(error))
    return 1 if stale else 0


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
