"""``choreography replay``."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from choreography_insights.cli.command import Command

_DESCRIPTION = """\
Says what the choreography would have said about recorded events, without deploying anything: per journey where it
ended or waits, how long it took, and what was unexpected; in sum, how often each state and transition occurred, how
many journeys conform, and which states are slowest.

EVENTS holds EventBridge's envelopes as JSON lines, one after the other or in a JSON array (an archive replayed to a
file), or is a simulation. They must lie in order of time, up to the choreography's grace period.

exit codes: 0 everything conforms, 1 something does not, 2 nothing could be replayed
"""

_EXAMPLES = """\
examples:
  choreography replay order/ events.jsonl
  choreography replay order/workflow.yaml order/simulations/order-completed.json
  zcat archive/*.gz | choreography replay order/ - --format json | jq -c .journey.state
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("definition", type=Path, metavar="DEFINITION", help="a workflow.yaml, or its folder")
    parser.add_argument("events", metavar="EVENTS", help="a file of events; - is standard input")
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="json: an object a line, the last is the sum"
    )
    parser.add_argument(
        "--sort", action="store_true", help="hold all events in memory and bring them into order of time first"
    )


def _run(options: Namespace) -> int:
    from choreography_insights.cli import replaying

    return replaying.run(
        options.definition,
        options.events,
        form=options.format,
        sort=options.sort,
        out=sys.stdout,
        complain=lambda text: print(text, file=sys.stderr),
    )


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
