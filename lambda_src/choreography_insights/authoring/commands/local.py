"""``choreography local``."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from choreography_insights.authoring.commands.command import Command

_DESCRIPTION = """\
Serves an AWS of your own on this machine, on loopback only, until Ctrl-C. It prints the environment to use once it
is ready; Terraform, boto3 and the aws command work against it unmodified.
"""

_EXAMPLES = """\
examples:
  choreography local                    listen on any port that is free
  choreography local --port 4566        listen on this one
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, metavar="N", help="the port to listen on (default: any that is free)")


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 65_536:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")


def _run(options: Namespace) -> int:
    from choreography_insights.local.server import serve

    return serve(options.port)


COMMAND = Command("local", "serve an AWS on this machine", _DESCRIPTION, _EXAMPLES, _declare, _run)
