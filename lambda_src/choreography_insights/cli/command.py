"""What a subcommand is, and what several of them say."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from choreography_insights.diagnostics.problem import Problem


Asked = TypeVar("Asked", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: what its own help says, what it takes, what it does."""

    description: str
    examples: str
    declare: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    """Does it and returns the exit code."""


def asked(kind: type[Asked], options: Namespace) -> Asked:
    """Return a *kind* of what *options* have under the names of its fields."""
    return kind(**{one.name: getattr(options, one.name) for one in fields(kind)})


def say(lines: Iterable[str]) -> None:
    """Print *lines*."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def complain(message: object) -> int:
    """Print *message* where errors go, and return the exit code for it."""
    sys.stderr.write(f"{message}\n")
    return 1


def unreadable(error: OSError) -> str:
    """Say which file could not be read or written, why, and what to do; an output that is closed is for the caller."""
    if isinstance(error, BrokenPipeError):
        raise error
    folder = Path(error.filename).parent if isinstance(error, FileNotFoundError) else None
    if folder is not None and not folder.is_dir():
        return f"{error.filename}: there is no folder {str(folder)!r}; make it, or name another path"
    return f"{error.filename}: {error.strerror}; make it readable, or name another path"


def declare_report(parser: ArgumentParser) -> None:
    """Let *parser* take what `report` goes by."""
    parser.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="how problems are written (default: text)",
    )
    parser.add_argument(
        "--ignore",
        type=_ignorable,
        action="extend",
        default=[],
        metavar="ID",
        help="say nothing of these warnings: CI601,CI602",
    )


def _ignorable(text: str) -> list[str]:
    from choreography_insights.diagnostics.directives import ignorable

    try:
        return ignorable(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def report(problems: "Sequence[Problem]", options: Namespace) -> int:
    """Print *problems* as *options* has it, and return the exit code that they come to."""
    told = [problem for problem in problems if problem.is_error or problem.rule.id not in options.ignore]
    if not told and options.format == "text":
        return 0
    from choreography_insights.diagnostics.formats import written

    (sys.stderr if options.format == "text" else sys.stdout).write(written(told, options.format))
    return 1 if any(problem.is_error for problem in told) else 0


def s3_client(options: Namespace) -> Any:
    """Return boto3's client of S3 with the credentials that *options* name."""
    import boto3

    return boto3.Session(profile_name=options.profile, region_name=options.region).client("s3")


def port(text: str) -> int:
    """Return the port that *text* names, for ArgumentParser."""
    if text.isdecimal() and int(text) < 65_536:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")


def zone(name: str) -> tzinfo:
    """Return the time zone of that name, for ArgumentParser."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ArgumentTypeError(
            f"no time zone is named {name!r}; name one as Europe/Berlin, or install tzdata if this machine has none"
        ) from None


def moment(text: str) -> float:
    """Return the moment that *text* names, for ArgumentParser."""
    from choreography_insights.core.fields import epoch_seconds

    try:
        return epoch_seconds(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no moment; give one as 2026-01-31T00:00:00Z") from None
