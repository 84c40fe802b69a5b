"""What Step Functions would refuse, as statelint knows it; said in our form, with the place and a remedy.

The Python package statelint keeps to AWS's own https://github.com/awslabs/statelint, messages included. Where ways
lead is `ways`' matter: statelint takes states that lead to each other for reachable.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.diagnostics.rule import Rule
from choreography_insights.lint.json_document import Document, Path, written

_ROOT = "State Machine"
_LEFT_TO_WAYS = ("No transition found to state ", "No terminal state found ", "No state found named ", "StartAt value ")

Said = tuple[str, str | None]
"""What is wrong and what would be right; and, if the problem is with a key there, that key."""

_FORMS: Sequence[tuple[Rule, re.Pattern[str], Callable[[re.Match[str]], Said]]] = [
    (
        catalogue.UNKNOWN_FIELD,
        re.compile(r'Field "(?P<key>.*)" not allowed in (?P<path>.*)'),
        lambda found: (f"there is no {found['key']!r} here; remove it, or mend its spelling", found["key"]),
    ),
    (
        catalogue.UNKNOWN_FIELD,
        re.compile(r'(?P<path>.*) has forbidden field "(?P<key>.*)"'),
        lambda found: (f"{found['key']!r} must not be here; remove it", found["key"]),
    ),
    (
        catalogue.MISSING_FIELD,
        re.compile(r'(?P<path>.*) does not have required field "(?P<key>.*)"'),
        lambda found: (f"{found['key']!r} is missing; add it", None),
    ),
    (
        catalogue.MISSING_FIELD,
        re.compile(r"(?P<path>.*) does not have required field from (?P<keys>\[.*\])"),
        lambda found: (f"one of {found['keys']} is missing; add it", None),
    ),
    (
        catalogue.CONFLICTING_FIELDS,
        re.compile(r"(?P<path>.*) may have only one of (?P<keys>\[.*\])"),
        lambda found: (f"only one of {found['keys']} may be here; keep one", None),
    ),
    (
        catalogue.INVALID_FIELD,
        re.compile(r"(?P<path>.*) is (?P<seen>.*), not one of the allowed values \[(?P<values>.*)\]"),
        lambda found: (f"{found['seen']} is none of its values; write one of {found['values']}", None),
    ),
    (
        catalogue.INVALID_FIELD,
        re.compile(r"(?P<path>.*) is (?P<seen>.*) but should be (?P<right>.*)"),
        lambda found: (f"this is {found['seen']}; write {found['right']}", None),
    ),
    (
        catalogue.INVALID_FIELD,
        re.compile(r"(?P<path>.*) is (?P<seen>.*) but allowed floor is (?P<bound>.*)"),
        lambda found: (f"{found['seen']} is too little; write more than {found['bound']}", None),
    ),
    (
        catalogue.INVALID_FIELD,
        re.compile(r"(?P<path>.*) is (?P<seen>.*) but allowed ceiling is (?P<bound>.*)"),
        lambda found: (f"{found['seen']} is too much; write less than {found['bound']}", None),
    ),
    (
        catalogue.INVALID_FIELD,
        re.compile(r"(?P<path>.*) is empty, non-empty required"),
        lambda _: ("this is empty; write at least one", None),
    ),
    (
        catalogue.INVALID_FIELD,
        re.compile(r"(?P<path>.*) should be non-null"),
        lambda _: ("this is null; write a value or remove it", None),
    ),
    (
        catalogue.INVALID_FIELD,
        re.compile(r"(?P<path>.*): States\.ALL can only appear in the last element, and by itself\."),
        lambda _: ("'States.ALL' may stand only in the last entry, and alone; move it there", None),
    ),
    (
        catalogue.INVALID_FIELD,
        re.compile(r'Field "(?P<key>.*)" of \S+ at "(?P<path>.*)" is not a JSONPath or intrinsic function expression'),
        lambda found: (
            f"what {found['key']!r} has is no path; begin it with $, or take '.$' off the key",
            found["key"],
        ),
    ),
    (
        catalogue.DUPLICATE_MACHINE_STATE,
        re.compile(r'State "(?P<name>.*)", defined at (?P<path>.*), is also defined at (?P<other>.*)'),
        lambda found: (_said_twice(found["name"], found["other"]), found["name"]),
    ),
]


def _said_twice(name: str, other: str) -> str:
    return f"a state named {name!r} is in {other.removeprefix(f'{_ROOT}.')} too; give it a name of its own"


def step_functions_problems(document: Document) -> Iterator[Problem]:
    """Yield what Step Functions would refuse in *document*, a well-shaped one."""
    from statelint.config import Config  # noqa: PLC0415  # takes a moment to import
    from statelint.linter import Linter  # noqa: PLC0415
    from statelint.problem import ProblemType  # noqa: PLC0415

    # A BackoffRate of 2 is as good as one of 2.0 to AWS.
    config = Config(ignored_problem_types={ProblemType.FLOAT})
    by_text = {_as_statelint_writes(path): path for path in document.paths()}
    try:
        messages = Linter.validate(document.value, config)
    except (AttributeError, AssertionError, KeyError, RecursionError, TypeError, ValueError) as error:
        # It takes some values for granted that only a broken file lacks, deep inside a state.
        message = f"something in here is of the wrong type, which ends statelint's check ({error}); look for it"
        yield document.spot(()).problem(catalogue.INVALID_FIELD, message)
        return
    for message in dict.fromkeys(messages):
        if not message.startswith(_LEFT_TO_WAYS):
            yield _problem(document, message, by_text)


def _problem(document: Document, message: str, by_text: Mapping[str, Path]) -> Problem:
    for rule, form, say in _FORMS:
        found = form.fullmatch(message)
        if found:
            words, key = say(found)
            path = _path(found["path"], by_text)
            return document.spot((*path, key) if key is not None else path).problem(rule, words)
    return document.spot(()).problem(
        catalogue.INVALID_FIELD, f"{message}; the States Language specification says what may stand there"
    )


def _path(text: str, by_text: Mapping[str, Path]) -> Path:
    """Return the path that *text* means, or as much of it as there is in the document."""
    while text not in by_text and text != _ROOT:
        text = text[: max(text.rfind("."), text.rfind("["), 0)] or _ROOT
    return by_text.get(text, ())


def _as_statelint_writes(path: Path) -> str:
    below = written(path)
    return f"{_ROOT}.{below}" if below else _ROOT
