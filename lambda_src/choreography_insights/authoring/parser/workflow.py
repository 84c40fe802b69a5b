"""Reads a whole definition."""

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from choreography_insights.authoring import paths
from choreography_insights.authoring.durations import YEAR
from choreography_insights.authoring.parser.cursor import Cursor, Option, choice
from choreography_insights.authoring.parser.document import load
from choreography_insights.authoring.parser.draft import Draft
from choreography_insights.authoring.parser.states import parse_duration, parse_state
from choreography_insights.authoring.paths import FieldPath
from choreography_insights.authoring.problems import Location, Problem, Spot
from choreography_insights.authoring.workflow import Capture, Name, OnUnexpected, State, Workflow

_REQUIRED = ("choreography", "source", "start", "states")
_KEYS = (
    *("choreography", "description", "entity", "source", "start", "timeout"),
    *("early", "settle", "unexpected", "capture", "time", "states"),
)
_EARLY, _SETTLE = 60, 2
_ENTITY: Final = ("detail", "id")
_TIME: Final = ("time",)
_MAX_SETTLE = 900
"""SQS delays a message by fifteen minutes at most, and one delay is what settling takes."""

Fields = Mapping[str, Cursor]


def parse(text: str, file: str) -> Draft:
    """Read *text*, the contents of *file* (named in problems only)."""
    problems: list[Problem] = []
    tree = load(text, file, problems.append)
    if tree is None:
        return Draft(None, (), settled=False, problems=tuple(problems))
    fields = Cursor(tree, "", problems.append).fields("a choreography", _KEYS, _REQUIRED)
    declared = fields["states"].entries("'states'") if "states" in fields else []
    states = [state for name, body in declared if (state := parse_state(name, body)) is not None]
    settled = bool(declared) and not any(problem.spot.path.startswith("states") for problem in problems)
    unnamed = Name("", Spot(Location(file, 1, 1), "choreography"))
    workflow = _workflow(fields, tuple(states), unnamed)
    return Draft(workflow, tuple(name for name, _ in declared), settled, tuple(problems))


def _workflow(fields: Fields, states: tuple[State, ...], unnamed: Name) -> Workflow:
    """Put the parts together; where one could not be read (which was reported) its default stands in."""
    name = fields["choreography"].name("the choreography's name") if "choreography" in fields else None
    return Workflow(
        name=name or unnamed,
        description=fields["description"].text("the description") if "description" in fields else None,
        entity=_path(fields, "entity", _ENTITY),
        time=_path(fields, "time", _TIME),
        sources=fields["source"].names("source") if "source" in fields else (),
        starts=fields["start"].names("start event") if "start" in fields else (),
        timeout_seconds=_seconds(fields, "timeout", YEAR, least=1),
        early_seconds=_seconds(fields, "early", _EARLY),
        settle_seconds=_seconds(fields, "settle", _SETTLE, most=_MAX_SETTLE),
        unexpected=_option(fields, "unexpected", get_args(OnUnexpected)),
        capture=_option(fields, "capture", get_args(Capture)),
        states=states,
        spots={key: cursor.spot for key, cursor in fields.items()},
    )


def _seconds(fields: Fields, key: str, default: int, *, least: int = 0, most: int = YEAR) -> int:
    if key not in fields:
        return default
    seconds = parse_duration(fields[key], repr(key), least=least, most=most)
    return default if seconds is None else seconds


def _option(fields: Fields, key: str, options: Sequence[Option]) -> Option:
    """Return the one of *options* that is written, else the first."""
    written = choice(fields[key], repr(key), options) if key in fields else None
    return written or options[0]


def _path(fields: Fields, key: str, default: FieldPath) -> FieldPath:
    if key not in fields:
        return default
    text = fields[key].text(f"the path of {key!r}")
    if text is None:
        return default
    names = paths.read(text)
    if names is None:
        fields[key].wrong(f"{text!r} is no path to a field; write one like {paths.written(('detail', 'id'))}")
    elif names != default and (names[0] != "detail" or len(names) == 1):
        fields[key].wrong(f"{text} lies outside the event's detail; name a field in it, such as $.detail.{names[-1]}")
    else:
        return names
    return default
