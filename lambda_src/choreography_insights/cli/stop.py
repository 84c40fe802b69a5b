"""``choreography stop``."""

import sys
import time
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from typing import Any

from choreography_insights.cli.command import Command, complain, say

_DESCRIPTION = """\
Brings a deployed choreography to its end, before its block is removed from Terraform. Deleting a state machine whose
journeys run ends them at their next transition; and its name is refused, and Terraform fails, until the last is gone.

Without --wait or --abort the rules of its start events are disabled, so that no journey begins any more; those that run
go on. --wait stays until the last has ended by itself. --abort disables all its rules and stops those that run. Either
way all rules rest in the end. Terraform enables rules again when it applies the block: say 'drain = true' in it.

Asks AWS with your credentials: AWS's usual variables and files, AWS_ENDPOINT_URL too. Needs ssm:GetParameter,
events:ListRules, events:DisableRule, states:DescribeStateMachine, states:ListExecutions, and states:StopExecution to
--abort.

exit codes: 0 the block can be removed, 1 something runs or may still begin, 2 it could not be done
"""

_EXAMPLES = """\
examples:
  choreography stop order --prefix shop --dry-run --abort
                                        say what there is and what would be done, change nothing
  choreography stop order --prefix shop let no journey begin any more, and say how many run
  choreography stop order --prefix shop --wait
  choreography stop order --prefix shop --abort --region eu-west-1 --profile production
"""

_NOT_DONE = 2


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the choreography's name")
    parser.add_argument(
        "--prefix", default="choreography", metavar="PREFIX", help="name_prefix of its insights (default: choreography)"
    )
    parser.add_argument("--bus", metavar="NAME", help="the bus its rules are on (default: that of its insights)")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--wait", action="store_true", help="wait until the journeys that run have ended by themselves")
    way.add_argument("--abort", action="store_true", help="stop the journeys that run")
    parser.add_argument("--dry-run", action="store_true", help="change nothing, and say what would be done")
    parser.add_argument("--region", metavar="REGION", help="the AWS Region")
    parser.add_argument("--profile", metavar="PROFILE", help="the profile of your AWS configuration")


def _run(options: Namespace) -> int:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError:
        complain("stopping needs boto3; run: pip install boto3")
        return _NOT_DONE
    from choreography_insights.stopping.deployed import NotThereError, find

    try:
        session = boto3.Session(profile_name=options.profile, region_name=options.region)
        patient = Config(retries={"mode": "adaptive", "max_attempts": 10})
        clients: dict[str, Any] = {
            name: session.client(name, config=patient) for name in ("ssm", "events", "stepfunctions")
        }
        return _stopped(options, find(clients, options.prefix, options.name, options.bus))
    except (BotoCoreError, ClientError, NotThereError) as error:
        complain(f"{options.name}: {error}")
        return _NOT_DONE


def _stopped(options: Namespace, deployed: Any) -> int:
    from choreography_insights.stopping.planning import Way, left, plan
    from choreography_insights.stopping.stopping import stop

    way: Way = "abort" if options.abort else "wait" if options.wait else "drain"
    if options.dry_run:
        sight = deployed.seen(_now())
        say(plan(sight, way))
    else:
        sight = stop(deployed, way, now=_now, sleep=_sleep, tell=_tell)
    say(left(sight, options.name))
    return 0 if sight.has_ended else 1


def _now() -> datetime:
    return datetime.now(UTC)


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _tell(line: str) -> None:
    """Print at once: somebody may be watching for hours."""
    say([line])
    sys.stdout.flush()


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
