"""Where a journey went: the same for one that was replayed and for an execution of Step Functions."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from choreography_insights.authoring.generated_names import added_by
from choreography_insights.authoring.replay.record import BEGIN, TIMEOUT, ReplayedJourney, Transition
from choreography_insights.authoring.workflow import Workflow

__all__ = ["BEGIN", "TIMEOUT", "Course", "Transition", "of_history", "of_replay"]


@dataclass(frozen=True, slots=True)
class Course:
    """A journey's course: how often it took each transition, where it is now, and how it is with it.

    *here*: the waits that are open, or the state in which it ended. *trouble*: in words, what was unexpected.
    """

    entity: str
    status: str
    here: tuple[str, ...]
    transitions: Mapping[Transition, int] = field(default_factory=dict)
    exits: Mapping[str, int] = field(default_factory=dict)
    """How often it left each state, other than by a timeout."""
    states: frozenset[str] = frozenset()
    """Every state that it was in."""
    trouble: tuple[str, ...] = ()


def of_replay(journey: ReplayedJourney) -> Course:
    """Return the course of a journey that was replayed."""
    waits = tuple(wait.name for wait in journey.running.waits) if journey.running else (journey.state,)
    trouble = [f"{one.event.name}: {one.reason}" for one in journey.deviations]
    lapsed = Counter({state: times for (state, event, _), times in journey.transitions.items() if event == TIMEOUT})
    exits = {state: stay.visits - lapsed[state] for state, stay in journey.stays.items()}
    states = frozenset({*journey.stays, journey.state})
    return Course(journey.entity, journey.status, waits, dict(journey.transitions), exits, states, tuple(trouble))


def of_history(workflow: Workflow, execution: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> Course:
    """Return the course of an execution, from DescribeExecution and all events of GetExecutionHistory."""
    own = {state.name.text for state in workflow.states}
    reader = _History(own)
    for event in history:
        reader.take(event)
    begun = _parsed(execution.get("input"))
    status = str(execution["status"])
    order = [name for state in workflow.states for name in (state.name.text, *added_by(state))]
    here = tuple(name for name in order if name in reader.open) if status == "RUNNING" else reader.last
    trouble = [str(text) for text in (execution.get("error"), execution.get("cause")) if text]
    first = {(BEGIN, _event_name(begun), workflow.states[0].name.text): 1}
    entity = str(begun.get("entityId", execution.get("name", "")))
    said = (": ".join(trouble),) if trouble else ()
    return Course(
        entity, status, here, {**first, **reader.transitions}, dict(reader.exits), frozenset(reader.states), said
    )


class _History:
    """Follows an execution from state to state; those that the compiler added belong to the author's before them."""

    def __init__(self, own: Iterable[str]) -> None:
        self._own = frozenset(own)
        self._state: str | None = None
        self._events: list[str] = []
        self._timed_out = False
        self._waits: set[str] = set()
        self.transitions: Counter[Transition] = Counter()
        self.exits: Counter[str] = Counter()
        self.states: set[str] = set()

    @property
    def open(self) -> frozenset[str]:
        """The waits that it is in."""
        return frozenset(self._waits)

    @property
    def last(self) -> tuple[str, ...]:
        """The author's state that it was in last."""
        return (self._state,) if self._state is not None else ()

    def take(self, event: Mapping[str, Any]) -> None:
        """Go on by one event of the history."""
        kind = str(event["type"])
        if kind == "TaskTimedOut":
            self._timed_out = True
        elif kind.endswith("StateEntered"):
            self._enter(event["stateEnteredEventDetails"]["name"], kind)
        elif kind.endswith("StateExited"):
            details = event["stateExitedEventDetails"]
            self._waits.discard(details["name"])
            if kind == "TaskStateExited":
                self._events.append(_event_name(_parsed(details.get("output"))))

    def _enter(self, name: str, kind: str) -> None:
        if kind == "TaskStateEntered":
            self._waits.add(name)
        if name not in self._own:
            return
        if self._state is not None:
            for event in [TIMEOUT] if self._timed_out else self._events or [""]:
                self.transitions[self._state, event, name] += 1
            self.exits[self._state] += not self._timed_out
        self.states.add(name)
        self._state, self._events, self._timed_out = name, [], False


def _event_name(data: Mapping[str, Any]) -> str:
    """Return the name of the newest event in an execution's data, or in that of a branch."""
    event = data.get("event", data)
    return str(event.get("eventName", "")) if isinstance(event, Mapping) else ""


def _parsed(text: Any) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
