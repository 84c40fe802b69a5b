"""``choreography init``."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path

from choreography_insights.cli import learning
from choreography_insights.cli.command import Command, complain, say, unreadable

_MODULES = "git::https://github.com/YOUR-ORG/choreography-insights.git//modules"

_DESCRIPTION = """\
Begins a choreography: a folder NAME with a workflow.yaml in which the events follow one another, a test of it, the
schema for your editor, and all that 'choreography generate' makes; beside it NAME.tf, the block that deploys it. All of
it works at once (pytest NAME/); then write into the workflow.yaml what your journeys really do.

With --from the workflow.yaml is what recorded events say: see 'choreography discover'.

Nothing is written if any of these files exists.
"""

_EXAMPLES = """\
examples:
  choreography init order "Order Placed" "Order Confirmed" "Order Delivered"
  choreography init order --source shop --modules ../modules "Order Placed" "Order Delivered"
  choreography init order --from events.jsonl
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the choreography's name, and that of its folder")
    events = parser.add_argument(
        "events", nargs="+", default=[], metavar="EVENT", help="its events in order, the first begins a journey"
    )
    events.required = False  # with nargs="*" argparse would not find them behind an option
    parser.add_argument("--source", help="the events' source on the bus (default: NAME)")
    parser.add_argument(
        "--from",
        dest="recorded",
        action="append",
        default=[],
        metavar="EVENTS",
        help="a file of recorded events to learn it from, a folder of them, or s3://BUCKET/PREFIX (may be repeated)",
    )
    parser.add_argument("--modules", default=_MODULES, help="where this project's Terraform modules lie")
    learning.declare(parser)


def _run(options: Namespace) -> int:
    from choreography_insights.diagnostics.problem import InvalidWorkflow
    from choreography_insights.project.definitions import WORKFLOW, load_workflow
    from choreography_insights.project.folders import generate
    from choreography_insights.project.scaffold import beginning, terraform

    name, events = options.name, options.events
    if options.recorded and events:
        return complain("give the events by --from, or by their names, not both")
    if not options.recorded and len(events) < 2:
        return complain("a journey needs at least two events: one that begins it, and one that it waits for; add them")
    if events and events[0] in events[1:]:
        return complain(f"the event {events[0]!r} begins a journey, so it cannot be awaited too; give it once")
    folder = Path(name)
    try:
        texts = _learned(options) if options.recorded else beginning(name, events, options.source or name)
        generated = generate(load_workflow(texts[WORKFLOW], str(folder / WORKFLOW)))
    except InvalidWorkflow as error:
        return complain("; ".join(dict.fromkeys(problem.message for problem in error.problems)))
    except _NothingLearnedError as error:
        return complain(error)
    files = {folder / file: text for file, text in {**texts, **generated}.items()}
    files[folder.with_suffix(".tf")] = terraform(name, name, options.modules)
    if there := [str(path) for path in files if path.exists()]:
        return complain(f"{there[0]}: this is there already; remove it, or choose another name")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        return complain(unreadable(error))
    say(f"wrote {path}" for path in files)
    return 0


class _NothingLearnedError(Exception):
    """The recorded events gave no draft; the message says why."""


def _learned(options: Namespace) -> Mapping[str, str]:
    from choreography_insights.cli import discovering
    from choreography_insights.project.scaffold import learned

    try:
        asked = learning.asked(options, options.recorded, options.name, options.source)
        draft = discovering.draft(asked, lambda text: print(text, file=sys.stderr))
    except discovering.NO_DRAFT as error:
        raise _NothingLearnedError(discovering.why(error)) from error
    return learned(options.name, draft.text, draft.examples)


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
