"""``choreography discover``."""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from choreography_insights.cli import learning
from choreography_insights.cli.command import Command

_DESCRIPTION = """\
Learns a choreography from recorded events: writes a workflow.yaml that says what most journeys do, and says how well
it fits, and what it leaves out. It is a draft: read it, give its states the names that your people use, and see by
'choreography replay' which journeys depart from it.

EVENTS are files, folders or s3://BUCKET/PREFIX of EventBridge's envelopes, as 'choreography replay' reads them; or
logs as CSV, XES or OCEL (JSON, XML, SQLite), or of records with a case, an activity and a time. The entity's path, the
events that begin a journey, and the fields that decide what comes next are found in the events.

exit codes: 0 a draft was made, 1 none could be
"""

_EXAMPLES = """\
examples:
  choreography discover events.jsonl -o order/
  choreography discover events.jsonl --entity '$.detail.orderId' --noise 0.1
  choreography discover helpdesk.csv --case "Case ID" --activity Activity --time "Complete Timestamp" -o helpdesk/
  choreography discover orders.csv --time-format "%d/%m/%Y %H:%M" --time-zone Europe/Berlin --write-events orders.jsonl
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "events", nargs="+", metavar="EVENTS", help="files of events, folders, s3://BUCKET/PREFIX; - is standard input"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="where to write workflow.yaml (default: print it)"
    )
    parser.add_argument("--name", help="the choreography's name (default: that of the folder, or of the file)")
    parser.add_argument(
        "--write-events",
        type=Path,
        metavar="FILE",
        help="write the events as envelopes, in order of time, for 'choreography replay' and 'report'",
    )
    learning.declare(parser)
    parser.add_argument("--source", help="the source that events of a log get (default: the choreography's name)")


def _run(options: Namespace) -> int:
    from choreography_insights.cli import discovering

    asked = learning.asked(options, options.events, options.name, options.source)
    return discovering.run(
        replace(asked, output=options.output, events=options.write_events),
        out=sys.stdout,
        complain=lambda text: print(text, file=sys.stderr),
    )


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
