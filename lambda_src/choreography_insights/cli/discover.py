"""``choreography discover``."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from choreography_insights.cli.command import Command, s3_client

if TYPE_CHECKING:
    from choreography_insights.core.fields import EventPath

_DESCRIPTION = """\
Learns a choreography from recorded events: writes a workflow.yaml that says what most journeys do, and says how well
it fits, and what it leaves out. It is a draft: read it, give its states the names that your people use, and see by
'choreography replay' which journeys depart from it.

EVENTS are files, folders or s3://BUCKET/PREFIX of EventBridge's envelopes, as 'choreography replay' reads them; or
files of logs as CSV (.csv), XES (.xes) or OCEL 2.0 (.json). The entity's path, the events that begin a journey, and the
fields that decide what comes next are found in the events.

exit codes: 0 a draft was made, 1 none could be
"""

_EXAMPLES = """\
examples:
  choreography discover events.jsonl -o order/
  choreography discover events.jsonl --entity '$.detail.orderId' --noise 0.1
  choreography discover helpdesk.csv --case "Case ID" --activity Activity --time "Complete Timestamp" -o helpdesk/
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
        "--entity", type=_path, metavar="PATH", help="where events carry what they are about: $.detail.id"
    )
    parser.add_argument(
        "--start", action="append", default=[], metavar="EVENT", help="an event that begins a journey (may be repeated)"
    )
    parser.add_argument(
        "--noise",
        type=_share,
        metavar="SHARE",
        help="leave out what a smaller share of the journeys in a state does (default: 0.05, or what fits better)",
    )
    parser.add_argument("--region", metavar="REGION", help="the AWS Region of events in S3")
    parser.add_argument("--profile", metavar="PROFILE", help="the profile of your AWS configuration, for events in S3")
    logs = parser.add_argument_group("logs that are no envelopes")
    logs.add_argument("--case", metavar="COLUMN", help="the column of the case's id; in OCEL the type of object")
    logs.add_argument("--activity", metavar="COLUMN", help="the column of the event's name")
    logs.add_argument("--time", metavar="COLUMN", help="the column of the moment")
    logs.add_argument("--source", help="the source that the events get (default: the choreography's name)")


def _path(text: str) -> "EventPath":
    from choreography_insights.core.fields import event_path

    path = event_path(text)
    if path is None:
        raise ArgumentTypeError(f"{text!r} is no path; a path looks like '$.detail.id'")
    return path


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if 0 <= share < 0.5:
        return share
    raise ArgumentTypeError(f"{text!r} is no share; give a number from 0 to 0.5: 0.05")


def _run(options: Namespace) -> int:
    from choreography_insights.cli import discovering
    from choreography_insights.discover.log_files import Columns

    return discovering.run(
        discovering.Asked(
            files=options.events,
            output=options.output,
            name=options.name,
            entity=options.entity,
            starts=options.start,
            noise=options.noise,
            columns=Columns(options.case, options.activity, options.time),
            source=options.source,
            connect=lambda: s3_client(options),
        ),
        out=sys.stdout,
        complain=lambda text: print(text, file=sys.stderr),
    )


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
