"""What a subcommand is, and what several of them say."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from choreography_insights.authoring.problems import Problem


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: what help says of it, what it takes, what it does."""

    name: str
    help: str
    """One line for the list of all commands."""
    description: str
    examples: str
    declare: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    """Does it and returns the exit code."""


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
    return f"{error.filename}: {error.strerror}; make it readable, or name another path"


def report(problems: "Sequence[Problem]", how: Literal["text", "json"]) -> int:
    """Print *problems* for people or for programs, and return the exit code that they come to."""
    if how == "json":
        objects = [problem.as_object() for problem in problems]
        sys.stdout.write(f"{json.dumps(objects, ensure_ascii=False, indent=2)}\n")
    else:
        sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if any(problem.is_error for problem in problems) else 0
