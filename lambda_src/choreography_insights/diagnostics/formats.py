"""Problems as text: for people, for programs, for code scanning (SARIF), for a pull request on GitHub."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from choreography_insights.diagnostics.problem import Problem
from choreography_insights.diagnostics.rule import Rule
from choreography_insights.version import version

Format = Literal["text", "json", "sarif", "github"]

_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def written(problems: Sequence[Problem], how: Format) -> str:
    """Return *problems* in the format *how*."""
    return _FORMATS[how](problems)


def _text(problems: Sequence[Problem]) -> str:
    return "".join(f"{problem}\n" for problem in problems)


def _json(problems: Sequence[Problem]) -> str:
    return f"{json.dumps([problem.as_object() for problem in problems], ensure_ascii=False, indent=2)}\n"


def _github(problems: Sequence[Problem]) -> str:
    """Return workflow commands, which GitHub turns into annotations: an unknown line would end the command."""
    return "".join(f"{_command(problem)}\n" for problem in problems)


def _command(problem: Problem) -> str:
    at = problem.spot.at
    title = f"{problem.rule.id} {problem.rule.title}"
    properties = {"file": at.file, "line": at.line, "col": at.column, "title": title}
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{problem.severity} {listed}::{_data(_message(problem))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _message(problem: Problem) -> str:
    return f"{problem.spot.path}: {problem.message}" if problem.spot.path else problem.message


def _sarif(problems: Sequence[Problem]) -> str:
    rules = sorted({problem.rule for problem in problems})
    driver = {"name": "choreography", "semanticVersion": version(), "rules": [_descriptor(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, rules.index(problem.rule)) for problem in problems],
    }
    log = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return f"{json.dumps(log, ensure_ascii=False, indent=2)}\n"


def _descriptor(rule: Rule) -> Mapping[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.what} {rule.why}"},
        "help": {"text": rule.mend},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(problem: Problem, index: int) -> Mapping[str, Any]:
    at, path = problem.spot.at, problem.spot.path
    place = {
        "artifactLocation": {"uri": _uri(at.file)},
        "region": {"startLine": at.line, "startColumn": at.column},
    }
    location = {"physicalLocation": place} | ({"logicalLocations": [{"fullyQualifiedName": path}]} if path else {})
    return {
        "ruleId": problem.rule.id,
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": _message(problem)},
        "locations": [location],
    }


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


_FORMATS: Mapping[Format, Callable[[Sequence[Problem]], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
}
