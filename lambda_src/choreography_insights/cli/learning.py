"""What the commands that learn a choreography from recorded events take."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from choreography_insights.cli.command import s3_client, zone

if TYPE_CHECKING:
    from choreography_insights.cli.discovering import Asked
    from choreography_insights.core.fields import EventPath


def declare(parser: ArgumentParser) -> None:
    """Let *parser* take how events are read, and what is known of the choreography."""
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
    logs.add_argument(
        "--time-format",
        type=_form,
        metavar="FORMAT",
        help="how moments are written, as Python's strptime has it: '%%d/%%m/%%Y %%H:%%M' (default: found out)",
    )
    logs.add_argument(
        "--time-zone",
        type=zone,
        metavar="ZONE",
        help="where moments that say no zone belong: Europe/Berlin (default: UTC)",
    )
    logs.add_argument(
        "--encoding", type=_encoding, help="of CSV that is not UTF-8: windows-1252 (UTF-16 shows in its first bytes)"
    )


def asked(options: Namespace, files: Sequence[str], name: str | None, source: str | None) -> "Asked":
    """Return what *options* say of learning from *files*."""
    from choreography_insights.cli.discovering import Asked
    from choreography_insights.discover.files.row import Columns

    return Asked(
        files=files,
        name=name,
        entity=options.entity,
        starts=options.start,
        noise=options.noise,
        columns=Columns(
            case=options.case,
            activity=options.activity,
            time=options.time,
            form=options.time_format,
            zone=options.time_zone,
            encoding=options.encoding,
        ),
        source=source,
        connect=lambda: s3_client(options),
    )


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


def _form(text: str) -> str:
    from datetime import datetime

    try:
        datetime.strptime("", text)  # noqa: DTZ007 - it is the form that is tried
    except ValueError as error:
        if "%" not in text or "directive" in str(error) or "stray" in str(error):
            raise ArgumentTypeError(f"{text!r} is no form of a moment; one looks like '%d/%m/%Y %H:%M'") from None
    return text


def _encoding(text: str) -> str:
    from codecs import lookup

    try:
        return lookup(text).name
    except LookupError:
        raise ArgumentTypeError(f"{text!r} is no encoding; name one such as windows-1252 or latin-1") from None
