"""``choreography local``."""

from argparse import ArgumentParser, Namespace

from choreography_insights.cli.command import Command, complain, port

_DESCRIPTION = """\
Serves an AWS of your own on this machine, on loopback only, until Ctrl-C. It prints the environment to use once it
is ready; Terraform, boto3 and the aws command work against it unmodified.
"""

_EXAMPLES = """\
examples:
  choreography local                    listen on any port that is free
  choreography local --port 4566        listen on this one
"""


_EXTRA = ("moto", "flask", "flask_cors", "werkzeug", "boto3", "botocore", "aws_lambda_powertools", "rich")
"""What is missing where the package was installed without its extra."""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=port, metavar="N", help="the port to listen on (default: any that is free)")


def _run(options: Namespace) -> int:
    try:
        from choreography_insights.local.server import serve

        return serve(options.port)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        return complain(
            f"an AWS on this machine needs {missing}, which comes with the extra 'local'; run: "
            "pip install 'choreography-insights[local]'"
        )


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
