"""``choreography draw``."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from choreography_insights.cli.command import Command, complain, unreadable

if TYPE_CHECKING:
    from choreography_insights.model.workflow import Workflow
    from choreography_insights.views.trace import Trace

_FORMATS = ("mermaid", "dot", "svg")
_ENDINGS = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid", ".md": "mermaid"}

_DESCRIPTION = """\
Draws a choreography, as SVG for any browser, as Mermaid for Markdown, or in Graphviz's language. With --journey it
paints a journey's way on it: that of an execution (by its ARN, with your AWS credentials), or what a file of events
would have brought about (the forms that 'choreography replay' reads).

In blue the way that was taken, in orange where the journey is.
"""

_EXAMPLES = """\
examples:
  choreography draw order/ -o order.svg
  choreography draw order/ --format mermaid
  choreography draw order/ -o why.svg --journey arn:aws:states:eu-west-1:111122223333:execution:shop-order:12345-9f8e7d
  choreography draw order/ -o why.svg --journey events.jsonl --entity 12345
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("definition", type=Path, metavar="DEFINITION", help="a workflow.yaml, or its folder")
    parser.add_argument("--format", choices=_FORMATS, help="default: what FILE ends in; without FILE, mermaid")
    parser.add_argument("--journey", metavar="EVENTS|ARN", help="a file of events, or the ARN of an execution")
    parser.add_argument("--entity", metavar="ID", help="whose journey, if the events tell of several")
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
        trace = _trace(workflow, options.journey, options.entity) if options.journey else None
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


def _trace(workflow: "Workflow", journey: str, entity: str | None) -> "Trace":
    from choreography_insights.trace import journeys

    if journey.startswith("arn:"):
        return journeys.asked_for(workflow, journey)
    if not Path(journey).exists():
        raise journeys.NoJourneyError(
            f"--journey takes a file of events or the ARN of an execution, and there is no file {journey!r}; "
            "name one, and whose journey is meant with --entity"
        )
    return journeys.replayed(workflow, Path(journey), entity, lambda text: print(text, file=sys.stderr))


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
