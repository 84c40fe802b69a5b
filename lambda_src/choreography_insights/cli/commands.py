"""The subcommands of ``choreography``: one module each, which is imported when it is asked for, so that help is quick.

What a subcommand needs is imported when it runs.
"""

from collections.abc import Mapping
from importlib import import_module

from choreography_insights.cli.command import Command

COMMANDS: Mapping[str, str] = {
    "init": "begin a new choreography",
    "validate": "say what is wrong with workflow.yaml",
    "generate": "make what is deployed from workflow.yaml",
    "lint": "check a state machine written by hand",
    "draw": "draw a choreography, and a journey's way on it",
    "replay": "say what a choreography says about recorded events",
    "simulate": "write and publish series of events",
    "stop": "bring a deployed choreography to its end",
    "schema": "print the JSON Schema of workflow.yaml",
    "local": "serve an AWS on this machine",
}
"""What help says of each, in the order in which help lists them."""


def command(name: str) -> Command:
    """Return the subcommand *name*, one of `COMMANDS`."""
    found: Command = import_module(f"choreography_insights.cli.{name}").COMMAND
    return found
