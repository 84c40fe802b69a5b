"""``choreography draw``."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from choreography_insights.cli.command import Command, complain, s3_client, unreadable
from choreography_insights.cli.looking import NothingToLookAtError, asked, declare_insights

if TYPE_CHECKING:
    from choreography_insights.model.workflow import Workflow
    from choreography_insights.views.trace import Trace

_FORMATS = ("mermaid", "dot", "svg")
_ENDINGS = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid", ".md": "mermaid"}

_EVENTS = {".json", ".jsonl", ".ndjson"}
"""What the names of files of events end in."""

_DESCRIPTION = """\
Draws a choreography, as SVG for any browser, as Mermaid for Markdown, or in Graphviz's language. With --journey it
paints a journey's way on it: that of an entity's newest journey (by its id, with your AWS credentials), that of an
execution (by its ARN), or what a file of events would have brought about (the forms that 'choreography replay' reads).

In blue the way that was taken, in orange where the journey is.
"""

_EXAMPLES = """\
examples:
  choreography draw order/ -o order.svg
  choreography draw order/ --format mermaid
  choreography draw order/ -o why.svg --journey 12345 --prefix shop
  choreography draw order/ -o why.svg --journey arn:aws:states:eu-west-1:111122223333:execution:shop-order:12345-9f8e7d
  choreography draw order/ -o why.svg --journey events.jsonl --entity 12345
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("definition", type=Path, metavar="DEFINITION", help="a workflow.yaml, or its folder")
    parser.add_argument("--format", choices=_FORMATS, help="default: what FILE ends in; without FILE, mermaid")
    parser.add_argument(
        "--journey", metavar="ID|EVENTS|ARN", help="an entity's id, a file of events, or the ARN of an execution"
    )
    parser.add_argument("--entity", metavar="ID", help="whose journey, if the events tell of several")
    declare_insights(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there (default: standard output)")


def _run(options: Namespace) -> int:
    from choreography_insights.diagnostics.problem import InvalidWorkflow
    from choreography_insights.project import definitions
    from choreography_insights.trace.journeys import NoJourneyError

    form = options.format or _format_of(options.output)
    if form is None:
        endings = ", ".join(_ENDINGS)
        return complain(
            f"{options.output}: no picture is written so; end the name in one of {endings}, or add --format"
        )
    try:
        workflow = definitions.load(options.definition)
        trace = _trace(workflow, options) if options.journey else None
        text = _drawn(workflow, trace, form)
        if options.output is None:
            sys.stdout.write(text)
        else:
            options.output.write_text(text, encoding="utf-8", newline="\n")
    except (definitions.NoDefinitionError, InvalidWorkflow, NoJourneyError) as error:
        return complain(error)
    except OSError as error:
        return complain(unreadable(error))
    return 0


def _format_of(output: Path | None) -> str | None:
    return _ENDINGS.get(output.suffix) if output else "mermaid"


def _trace(workflow: "Workflow", options: Namespace) -> "Trace":
    from choreography_insights.replay.event_files import Recording
    from choreography_insights.trace import journeys

    journey = options.journey
    if journey.startswith("arn:"):
        return journeys.asked_for(workflow, journey)
    if not journey.startswith("s3://") and Path(journey).suffix in _EVENTS and not Path(journey).exists():
        raise journeys.NoJourneyError(
            f"--journey takes an entity's id, a file of events or the ARN of an execution, and there is no file "
            f"{journey!r}; name one, and whose journey is meant with --entity"
        )
    if journey.startswith("s3://") or Path(journey).exists():
        return journeys.replayed(
            workflow,
            Recording(journey, lambda: s3_client(options)),
            options.entity,
            lambda text: print(text, file=sys.stderr),
        )
    return _looked_up(workflow, journey, options)


def _looked_up(workflow: "Workflow", entity: str, options: Namespace) -> "Trace":
    from choreography_insights.trace.journeys import NoJourneyError

    name = workflow.name.text
    try:
        found = asked(options, lambda reading: reading.journey(name, entity))
    except NothingToLookAtError as error:
        raise NoJourneyError(
            f"--journey takes an entity's id, a file of events or the ARN of an execution; {entity!r} is no file, and "
            f"as an id it cannot be looked up: {error}"
        ) from error
    if found is None:
        raise NoJourneyError(
            f"{entity!r} is no file of events, and {options.prefix} has no journey of such an entity through {name}; "
            "write its id just as its events have it"
        )
    return found.trace


def _drawn(workflow: "Workflow", trace: "Trace | None", how: str) -> str:
    from choreography_insights.picture.dot import dot
    from choreography_insights.picture.layout import layout
    from choreography_insights.picture.mermaid import mermaid
    from choreography_insights.picture.picture import picture_of
    from choreography_insights.views.svg import svg

    match how:
        case "svg":
            return svg(layout(picture_of(workflow)), workflow.name.text, trace)
        case "dot":
            return dot(picture_of(workflow), workflow.name.text, trace)
        case _:
            return mermaid(workflow, trace)


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
