"""The command ``choreography``; what its subcommands do is in `commands`."""

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence

from choreography_insights.authoring.commands import COMMANDS

_DESCRIPTION = "Write a choreography of events down once, and watch every journey through it in AWS Step Functions."

_READ_ENOUGH = 141
"""What a shell calls a program that was ended by SIGPIPE, as most are then."""

_EXAMPLES = """\
examples:
  choreography init order "Order Placed" "Order Paid"
                                        begin a choreography: definition, test, Terraform
  choreography validate order/          say what is wrong with order/workflow.yaml, and what may be
  choreography generate order/          make the files that Terraform deploys, beside order/workflow.yaml
  choreography generate --check .       say which generated files below this folder are stale, change nothing
  choreography lint order.asl.json      check a state machine that was written by hand
  choreography draw order/ -o order.svg draw it; --journey paints a journey's way on it
  choreography replay order/ events.jsonl
                                        say what the choreography says about recorded events
  choreography simulate order/ --bus shop --series order-completed
                                        publish a series of events to a bus
  choreography stop order --prefix shop --wait
                                        bring a deployed choreography to its end, before Terraform deletes it
  choreography local --port 4566        serve an AWS of your own on this machine until Ctrl-C

choreography COMMAND --help says more about a command.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* (those of the process by default) and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads this has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READ_ENOUGH
    return code


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="choreography",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        subparser = subparsers.add_parser(
            command.name,
            help=command.help,
            description=command.description,
            epilog=command.examples,
            formatter_class=RawDescriptionHelpFormatter,
        )
        command.declare(subparser)
        subparser.set_defaults(run=command.run)
    return parser
