"""``choreography diff``."""

import json
import time
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from choreography_insights.cli.command import Command, complain, say, unreadable, zone
from choreography_insights.cli.looking import NOT_DONE, NothingToLookAtError, connected, declare_insights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from choreography_insights.evolution.definition import Definition
    from choreography_insights.evolution.difference import Difference
    from choreography_insights.insights.reading import Reading
    from choreography_insights.views.words import Clock

MOST = 20_000
"""Of so many journeys that run it is read which definition they run."""

_DESCRIPTION = """\
Says what is other in the definition NEW than in OLD, and what that means for journeys that run: which events would not
find them any more, since no rule captures them, or their id is read elsewhere. With --deployed OLD is what is deployed,
of every version that journeys still run; then it is said which journeys wait for what is lost, and how many.

A journey runs on by the definition that it began with, whatever is deployed later. So a state may go. An event that
moves such a journey may not, until the last of them has ended: keep it as 'events: {Old Name: {retired: true}}'.

--deployed asks AWS with your credentials, AWS_ENDPOINT_URL too. It needs ssm:GetParameter, dynamodb:Query, GetItem and
BatchGetItem on the journeys table and its indexes, events:ListRules and events:ListTargetsByRule. Payloads of events
are not read.

exit codes: 0 no journey is stranded, 1 some are or may be, 2 nothing could be compared
"""

_EXAMPLES = """\
examples:
  choreography diff old/order/ order/   two folders, or two files
  choreography diff <(git show main:order/workflow.yaml) order/
                                        what a branch changes
  choreography diff --deployed order/ --prefix shop
                                        who would still need what goes; a step before terraform apply
  choreography diff --deployed order/ --prefix shop --format markdown
                                        the same, for a comment in a pull request
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="OLD and NEW; with --deployed only NEW")
    parser.add_argument("--deployed", action="store_true", help="compare with what is deployed, and look who runs it")
    declare_insights(parser)
    parser.add_argument("--bus", metavar="NAME", help="the event bus, if it is not that of the insights")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")
    parser.add_argument(
        "--timezone", type=zone, metavar="NAME", help="whose clock is shown: Europe/Berlin (default: UTC)"
    )


def _run(options: Namespace) -> int:
    from choreography_insights.diagnostics.problem import InvalidWorkflow
    from choreography_insights.project.definitions import NoDefinitionError

    if len(options.paths) != (1 if options.deployed else 2):
        complain("name two definitions: OLD NEW; or one, and --deployed: choreography diff --deployed NEW")
        return NOT_DONE
    try:
        return _compare(options)
    except (InvalidWorkflow, NoDefinitionError, NothingToLookAtError) as error:
        complain(error)
    except OSError as error:
        complain(unreadable(error))
    return NOT_DONE


def _compare(options: Namespace) -> int:
    from datetime import UTC

    from choreography_insights.evolution.definition import Definition
    from choreography_insights.evolution.difference import difference
    from choreography_insights.project.definitions import load
    from choreography_insights.views.words import Clock

    *older, newer = (Definition.of(load(path)) for path in options.paths)
    options.timezone = options.timezone or UTC
    if older:
        return _say(options, difference(older[0], newer), Clock(time.time(), options.timezone))
    return connected(options, partial(_compare_with_deployed, options, newer))


def _compare_with_deployed(
    options: Namespace, newer: "Definition", reading: "Reading", session: Any, insights: "Mapping[str, Any]"
) -> int:
    from choreography_insights.evolution.definition import Definition, moving, settings_in
    from choreography_insights.evolution.difference import stranding
    from choreography_insights.evolution.needs import stands
    from choreography_insights.stopping.deployed import rules_told

    current = reading.flow(newer.name)
    bus = options.bus or insights["event_bus_name"]
    told = [*rules_told(session.client("events"), options.prefix, newer.name, bus)]
    if current is None or not told:
        raise NothingToLookAtError(
            f"{options.prefix}: there is no {'picture' if told else 'rule'} of a choreography {newer.name!r}; "
            "deploy it, or compare two files: choreography diff OLD NEW"
        )
    starts = [rule for kind, rule in told if kind == "start"]
    older = Definition(
        name=newer.name,
        flow=current,
        starts=starts,
        moves=moving([rule for kind, rule in told if kind == "events"], starts),
        settings=settings_in(told[0][1]),
    )
    journeys, unseen = reading.standing(newer.name, MOST)
    found = stands(journeys)
    flows = {one.version: reading.flow(newer.name, one.version) for one in found if one.version != current.version}
    known = {current.version: current, **{version: flow for version, flow in flows.items() if flow is not None}}
    return _say(options, stranding(older, newer, found, known, unseen), reading.clock)


def _say(options: Namespace, found: "Difference", clock: "Clock") -> int:
    from choreography_insights.evolution import told

    match options.format:
        case "json":
            say([json.dumps({"difference": told.document(found, clock)}, ensure_ascii=False)])
        case "markdown":
            say(told.markdown(found, clock))
        case _:
            say(told.text(found, clock))
    return 1 if found.strands else 0


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
