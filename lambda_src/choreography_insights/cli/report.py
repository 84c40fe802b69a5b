"""``choreography report``."""

import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC
from pathlib import Path

from choreography_insights.cli.command import Command, asked, moment, s3_client, zone

_DESCRIPTION = """\
Makes one HTML file of recorded events: where journeys are, where time goes, which ways are taken, what departs, on the
choreography's picture; and the story of each journey that deviates, waits long or is slow. The file needs nothing else,
not even the network: put it into a wiki, a pull request, a mail.

EVENTS is what 'choreography replay' reads: files, folders or s3://BUCKET/PREFIX of EventBridge's envelopes in JSON,
Parquet or logs, packed or not, or a simulation. They must lie in order of time, up to the choreography's grace period.
Now is in the report when the last of them happened.

exit codes: 0 the report is written, 2 nothing could be replayed
"""

_EXAMPLES = """\
examples:
  choreography report order/ events.jsonl -o report.html
  choreography report order/ events.jsonl -o report.html --timezone Europe/Berlin
  choreography report order/ events.jsonl -o report.html --against main/order/
  choreography report order/ s3://my-archive/orders/2026/03/ --profile production -o report.html
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("definition", type=Path, metavar="DEFINITION", help="a workflow.yaml, or its folder")
    parser.add_argument(
        "events", metavar="EVENTS", help="a file of events, a folder of them, s3://BUCKET/PREFIX; - is standard input"
    )
    parser.add_argument("--region", metavar="REGION", help="the AWS Region of events in S3")
    parser.add_argument("--profile", metavar="PROFILE", help="the profile of your AWS configuration, for events in S3")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there (default: standard output)")
    parser.add_argument(
        "--timezone",
        dest="zone",
        type=zone,
        default=UTC,
        metavar="NAME",
        help="whose clock is shown: Europe/Berlin (default: UTC)",
    )
    parser.add_argument(
        "--sort", action="store_true", help="hold all events in memory and bring them into order of time first"
    )
    parser.add_argument(
        "--conformance",
        action="store_true",
        help="show which change of the definition would mend most (holds all events in memory)",
    )
    parser.add_argument("--deviating-first", action="store_true", help="of the ways, show first those that deviate")
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--against",
        type=Path,
        metavar="OLD",
        help="show what differs from the definition before: who fares differently, what got slower",
    )
    either.add_argument(
        "--split",
        type=moment,
        metavar="MOMENT",
        help="show what differs between what began before 2026-01-31T00:00:00Z, and what did since",
    )


def _run(options: Namespace) -> int:
    from choreography_insights.cli import reporting
    from choreography_insights.replay.event_files import Recording

    options.events = Recording(options.events, lambda: s3_client(options))

    return reporting.run(
        asked(reporting.Asked, options),
        out=sys.stdout,
        complain=lambda text: print(text, file=sys.stderr),
    )


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
