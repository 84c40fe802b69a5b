"""``choreography replay``."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC
from pathlib import Path

from choreography_insights.cli.command import Command, asked, complain, moment, s3_client, zone

_DESCRIPTION = """\
Says what the choreography would have said about recorded events, without deploying anything: per journey where it
ended or waits, how long it took, and what was unexpected; in sum, how often each state and transition occurred, how
many journeys conform, and which states are slowest. Or what journeys say together: the ways they took, where time goes,
what would mend deviations; or what differs from another definition, or another time.

EVENTS is a file, a folder of files, s3://BUCKET/PREFIX or - for standard input. It holds EventBridge's envelopes as
JSON lines, one after the other, in a JSON array or in Parquet, the log of a bus, or what CloudWatch Logs gives of
these, packed or not; or it is a simulation. They must lie in order of time, up to the choreography's grace period.

exit codes: 0 everything conforms (of a comparison: nothing is worse), 1 something does not, 2 nothing could be replayed
"""

_EXAMPLES = """\
examples:
  choreography replay order/ events.jsonl
  choreography replay order/workflow.yaml order/simulations/order-completed.json
  choreography replay order/ events.jsonl --variants --deviating-first
  choreography replay order/ events.jsonl --suggest | patch -p0
  choreography replay order/ events.jsonl --against main/order/ --format markdown
  choreography replay order/ s3://my-archive/orders/2026/03/ --profile production --format json | jq -c .journey.state
"""


_TOGETHER = ("variants", "times", "conformance", "suggest", "alignments")


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("definition", type=Path, metavar="DEFINITION", help="a workflow.yaml, or its folder")
    parser.add_argument(
        "events", metavar="EVENTS", help="a file of events, a folder of them, s3://BUCKET/PREFIX; - is standard input"
    )
    parser.add_argument("--region", metavar="REGION", help="the AWS Region of events in S3")
    parser.add_argument("--profile", metavar="PROFILE", help="the profile of your AWS configuration, for events in S3")
    parser.add_argument(
        "--format",
        dest="form",
        choices=("table", "json", "markdown"),
        default="table",
        help="json: an object a line, the last is the sum; markdown: of a comparison, for a pull request",
    )
    parser.add_argument(
        "--sort", action="store_true", help="hold all events in memory and bring them into order of time first"
    )
    parser.add_argument(
        "--workers",
        type=_count,
        default=1,
        metavar="N",
        help="so many processes, each of which replays a share of the entities (default: 1)",
    )
    together = parser.add_argument_group("what journeys say together, in place of one by one")
    together.add_argument("--variants", action="store_true", help="the ways that they took, the most frequent first")
    together.add_argument("--deviating-first", action="store_true", help="of the ways, first those that deviate")
    together.add_argument(
        "--times",
        action="store_true",
        help="where time goes: states, ways, hours, and what slow journeys have in common",
    )
    together.add_argument(
        "--conformance",
        action="store_true",
        help="where entities depart, and which change would mend most (holds all events in memory)",
    )
    together.add_argument(
        "--suggest", action="store_true", help="the change after which most fit, as a diff that patch applies"
    )
    together.add_argument(
        "--alignments",
        action="store_true",
        help="go on after each deviation: what is left out or skipped, and fitness from 0 to 1 (holds all events)",
    )
    together.add_argument(
        "--most", type=_count, default=10, metavar="N", help="so many rows of each table (default: 10)"
    )
    together.add_argument(
        "--timezone",
        dest="zone",
        type=zone,
        default=UTC,
        metavar="NAME",
        help="whose weekdays and hours count (default: UTC)",
    )
    _declare_comparison(parser)


def _declare_comparison(parser: ArgumentParser) -> None:
    compared = parser.add_argument_group("what differs, in place of what is; exit code 1 if something is worse")
    either = compared.add_mutually_exclusive_group()
    either.add_argument(
        "--against", type=Path, metavar="OLD", help="the definition before: who fares differently, what got slower"
    )
    either.add_argument(
        "--split", type=moment, metavar="MOMENT", help="what began before 2026-01-31T00:00:00Z, and what did since"
    )


def _count(text: str) -> int:
    if text.isdecimal() and int(text):
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no whole number; give one from 1 on")


def _run(options: Namespace) -> int:
    from choreography_insights.replay.event_files import Recording

    options.events = Recording(options.events, lambda: s3_client(options))
    together = [name for name in _TOGETHER if getattr(options, name)]
    if options.workers > 1 and (together or options.against is not None or options.split is not None):
        complain("one worker replays all: what journeys say together is said by one")
    if options.against is not None or options.split is not None:
        if together:
            return _refuse(f"--{together[0]} is no part of a comparison; leave it out")
        return _compare(options)
    if options.form == "markdown":
        return _refuse("--format markdown is for comparisons; add --against or --split, or leave it out")
    if together:
        return _analyse(options)
    from choreography_insights.cli import replaying

    return replaying.run(
        options.definition,
        options.events,
        form=options.form,
        sort=options.sort,
        out=sys.stdout,
        complain=lambda text: print(text, file=sys.stderr),
        workers=options.workers,
    )


def _analyse(options: Namespace) -> int:
    from choreography_insights.cli import analysing

    return analysing.run(
        asked(analysing.Asked, options),
        out=sys.stdout,
        complain=lambda text: print(text, file=sys.stderr),
    )


def _refuse(why: str) -> int:
    complain(why)
    return 2


def _compare(options: Namespace) -> int:
    from choreography_insights.cli import comparing

    return comparing.run(
        asked(comparing.Asked, options),
        out=sys.stdout,
        complain=lambda text: print(text, file=sys.stderr),
    )


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
