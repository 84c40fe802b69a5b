"""The command ``choreography``. What a subcommand needs is imported when it runs, so that help comes at once."""

import argparse
import json
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

_DESCRIPTION = "Write a choreography of events down once, and watch every journey through it in AWS Step Functions."

_EXAMPLES = """\
examples:
  choreography validate order/          say what is wrong with order/workflow.yaml, and what may be
  choreography generate order/          make the files that Terraform deploys, beside order/workflow.yaml
  choreography generate --check .       say which generated files below this folder are stale, change nothing
  choreography replay order/ events.jsonl
                                        say what the choreography says about recorded events
  choreography local --port 4566        serve an AWS of your own on this machine until Ctrl-C

choreography COMMAND --help says more about a command.
"""

_GENERATE = """\
Turns each workflow.yaml into the files that are committed and deployed beside it:

  definition.asl.json   the state machine, as a Terraform template
  events.json           which events the rules catch, and how they are read
  diagram.md            a picture, and what the simulations take of it
  simulations/*.json    the fewest series of events that together take every transition

All problems of all definitions are reported at once, and then nothing is written. A file is written only when it
changes. Simulations of your own in simulations/ are left alone.
"""

_GENERATE_EXAMPLES = """\
examples:
  choreography generate order/workflow.yaml
  choreography generate examples/       every workflow.yaml below the folder
  choreography generate --check .       exit code 1 if something is stale: a step for continuous integration
"""

_VALIDATE = """\
Says all that is wrong with each workflow.yaml, each problem with its place and what would be right. Warnings are of
what works but may not be meant: a gap between the entries of a 'when', a loop that fills Step Functions' history, a
state machine that is nearly too large. The exit code is 1 if anything is wrong, and 0 if there are warnings only.
"""

_VALIDATE_EXAMPLES = """\
examples:
  choreography validate order/workflow.yaml
  choreography validate .               every workflow.yaml below this folder
  choreography validate --format json . the same for tools: a list of objects with file, line, column, path, severity
                                        and message
"""

_REPLAY = """\
Says what the choreography would have said about recorded events, without deploying anything: per journey where it
ended or waits, how long it took, and what was unexpected; in sum, how often each state and transition occurred, how
many journeys conform, and which states are slowest.

EVENTS holds EventBridge's envelopes as JSON lines, one after the other or in a JSON array (an archive replayed to a
file), or is a simulation. They must lie in order of time, up to the choreography's grace period.

exit codes: 0 everything conforms, 1 something does not, 2 nothing could be replayed
"""

_REPLAY_EXAMPLES = """\
examples:
  choreography replay order/ events.jsonl
  choreography replay order/workflow.yaml order/simulations/order-completed.json
  zcat archive/*.gz | choreography replay order/ - --format json | jq -c .journey.state
"""

_LOCAL = """\
Serves an AWS of your own on this machine, on loopback only, until Ctrl-C. It prints the environment to use once it
is ready; Terraform, boto3 and the aws command work against it unmodified.
"""

_LOCAL_EXAMPLES = """\
examples:
  choreography local                    listen on any port that is free
  choreography local --port 4566        listen on this one
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* (those of the process by default) and return the exit code."""
    options = _parser().parse_args(arguments)
    match options.command:
        case "generate":
            return _generate(options.paths, check=options.check)
        case "validate":
            return _validate(options.paths, as_json=options.format == "json")
        case "replay":
            return _replay(options.definition, options.events, form=options.format, sort=options.sort)
        case "local":
            return _local(options.port)
        case command:
            raise AssertionError(f"{command} is declared but not run")


def _parser() -> argparse.ArgumentParser:
    verbatim = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="choreography", description=_DESCRIPTION, epilog=_EXAMPLES, formatter_class=verbatim
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    generate = commands.add_parser(
        "generate",
        help="make what is deployed from workflow.yaml",
        description=_GENERATE,
        epilog=_GENERATE_EXAMPLES,
        formatter_class=verbatim,
    )
    generate.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a workflow.yaml, or a folder of them")
    generate.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if anything is stale, missing or left over"
    )

    validate = commands.add_parser(
        "validate",
        help="say what is wrong with workflow.yaml",
        description=_VALIDATE,
        epilog=_VALIDATE_EXAMPLES,
        formatter_class=verbatim,
    )
    validate.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a workflow.yaml, or a folder of them")
    validate.add_argument(
        "--format", choices=("text", "json"), default="text", help="how problems are written (default: text)"
    )

    replay = commands.add_parser(
        "replay",
        help="say what a choreography says about recorded events",
        description=_REPLAY,
        epilog=_REPLAY_EXAMPLES,
        formatter_class=verbatim,
    )
    replay.add_argument("definition", type=Path, metavar="DEFINITION", help="a workflow.yaml, or its folder")
    replay.add_argument("events", metavar="EVENTS", help="a file of events; - is standard input")
    replay.add_argument(
        "--format", choices=("table", "json"), default="table", help="json: an object a line, the last is the sum"
    )
    replay.add_argument(
        "--sort", action="store_true", help="hold all events in memory and bring them into order of time first"
    )

    local = commands.add_parser(
        "local",
        help="serve an AWS on this machine",
        description=_LOCAL,
        epilog=_LOCAL_EXAMPLES,
        formatter_class=verbatim,
    )
    local.add_argument("--port", type=_port, metavar="N", help="the port to listen on (default: any that is free)")
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 65_536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")


def _generate(paths: Sequence[Path], *, check: bool) -> int:
    from choreography_insights.authoring import folders  # noqa: PLC0415 (see the module's docstring)
    from choreography_insights.authoring.problems import InvalidWorkflow  # noqa: PLC0415

    try:
        files = folders.definitions(paths)
        changes = folders.changes(files)
    except (folders.NoDefinitionError, InvalidWorkflow) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}; make it readable, or name another path\n")
        return 1
    if check:
        _say(f"{change.path}: {change.kind}; run: {_command(change.definition)}" for change in changes)
        return 1 if changes else 0
    for change in changes:
        folders.apply(change)
    _say(f"{'removed' if change.content is None else 'wrote'} {change.path}" for change in changes)
    return 0


def _validate(paths: Sequence[Path], *, as_json: bool) -> int:
    from choreography_insights.authoring import folders  # noqa: PLC0415 (see the module's docstring)

    try:
        problems = folders.check(folders.definitions(paths))
    except folders.NoDefinitionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}; make it readable, or name another path\n")
        return 1
    if as_json:
        _say([json.dumps([problem.as_object() for problem in problems], ensure_ascii=False, indent=2)])
    else:
        _say(map(str, problems))
    return 1 if any(problem.is_error for problem in problems) else 0


def _replay(definition: Path, events: str, *, form: str, sort: bool) -> int:
    from choreography_insights.authoring.replay import command  # noqa: PLC0415 (see the module's docstring)

    return command.run(
        definition, events, form=form, sort=sort, out=sys.stdout, complain=lambda text: print(text, file=sys.stderr)
    )


def _command(definition: Path) -> str:
    return f"choreography generate {shlex.quote(str(definition))}"


def _local(port: int | None) -> int:
    from choreography_insights.local.server import serve  # noqa: PLC0415

    return serve(port)


def _say(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
