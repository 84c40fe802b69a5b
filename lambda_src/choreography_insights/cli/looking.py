"""What commands share that look at deployed journeys: where the table is, and whose credentials read it."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any, TypeVar

from choreography_insights.cli.command import complain, zone

if TYPE_CHECKING:
    from choreography_insights.insights.reading import Reading

NOT_DONE = 2

T = TypeVar("T")

PERMISSIONS = """\
Asks AWS with your credentials: AWS's usual variables and files, AWS_ENDPOINT_URL too. Needs ssm:GetParameter, and
dynamodb:Query, GetItem and BatchGetItem on the journeys table and its indexes. Payloads of events are not read.
"""


class NothingToLookAtError(Exception):
    """The table cannot be read; the message says why, and what to do."""


def declare_insights(parser: ArgumentParser) -> None:
    """Let *parser* take where the insights are."""
    parser.add_argument(
        "--prefix", default="choreography", metavar="PREFIX", help="name_prefix of the insights (default: choreography)"
    )
    parser.add_argument("--region", metavar="REGION", help="the AWS Region")
    parser.add_argument("--profile", metavar="PROFILE", help="the profile of your AWS configuration")


def declare_looks(parser: ArgumentParser) -> None:
    """Let *parser* take where the insights are, and how what they say is written."""
    declare_insights(parser)
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    parser.add_argument(
        "--timezone", type=zone, default=UTC, metavar="NAME", help="whose clock is shown: Europe/Berlin (default: UTC)"
    )


def looked(options: Namespace, look: Callable[["Reading"], int]) -> int:
    """Return the exit code of *look*; say what is wrong where the table cannot be read."""
    try:
        return asked(options, look)
    except NothingToLookAtError as error:
        complain(error)
        return NOT_DONE


def asked(options: Namespace, look: Callable[["Reading"], T]) -> T:
    """Return what *look* gives; raise `NothingToLookAtError` if the table cannot be read."""
    return connected(options, lambda reading, *_: look(reading))


def connected(options: Namespace, use: Callable[["Reading", Any, Mapping[str, Any]], T]) -> T:
    """Return what *use* makes of the table, of boto3's session and of what the insights say of themselves.

    Raises `NothingToLookAtError` if any of that cannot be had.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError as error:
        raise NothingToLookAtError("asking AWS needs boto3; run: pip install boto3") from error
    from choreography_insights.insights.reading import Reading
    from choreography_insights.stopping.deployed import NotThereError, insights_of
    from choreography_insights.views.words import Clock

    try:
        session = boto3.Session(profile_name=options.profile, region_name=options.region)
        insights = insights_of(session.client("ssm"), options.prefix)
        client = session.client("dynamodb", config=Config(max_pool_connections=25))
        clock = Clock(time.time(), getattr(options, "timezone", UTC))
        reading = Reading(client, insights["journeys_table_name"], clock, insights["state_machine_arn_prefix"])
        return use(reading, session, insights)
    except (BotoCoreError, ClientError, NotThereError) as error:
        raise NothingToLookAtError(f"{options.prefix}: {error}") from error
