"""``choreography generate``."""

import shlex
from argparse import ArgumentParser, Namespace
from pathlib import Path

from choreography_insights.authoring.commands.command import Command, complain, say, unreadable

_DESCRIPTION = """\
Turns each workflow.yaml into the files that are committed and deployed beside it:

  definition.asl.json   the state machine, as a Terraform template
  events.json           which events the rules catch, and how they are read
  diagram.md            a picture, and what the simulations take of it
  simulations/*.json    the fewest series of events that together take every transition

All problems of all definitions are reported at once, and then nothing is written. A file is written only when it
changes. Simulations of your own in simulations/ are left alone.
"""

_EXAMPLES = """\
examples:
  choreography generate order/workflow.yaml
  choreography generate examples/       every workflow.yaml below the folder
  choreography generate --check .       exit code 1 if something is stale: a step for continuous integration
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a workflow.yaml, or a folder of them")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if anything is stale, missing or left over"
    )


def _run(options: Namespace) -> int:
    from choreography_insights.authoring import folders
    from choreography_insights.authoring.problems import InvalidWorkflow

    try:
        definitions = folders.definitions(options.paths)
        changes = folders.changes(definitions)
        warnings = folders.check(definitions)
    except (folders.NoDefinitionError, InvalidWorkflow) as error:
        return complain(error)
    except OSError as error:
        return complain(unreadable(error))
    for warning in warnings:
        complain(warning)
    if options.check:
        say(f"{change.path}: {change.kind}; run: {_command(change.definition)}" for change in changes)
        return 1 if changes else 0
    for change in changes:
        folders.apply(change)
    say(f"{'removed' if change.content is None else 'wrote'} {change.path}" for change in changes)
    return 0


def _command(definition: Path) -> str:
    return f"choreography generate {shlex.quote(str(definition))}"


COMMAND = Command("generate", "make what is deployed from workflow.yaml", _DESCRIPTION, _EXAMPLES, _declare, _run)
