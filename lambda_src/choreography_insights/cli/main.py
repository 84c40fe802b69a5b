"""The command ``choreography`` and its subcommands: one module each, which is imported when it is asked for."""

import os
import sys
from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from importlib import import_module

from choreography_insights.cli.command import Command
from choreography_insights.diagnostics.problem import closest, listed, suggestion
from choreography_insights.version import version

COMMANDS: Mapping[str, str] = {
    "init": "begin a new choreography",
    "discover": "learn a choreography from recorded events",
    "validate": "say what is wrong with workflow.yaml",
    "generate": "make what is deployed from workflow.yaml",
    "diff": "say what a change means for journeys that run",
    "lint": "check a state machine written by hand",
    "draw": "draw a choreography, and a journey's way on it",
    "replay": "say what a choreography says about recorded events",
    "report": "make a page of recorded events: the picture with journeys on it",
    "simulate": "write and publish series of events",
    "journeys": "say where the journeys of deployed choreographies are",
    "show": "tell the story of an entity's journey",
    "stop": "bring a deployed choreography to its end",
    "schema": "print the JSON Schema of workflow.yaml",
    "console": "see journeys in your browser, as the dashboard's widgets show them",
    "local": "serve an AWS on this machine",
}
"""What help says of each, in the order in which help lists them."""

_DESCRIPTION = "Write a choreography of events down once, and watch every journey through it in AWS Step Functions."

_READ_ENOUGH = 141
"""What a shell calls a program that was ended by SIGPIPE, as most are then."""

_EXAMPLES = """\
examples:
  choreography init order "Order Placed" "Order Paid"
                                        begin a choreography: definition, test, Terraform
  choreography discover events.jsonl -o order/
                                        learn a draft from recorded events
  choreography validate order/          say what is wrong with order/workflow.yaml, and what may be
  choreography generate order/          make the files that Terraform deploys, beside order/workflow.yaml
  choreography generate --check .       say which generated files below this folder are stale, change nothing
  choreography diff --deployed order/ --prefix shop
                                        say which journeys that run would still need what went
  choreography lint order.asl.json      check a state machine that was written by hand
  choreography draw order/ -o order.svg draw it; --journey paints a journey's way on it
  choreography replay order/ events.jsonl
                                        say what the choreography says about recorded events
  choreography report order/ events.jsonl -o report.html
                                        show it: the picture, and on it where the journeys are
  choreography simulate order/ --bus shop --series order-completed
                                        publish a series of events to a bus
  choreography journeys --prefix shop   say where the journeys of deployed choreographies are
  choreography show 12345 --prefix shop tell the story of an entity's journey
  choreography stop order --prefix shop --wait
                                        bring a deployed choreography to its end, before Terraform deletes it
  choreography console --prefix shop    see journeys in your browser, as the dashboard's widgets show them
  choreography local --port 4566        serve an AWS of your own on this machine until Ctrl-C

choreography COMMAND --help says more about a command.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* (those of the process by default) and return the exit code."""
    options = _options(sys.argv[1:] if arguments is None else arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads this has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READ_ENOUGH
    return code


def _options(arguments: Sequence[str]) -> Namespace:
    """Return what *arguments* ask for; end the program with what was perhaps meant where they ask for what is not."""
    parser = _parser()
    name = next((word for word in arguments if not word.startswith("-")), None)
    if name is not None and name not in COMMANDS:
        parser.error(f"there is no command {name!r}; {suggestion(name, COMMANDS, 'the commands')}")
    own = _add_commands(parser, name)
    if name is None:
        for word in arguments:
            if not any(name.startswith(word) for name in parser.options):
                parser.error(parser.unknown(word))
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        own.error(own.unknown(unknown[0]))
    return options


class _Parser(ArgumentParser):
    """One that can say which option was meant."""

    @property
    def options(self) -> list[str]:
        return [name for action in self._actions for name in action.option_strings]

    def unknown(self, argument: str) -> str:
        """Say what is wrong with *argument*, which it does not know."""
        word = argument.partition("=")[0]
        if not word.startswith("-"):
            return f"{word!r} is one argument too many; put quotes around one that has blanks in it"
        long = {name.lstrip("-"): name for name in self.options if name.startswith("--")}
        meant = closest(word.lstrip("-"), long)
        remedy = f"did you mean {long[meant]!r}?" if meant else f"the options are {listed(long.values())}"
        return f"there is no option {word!r}; {remedy}"


class _Version(Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        print(f"choreography {version()}")
        parser.exit()


def _command(name: str) -> Command:
    found: Command = import_module(f"choreography_insights.cli.{name}").COMMAND
    return found


def _parser() -> _Parser:
    parser = _Parser(
        prog="choreography",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    return parser


def _add_commands(parser: _Parser, asked: str | None) -> _Parser:
    """Let *parser* list all commands, and take what the one that is *asked* for takes; return the parser of that."""
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, says in COMMANDS.items():
        if name != asked:
            subparsers.add_parser(name, help=says)
            continue
        found = _command(name)
        own = subparsers.add_parser(
            name,
            help=says,
            description=found.description,
            epilog=found.examples,
            formatter_class=RawDescriptionHelpFormatter,
        )
        found.declare(own)
        own.set_defaults(run=found.run)
        parser = own
    return parser
