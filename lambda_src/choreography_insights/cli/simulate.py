"""``choreography simulate``."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from choreography_insights.cli.command import Command, complain, say, unreadable

_DESCRIPTION = """\
Writes into simulations/ the fewest series of events that together take every transition of a choreography, and says
which transitions no events can bring about.

With --bus it publishes what lies in simulations/ (your own series too) to an EventBridge bus, with your AWS
credentials: every series, or the one that --series names.
"""

_EXAMPLES = """\
examples:
  choreography simulate order/
  choreography simulate order/ --bus shop-events --series order-completed
  choreography simulate order/ --bus shop-events --no-pauses --region eu-west-1 --profile staging
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("definition", type=Path, metavar="DEFINITION", help="a workflow.yaml, or its folder")
    parser.add_argument("--bus", metavar="NAME", help="publish to this bus")
    parser.add_argument("--series", metavar="NAME", help="only simulations/NAME.json")
    parser.add_argument("--no-pauses", action="store_true", help="do not wait between events")
    parser.add_argument("--region", metavar="REGION", help="the AWS Region of the bus")
    parser.add_argument("--profile", metavar="PROFILE", help="the profile of your AWS configuration")


def _run(options: Namespace) -> int:
    from choreography_insights.diagnostics.problem import InvalidWorkflow, listed
    from choreography_insights.project import definitions, folders
    from choreography_insights.project.definitions import WORKFLOW
    from choreography_insights.project.folders import SIMULATIONS
    from choreography_insights.project.simulating import simulated

    try:
        workflow = definitions.load(options.definition)
        file = options.definition / WORKFLOW if options.definition.is_dir() else options.definition
        changes = [change for change in folders.changes([file]) if change.path.parent != file.parent]
        for change in changes:
            folders.apply(change)
        say(f"{'removed' if change.content is None else 'wrote'} {change.path}" for change in changes)
        say(
            f"not simulated: {left.state} --{left.way}--> {left.target}: {left.reason}"
            for left in simulated(workflow).left
        )
        if of_aws := sorted({one.text for one in workflow.every_source if one.text.startswith("aws.")}):
            print(
                f"warning: AWS takes events of {listed(of_aws)} from its services and partners only, so a bus on AWS "
                "refuses these series; replay, tests and the embedded AWS play them",
                file=sys.stderr,
            )
        if (options.series or options.no_pauses) and not options.bus:
            return complain("--series and --no-pauses say how to publish; add --bus NAME")
        return _published(file.parent / SIMULATIONS, options) if options.bus else 0
    except (definitions.NoDefinitionError, InvalidWorkflow) as error:
        return complain(error)
    except OSError as error:
        return complain(unreadable(error))


def _published(folder: Path, options: Namespace) -> int:
    from choreography_insights.diagnostics.problem import suggestion
    from choreography_insights.project.publishing import NotPublishedError, publish

    series = {path.stem: path for path in sorted(folder.glob("*.json"))}
    if options.series is not None and options.series not in series:
        remedy = suggestion(options.series, series, "its series")
        return complain(f"{folder}: there is no series {options.series!r}; {remedy}")
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError:
        return complain("publishing needs boto3; run: pip install boto3")
    try:
        events = boto3.Session(profile_name=options.profile, region_name=options.region).client("events")
        for name in [options.series] if options.series else series:
            document = json.loads(series[name].read_bytes())
            count = publish(document, options.bus, events, pauses=not options.no_pauses)
            say([f"published {count} events of {name} to {options.bus}"])
    except (BotoCoreError, ClientError, NotPublishedError) as error:
        return complain(f"{options.bus}: {error}")
    return 0


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
