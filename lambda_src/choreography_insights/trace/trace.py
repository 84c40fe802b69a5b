"""Where a journey went: the same for one that was replayed and for an execution of Step Functions."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from choreography_insights.model.names import counting_name, counts_lines, excess_name, refusal_name
from choreography_insights.model.workflow import (
    All,
    Await,
    Each,
    State,
    Wait,
    Workflow,
    anytime,
    beginnings,
    is_end,
    leaving,
    targets,
    watch_name,
)
from choreography_insights.replay.journey import Line
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.trace.scopes import TOP, Scope, Scopes
from choreography_insights.views.picture import BEGIN, ONWARD, TIMEOUT
from choreography_insights.views.trace import Trace, Transition


def of_replay(workflow: Workflow, journey: ReplayedJourney) -> Trace:
    """Return the trace of a journey that was replayed."""
    there = Scopes.of(workflow)
    here = tuple(_open(journey.running.line)) if journey.running else (journey.state,)
    trouble = [f"{one.event.name}: {one.reason}" for one in journey.deviations]
    exits = {name: _exits(state, there, journey) for name, state in there.states.items() if isinstance(state, All)}
    # An `All` is left by the last of its events only.
    taken = [
        name
        for origin, event, target in journey.transitions
        for name in ((origin, target) if _leads_on(there, origin, event) or exits.get(origin, 1) else (origin,))
    ]
    owners = (there.owner(wait) or wait for wait in here)
    return Trace(
        entity=journey.entity,
        status=journey.status,
        here=here,
        transitions=dict(journey.transitions),
        exits=_taken(exits),
        states=there.closed((*taken, *owners, *journey.cut, journey.state)),
        trouble=tuple(trouble),
        places=_places(there, here),
    )


def _open(line: Line) -> Iterator[str]:
    """Yield what the journey waits in: for events, or for time to pass."""
    yield from (wait.name for wait in line.open_waits)
    if line.until is not None:
        yield line.place.name + "".join(f"[{key}]" for key in line.context.keys)
    for inner in line.lines:
        if inner is not None and not inner.has_ended:
            yield from _open(inner)


def _leads_on(there: Scopes, origin: str, event: str) -> bool:
    """Whether *event* alone leads on from the `All` *origin*."""
    state = there.states.get(origin)
    return event == TIMEOUT or (state is not None and event in {entry.event.text for entry in leaving(anytime(state))})


def _exits(state: All, there: Scopes, journey: ReplayedJourney) -> int:
    """Return how often the journey left *state* by its events: as often as the rarest of them came there."""
    name, target = state.name.text, state.next.text
    if stay := journey.stays.get(name):
        return stay.visits - sum(
            times
            for (origin, event, _), times in journey.transitions.items()
            if origin == name and _leads_on(there, origin, event)
        )
    came = sorted((journey.transitions.get((name, item.event.text, target), 0) for item in state.items), reverse=True)
    return came[state.need.lines - 1 if state.need else -1]


def _taken(exits: Mapping[str, int]) -> Mapping[str, int]:
    return {name: times for name, times in exits.items() if times}


def _places(there: Scopes, here: Sequence[str]) -> frozenset[str]:
    refused = {refusal_name(state): name for name, state in there.states.items() if isinstance(state, Each)}
    return frozenset(refused.get(wait) or there.plain(wait) for wait in here)


def of_history(workflow: Workflow, execution: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> Trace:
    """Return the trace of an execution, from DescribeExecution and all events of GetExecutionHistory."""
    there = Scopes.of(workflow)
    reader = _History(there)
    for event in history:
        reader.take(event)
    begun = _parsed(execution.get("input"))
    status = str(execution["status"])
    here = tuple(reader.open()) if status == "RUNNING" else reader.last()
    trouble = [str(text) for text in (execution.get("error"), execution.get("cause")) if text]
    by = _event_name(begun)
    first = {(BEGIN, by, beginnings(workflow).get(by, workflow.states[0].name.text)): 1}
    return Trace(
        entity=str(begun.get("entityId", execution.get("name", ""))),
        status=status,
        here=here,
        transitions={**first, **reader.transitions},
        exits=_taken(reader.exits),
        states=there.closed(reader.states),
        trouble=(": ".join(trouble),) if trouble else (),
        places=_places(there, here),
    )


@dataclass(eq=False)
class _Stay:
    """A visit to a state of the author's, *left* once its own part of the state machine is over.

    *anew*: its counts have begun anew, by a way from the state to itself. *interrupted*: the event of its `anytime`
    that ended it.
    """

    state: str
    keys: tuple[str, ...]
    events: list[str] = field(default_factory=list)
    timed_out: bool = False
    left: bool = False
    anew: bool = False
    interrupted: str = ""


class _History:
    """Follows an execution from state to state; those that the compiler added belong to the author's before them.

    In a Map several lines go through the same states at once. Which of them an event of the history belongs to is told
    by the item's key in the data, and else by who can be meant.
    """

    def __init__(self, there: Scopes) -> None:
        self._there = there
        self._stays: dict[Scope, list[_Stay]] = {}
        self._waits: list[tuple[str, tuple[str, ...]]] = []
        self._timed_out = False
        self._last = ""
        lists = [state for state in there.states.values() if isinstance(state, Each)]
        self._refusals = {name(state): refusal_name(state) for state in lists for name in (refusal_name, excess_name)}
        counting = [state for state in there.states.values() if isinstance(state, All) and counts_lines(state)]
        self._counting = {counting_name(state, item) for state in counting for item in state.items}
        self.transitions: Counter[Transition] = Counter()
        self.exits: Counter[str] = Counter()
        self.states: set[str] = set()

    def open(self) -> Iterator[str]:
        """Yield the waits that it is in, in the order of the definition."""
        order = {name: position for position, name in enumerate(self._there.owners)}
        for name, keys in sorted(self._waits, key=lambda wait: order[wait[0]]):
            yield name + "".join(f"[{key}]" for key in keys)

    def last(self) -> tuple[str, ...]:
        """Return where it ended: in an end, or in the state that was cut off."""
        if self._last in self._there.states and is_end(self._there.states[self._last]):
            return (self._last,)
        if self._last in self._refusals:
            return (self._refusals[self._last],)
        return tuple(stay.state for stay in self._stays.get(TOP, []))

    def take(self, event: Mapping[str, Any]) -> None:
        """Go on by one event of the history."""
        kind = str(event["type"])
        if kind == "TaskTimedOut":
            self._timed_out = True
        elif kind.endswith("StateEntered"):
            details = event["stateEnteredEventDetails"]
            self._enter(details["name"], kind, _keys(_parsed(details.get("input"))))
        elif kind.endswith("StateExited"):
            details = event["stateExitedEventDetails"]
            self._exit(details["name"], kind, _parsed(details.get("output")))

    def _enter(self, name: str, kind: str, keys: tuple[str, ...]) -> None:
        owner = self._there.owners.get(name)
        if owner is None or name in self._counting:
            return
        if name != owner:
            self._enter_added(name, owner, kind, keys)
            return
        self._last = name
        state, scope = self._there.states[name], self._there.scopes[name]
        if (kind == "TaskStateEntered" and not is_end(state)) or isinstance(state, Wait):
            self._waits.append((name, keys))
        lines = self._stays.setdefault(scope, [])
        if (stay := self._counting_on(state, keys)) is not None:
            stay.left = False
            stay.events.clear()
            return
        before = self._before(name, lines, keys)
        if before is not None:
            lines.remove(before)
            self._go_on(before, name)
        self.states.add(name)
        lines.append(_Stay(name, keys))
        for inner in [one for one in self._stays if one[0] == name]:
            del self._stays[inner]  # what was in there the last time

    def _enter_added(self, name: str, owner: str, kind: str, keys: tuple[str, ...]) -> None:
        if kind == "TaskStateEntered":
            self._waits.append((name, keys))
        elif kind == "PassStateEntered":
            for stay in self._of(owner, keys):
                stay.anew = True
        elif kind == "FailStateEntered":
            self._last = name
            for stay in self._of(owner, keys):
                stay.timed_out |= name.endswith(".TimedOut")

    def _counting_on(self, state: State, keys: tuple[str, ...]) -> _Stay | None:
        """Return the stay in *state* that goes on, as too few of the events have come that it counts."""
        if not isinstance(state, Await) or not state.counts:
            return None
        return next((stay for stay in self._of(state.name.text, keys) if stay.left and not stay.anew), None)

    def _before(self, name: str, lines: Sequence[_Stay], keys: tuple[str, ...]) -> _Stay | None:
        """Return the stay that leads to *name* now."""
        leading = [
            stay
            for stay in lines
            if stay.left and name in {target.text for target in targets(self._there.states[stay.state])}
        ]
        return next((stay for stay in leading if stay.keys == keys), leading[0] if leading and not keys else None)

    def _go_on(self, stay: _Stay, following: str) -> None:
        match self._there.states[stay.state]:
            case _ if stay.interrupted:
                events: Sequence[str] = (stay.interrupted,)
            case All():  # each of its events was counted when it came
                events = ()
                self.exits[stay.state] += not stay.timed_out
            case Await():
                events = stay.events or ("",)
            case _:
                events = (ONWARD,)
        for event in [TIMEOUT] if stay.timed_out else events:
            self.transitions[stay.state, event, following] += 1

    def _exit(self, name: str, kind: str, output: Mapping[str, Any]) -> None:
        owner = self._there.owners.get(name)
        if owner is None or name in self._counting:
            return
        keys = _keys(output)
        waits = [wait for wait in self._waits if wait[0] == name]
        if waits:
            gone = next((wait for wait in waits if wait[1] == keys), waits[0])
            self._waits.remove(gone)
            keys = gone[1]
        state = self._there.states[owner]
        for stay in self._of(owner, keys)[:1]:
            if kind == "TaskStateExited" and not self._timed_out:
                stay.events.append(_event_name(output))
                if name == watch_name(state):
                    stay.interrupted = stay.events[-1]
                elif isinstance(state, All):
                    self.transitions[owner, stay.events[-1], state.next.text] += 1
            stay.timed_out |= self._timed_out
            stay.left |= name == owner
        if name == owner:
            self._timed_out = False
            # The branches of what timed out are over as well, those of this item.
            self._waits = [wait for wait in self._waits if not self._is_within(wait, owner, keys)]

    def _is_within(self, wait: tuple[str, tuple[str, ...]], state: str, keys: tuple[str, ...]) -> bool:
        name, own = wait
        return state in self._there.around(self._there.owners[name]) and own[: len(keys)] == keys

    def _of(self, state: str, keys: tuple[str, ...]) -> list[_Stay]:
        stays = [stay for stay in self._stays.get(self._there.scopes[state], []) if stay.state == state]
        return [stay for stay in stays if stay.keys == keys] or stays


def _keys(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of the items that *data* is about."""
    keys: list[str] = []
    while isinstance(key := data.get(f"item{len(keys) + 1}"), str):
        keys.append(key)
    return tuple(keys)


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
