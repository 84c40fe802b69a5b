"""``choreography console``."""

import os
import sys
import webbrowser
from argparse import ArgumentParser, Namespace

from choreography_insights.cli.command import Command, complain, port

_DESCRIPTION = """\
Shows in your browser what the custom widgets of the insights' dashboard show in CloudWatch: it calls the same function
with your AWS credentials (AWS's usual variables and files, AWS_ENDPOINT_URL too), and plays CloudWatch's part on a
page that only this machine can reach, until Ctrl-C. Needs lambda:InvokeFunction on that function, as viewers of the
dashboard do.
"""

_EXAMPLES = """\
examples:
  choreography console --prefix shop    ask the function shop-insights
  choreography console --prefix shop --profile production --region eu-west-1
  choreography console --function arn:aws:lambda:eu-west-1:111122223333:function:my-widget
  choreography console --no-browser     only print the address
"""

_EXTRA = ("boto3", "botocore", "jinja2", "markdown_it", "nh3", "werkzeug")
"""What is missing where the package was installed without its extra."""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--prefix",
        default="choreography",
        metavar="PREFIX",
        help="name_prefix of the insights, whose function is PREFIX-insights (default: choreography)",
    )
    parser.add_argument("--function", metavar="NAME", help="another function, by name or ARN")
    parser.add_argument("--profile", metavar="PROFILE", help="the profile of your AWS configuration")
    parser.add_argument("--region", metavar="REGION", help="the AWS Region")
    parser.add_argument(
        "--port", type=port, metavar="N", help="the port to listen on (default: 41230, or any that is free)"
    )
    parser.add_argument("--no-browser", action="store_true", help="open no browser, print the address only")


def _run(options: Namespace) -> int:
    try:
        from botocore.exceptions import BotoCoreError

        from choreography_insights.console.function import deployed
        from choreography_insights.console.server import Server, until_ended
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        return complain(
            f"the console needs {missing}, which comes with the extra 'console'; run: "
            "pip install 'choreography-insights[console]'"
        )
    name = options.function or f"{options.prefix}-insights"
    try:
        server = Server(deployed(name, profile=options.profile, region=options.region), options.port)
    except BotoCoreError as error:
        return complain(f"{name}: {error} Name them with --profile and --region.")
    except OSError as error:
        return complain(f"port {options.port}: {os.strerror(error.errno or 0)}; name another one, or leave --port out")
    server.start()
    try:
        print(f"The console of {name} is at {server.entrance}\nCtrl-C ends it.", flush=True)
        if not options.no_browser and not webbrowser.open(server.entrance):
            print("No browser could be opened; open the address in one.", file=sys.stderr)
        until_ended()
    finally:
        server.end()
    return 0


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
