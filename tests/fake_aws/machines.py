"""State machines, made ready to run: every path, template and rule of the definition read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fake_aws import choices, templates
from fake_aws.errors import Unmodelled
from fake_aws.templates import Render

_UPDATE_ITEM = "arn:aws:states:::aws-sdk:dynamodb:updateItem"
_WAIT_FOR_TOKEN = f"{_UPDATE_ITEM}.waitForTaskToken"
_COMMON = {"Type", "Comment", "Next", "End"}
_RESULT = {"ResultSelector", "ResultPath", "Retry", "Catch"}
_KNOWN = {
    "Task": {"Resource", "Parameters", "TimeoutSeconds", "TimeoutSecondsPath"} | _RESULT,
    "Choice": {"Choices", "Default"},
    "Parallel": {"Branches", "Parameters"} | _RESULT,
    "Map": {"ItemsPath", "ItemSelector", "ItemProcessor", "MaxConcurrency"} | _RESULT,
    "Wait": {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Pass": {"Parameters", "Result", "ResultPath"},
    "Succeed": set(),
    "Fail": {"Error", "ErrorPath", "Cause", "CausePath"},
}


@dataclass(frozen=True, slots=True)
class Retrier:
    """One entry of Retry; the jitter is left out, so that runs can be repeated."""

    errors: tuple[str, ...]
    interval: float
    attempts: int
    backoff: float
    longest: float

    def delay(self, retries: int) -> float:
        """Seconds before the next try, after so many retries."""
        return float(min(self.longest, self.interval * self.backoff**retries))


@dataclass(frozen=True, slots=True)
class Catcher:
    """One entry of Catch."""

    errors: tuple[str, ...]
    result_path: templates.Path | None
    next: str


@dataclass(frozen=True, slots=True)
class State:
    """One state: *spec* is the definition's, the rest is made of it."""

    name: str
    type: str
    spec: Mapping[str, Any]
    parameters: Render | None
    selector: Render | None
    result_path: templates.Path | None
    retriers: tuple[Retrier, ...]
    catchers: tuple[Catcher, ...]
    choices: tuple[tuple[choices.Test, str], ...]
    branches: tuple["Branch", ...]
    texts: Mapping[str, Render]

    @property
    def waits_for_token(self) -> bool:
        """Whether this is a Task that ends when its token is answered; else it does with its UpdateItem."""
        return bool(self.spec.get("Resource") == _WAIT_FOR_TOKEN)

    @property
    def next(self) -> str | None:
        """The state behind this one; None at the end of its branch."""
        following: str | None = self.spec.get("Next")
        return following


@dataclass(frozen=True, slots=True)
class Branch:
    """A set of states and where it begins: the machine's own, a Parallel's branch, a Map's processor."""

    start_at: str
    states: Mapping[str, State]


def branch(spec: Mapping[str, Any]) -> Branch:
    """Make a branch of the definition's States."""
    return Branch(spec["StartAt"], {name: _state(name, state) for name, state in spec["States"].items()})


def _state(name: str, spec: Mapping[str, Any]) -> State:
    kind = spec["Type"]
    if kind not in _KNOWN or (unknown := spec.keys() - _KNOWN[kind] - _COMMON):
        raise Unmodelled(f"state {name!r} of type {kind}: {sorted(spec)}")
    del unknown
    if kind == "Task" and spec["Resource"] not in (_UPDATE_ITEM, _WAIT_FOR_TOKEN):
        raise Unmodelled(f"the task {spec['Resource']!r}")
    inner: Sequence[Any] = spec.get("Branches") or ([spec["ItemProcessor"]] if "ItemProcessor" in spec else [])
    parameters = spec.get("Parameters", spec.get("ItemSelector"))
    return State(
        name=name,
        type=kind,
        spec=spec,
        parameters=None if parameters is None else templates.template(parameters),
        selector=templates.template(spec["ResultSelector"]) if "ResultSelector" in spec else None,
        result_path=_path(spec.get("ResultPath", "$")),
        retriers=tuple(map(_retrier, spec.get("Retry", ()))),
        catchers=tuple(map(_catcher, spec.get("Catch", ()))),
        choices=tuple((choices.rule(one), one["Next"]) for one in spec.get("Choices", ())),
        branches=tuple(map(branch, inner)),
        texts={key: templates.reference(spec[key]) for key in spec if key.endswith("Path") and key != "ResultPath"},
    )


def _path(text: str | None) -> templates.Path | None:
    return None if text is None else templates.steps(text)


def _retrier(spec: Mapping[str, Any]) -> Retrier:
    return Retrier(
        errors=tuple(spec["ErrorEquals"]),
        interval=spec.get("IntervalSeconds", 1),
        attempts=spec.get("MaxAttempts", 3),
        backoff=spec.get("BackoffRate", 2.0),
        longest=spec.get("MaxDelaySeconds", 31_622_400),
    )


def _catcher(spec: Mapping[str, Any]) -> Catcher:
    return Catcher(tuple(spec["ErrorEquals"]), _path(spec.get("ResultPath", "$")), spec["Next"])


def covers(errors: Sequence[str], error: str) -> bool:
    """Whether an ErrorEquals names *error*."""
    return any(
        named in ("States.ALL", error) or (named == "States.TaskFailed" and error != "States.Timeout")
        for named in errors
    )
