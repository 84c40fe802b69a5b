"""The subcommands of ``choreography``, in the order in which help lists them: one module each.

What a subcommand needs is imported when it runs, so that help comes at once.
"""

from collections.abc import Sequence

from choreography_insights.cli import draw, generate, init, lint, local, replay, schema, simulate, stop, validate
from choreography_insights.cli.command import Command

COMMANDS: Sequence[Command] = (
    init.COMMAND,
    validate.COMMAND,
    generate.COMMAND,
    lint.COMMAND,
    draw.COMMAND,
    replay.COMMAND,
    simulate.COMMAND,
    stop.COMMAND,
    schema.COMMAND,
    local.COMMAND,
)

__all__ = ["COMMANDS", "Command"]
