"""``definition.asl.json``: the state machine, in the form of docs/reference/interfaces.md, section 2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from choreography_insights.compile import groups
from choreography_insights.compile.choice import choose_state, variant_choice
from choreography_insights.compile.data import text_fields, wait_fields
from choreography_insights.compile.ordering import Contests, contests
from choreography_insights.compile.wait_states import Accepted, Surroundings, catches, persistent_retry, wait_task
from choreography_insights.core.fields import EventPath
from choreography_insights.model.names import (
    UNEXPECTED_EVENT,
    UNEXPECTED_TRANSITION,
    branch_name,
    choice_name,
    entry_name,
    guard_name,
    needs_choice,
    refusal_name,
)
from choreography_insights.model.workflow import (
    All,
    Await,
    Branch,
    Choose,
    Each,
    Fail,
    Item,
    Name,
    Parallel,
    Pass,
    Policy,
    State,
    Succeed,
    Timeout,
    Variant,
    Wait,
    Waiting,
    Workflow,
    nested,
    remembers,
)

GENERATED_BY = "Generated from workflow.yaml by 'choreography generate'; edit that file instead."

NamedState = tuple[str, dict[str, Any]]


def state_machine(workflow: Workflow) -> dict[str, Any]:
    """Return the whole state machine, its placeholders being `rendering.Template`."""
    contested = contests(workflow)
    compiler = _Compiler(workflow, contested)
    around = _Around(policy=Policy(), contested=contested)
    return {
        "Comment": f"{workflow.description} ({GENERATED_BY})" if workflow.description else GENERATED_BY,
        "StartAt": entry_name(workflow.states[0]),
        "TimeoutSeconds": workflow.timeout_seconds,
        "States": {**compiler.states(workflow.states, around), **_failures(workflow)},
    }


@dataclass(frozen=True, slots=True)
class _Around:
    """What a state is inside of: *items* says where events carry the key of the item of each `each` around it."""

    policy: Policy
    contested: Contests = field(repr=False)
    items: tuple[EventPath, ...] = ()
    nested: bool = False


class _Compiler:
    def __init__(self, workflow: Workflow, contested: Contests) -> None:
        self._settings = {settings.event.text: settings for settings in workflow.events}
        self._remembers = remembers(workflow)
        self._tracked = any(any(rivals) for rivals in contested.values())
        self._guarded = {
            state.name.text: guard_name(state) for state in nested(workflow.states) if isinstance(state, Each)
        }

    def states(self, states: Sequence[State], around: _Around) -> dict[str, Any]:
        """Return *states* of one scope, and what they bring with them."""
        return dict(compiled for state in states for compiled in self._state(state, around))

    def _to(self, name: Name) -> str:
        return self._guarded.get(name.text, name.text)

    def _state(self, state: State, around: _Around) -> Iterator[NamedState]:
        name = state.name.text
        match state:
            case Await():
                yield from self._await(state, around)
            case All():
                yield name, self._all(state, around)
            case Parallel():
                inner = replace(around, nested=True, policy=state.policy.within(around.policy))
                group = {"Type": "Parallel", "Branches": [self._branch(branch, inner) for branch in state.branches]}
                yield name, self._grouped(state, group, around)
            case Each():
                yield guard_name(state), groups.guard(state)
                yield name, self._each(state, around)
                yield refusal_name(state), groups.refusal(state)
            case Choose():
                default = self._to(state.otherwise) if state.otherwise else _stray(around)
                yield name, choose_state(state, self._to, default)
            case Wait():
                yield name, {"Type": "Wait", **wait_fields(state.until), "Next": self._to(state.next)}
            case Pass():
                yield name, {"Type": "Pass", "Next": self._to(state.next)}
            case Succeed():
                yield name, {"Type": "Pass", "Result": {}, "End": True} if around.nested else {"Type": "Succeed"}
            case Fail():
                yield name, {"Type": "Fail", **text_fields("Error", state.error), **text_fields("Cause", state.cause)}

    # ---- one of several events --------

    def _await(self, state: Await, around: _Around) -> Iterator[NamedState]:
        targets = [variant.next for variant in state.variants]
        chooses = needs_choice(targets)
        contested = around.contested[state.name.text]
        accepts = [
            replace(self._accepted(variant.event, around), **_asked(variant), contested_by=rivals)
            for variant, rivals in zip(state.variants, contested, strict=True)
        ]
        yield (
            state.name.text,
            {
                **wait_task(state.name.text, accepts, self._surroundings(state, around)),
                "ResultPath": "$.event",
                **_time_limit(state.timeout),
                "Retry": persistent_retry(),
                **self._catch(state.timeout, around),
                "Next": choice_name(state) if chooses else self._to(targets[0]),
            },
        )
        if chooses:
            yield choice_name(state), variant_choice(state, self._to, _stray(around))

    def _accepted(self, event: Name, around: _Around) -> Accepted:
        settings = self._settings.get(event.text)
        sources = tuple(source.text for source in settings.sources) if settings else ()
        items = around.items
        if items and settings and settings.item:
            items = (*items[:-1], settings.item)
        return Accepted(event.text, sources=sources, items=items)

    def _surroundings(self, state: Await | All, around: _Around) -> Surroundings:
        return Surroundings(
            state.policy.within(around.policy),
            len(around.items),
            self._remembers,
            beside=around.nested or isinstance(state, All),
            tracked=self._tracked,
        )

    def _catch(self, timeout: Timeout | None, around: _Around) -> dict[str, Any]:
        caught = catches(self._to(timeout.next) if timeout else None, nested=around.nested)
        return {"Catch": caught} if caught else {}

    # ---- several events in any order --------

    def _all(self, state: All, around: _Around) -> dict[str, Any]:
        contested = around.contested[state.name.text]
        return {
            "Type": "Parallel",
            "Parameters": groups.needed(len(around.items), remembers=self._remembers, bare=True),
            "Branches": [
                self._item(state, item, rivals, around) for item, rivals in zip(state.items, contested, strict=True)
            ],
            "ResultPath": None,
            **self._catch(state.timeout, around),
            "Next": self._to(state.next),
        }

    def _item(self, state: All, item: Item, rivals: tuple[int, ...], around: _Around) -> dict[str, Any]:
        """Return the branch that waits for *item*; it keeps no payload, since nothing after the branches reads it."""
        name = branch_name(state, item)
        kept = {f"{field}.$": f"$.{field}" for field in ("eventName", "eventId", "time")}
        accepts = replace(self._accepted(item.event, around), contested_by=rivals)
        wait = {
            **wait_task(name, [accepts], self._surroundings(state, around)),
            "ResultSelector": kept,
            "ResultPath": "$",
            **_time_limit(state.timeout),
            "Retry": persistent_retry(),
            "End": True,
        }
        return {"StartAt": name, "States": {name: wait}}

    # ---- states inside of states --------

    def _branch(self, branch: Branch, inner: _Around) -> dict[str, Any]:
        return {"StartAt": entry_name(branch.states[0]), "States": self.states(branch.states, inner)}

    def _each(self, state: Each, around: _Around) -> dict[str, Any]:
        inner = replace(
            around, nested=True, items=(*around.items, state.item), policy=state.policy.within(around.policy)
        )
        group = {
            "Type": "Map",
            "ItemsPath": groups.items_path(state),
            "ItemSelector": groups.item_selector(state, len(inner.items), remembers=self._remembers),
            "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **self._branch(state.body, inner)},
        }
        return self._grouped(state, group, around)

    def _grouped(self, state: Parallel | Each, group: dict[str, Any], around: _Around) -> dict[str, Any]:
        """Return *group*, whose results nobody reads; with a timeout, as one of two sides of a race."""
        onward = {"ResultPath": None, **self._catch(None, around), "Next": self._to(state.next)}
        if state.timeout is None:
            return {**group, **onward}
        caught = [
            *catches(None, nested=around.nested),
            *groups.race_catches(self._to(state.next), self._to(state.timeout.next)),
        ]
        return {"Type": "Parallel", "Branches": groups.race(state, group, state.timeout), **onward, "Catch": caught}


def _asked(variant: Variant) -> dict[str, Any]:
    return {"condition": variant.condition, "remember": variant.remember}


def _stray(around: _Around) -> str | None:
    """Return where what fits no way on leads; in a branch nowhere: Step Functions' own error ends the journey."""
    return None if around.nested else UNEXPECTED_TRANSITION


def _time_limit(timeout: Timeout | None) -> dict[str, int]:
    return {"TimeoutSeconds": timeout.seconds} if timeout else {}


def _failures(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """Return the Fail states that something leads to."""
    found: dict[str, dict[str, Any]] = {}
    if any(isinstance(state, Waiting) for state in workflow.states):
        found[UNEXPECTED_EVENT] = {"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "$.Cause"}
    if any(_may_stray(state) for state in workflow.states):
        text = "States.Format('{} (id {}) was accepted, but fits no way on', $.event.eventName, $.event.eventId)"
        found[UNEXPECTED_TRANSITION] = {"Type": "Fail", "Error": UNEXPECTED_TRANSITION, "CausePath": text}
    return found


def _may_stray(state: State) -> bool:
    match state:
        case Await():
            return needs_choice([variant.next for variant in state.variants])
        case Choose():
            return state.otherwise is None
        case _:
            return False
