"""``choreography schema``."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from choreography_insights.cli.command import Command, complain, unreadable

_DESCRIPTION = """\
Prints the JSON Schema of workflow.yaml. An editor that knows it completes keys, explains them, and underlines what is
wrong while you write. Name it in the first line of a workflow.yaml:

  # yaml-language-server: $schema=choreography.schema.json
"""

_EXAMPLES = """\
examples:
  choreography schema -o order/choreography.schema.json
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there (default: standard output)")


def _run(options: Namespace) -> int:
    from choreography_insights.schema import FILE

    text = FILE.read_text(encoding="utf-8")
    if options.output is None:
        sys.stdout.write(text)
        return 0
    try:
        options.output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        return complain(unreadable(error))
    return 0


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
