"""A definition as far as two of them are compared: its flow, the rules that catch its events, its settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from choreography_insights.core.patterns import matches
from choreography_insights.model.event_rules import EventRule, event_settings
from choreography_insights.model.flow import flow_of
from choreography_insights.model.workflow import Policy, Waiting, Workflow, nested
from choreography_insights.views.flow import Flow

_SETTINGS = ("earlySeconds", "settleSeconds", "unexpected", "timeoutSeconds", "expectedSeconds")


@dataclass(frozen=True, slots=True)
class Definition:
    """One of the two that are compared.

    *starts* and *moves* are rules in the form of ``events.json``: of events that begin a journey, and that move one.
    *policies*: what single states say of unexpected and early events; None where that cannot be known.
    """

    name: str
    flow: Flow
    starts: Sequence[EventRule]
    moves: Sequence[EventRule]
    settings: Mapping[str, Any] = field(default_factory=dict)
    policies: Mapping[str, Policy] | None = None

    @classmethod
    def of(cls, workflow: Workflow) -> "Definition":
        """Return what is to be compared of *workflow*."""
        told = event_settings(workflow)
        states = [state for state in nested(workflow.states) if isinstance(state, Waiting)]
        return cls(
            name=told["choreography"],
            flow=flow_of(workflow),
            starts=told["startEvents"],
            moves=moving(told["events"], told["startEvents"]),
            settings=settings_in(told),
            policies={state.name.text: state.policy for state in states},
        )

    @property
    def catches_all(self) -> bool:
        """Whether events are caught that it does not name."""
        return any(not isinstance(one, str) for rule in self.moves for one in rule["pattern"].get("detail-type", ()))


def settings_in(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that ``events.json`` or a rule's message has, and that hold for every journey at once."""
    found = {name: told[name] for name in _SETTINGS if name in told}
    return {**found, "unexpected": "report"} if found.get("unexpected") == "ignore" else found


def moving(moves: Sequence[EventRule], starts: Sequence[EventRule]) -> tuple[EventRule, ...]:
    """Return the rules of events that move a journey: *moves*, and those of *starts* as far as theirs do so, too."""
    both = (
        {**rule, "pattern": {**rule["pattern"], "detail-type": rule["moves"]}, "events": rule["moves"]}
        for rule in starts
        if rule.get("moves")
    )
    return (*moves, *both)


def caught(rules: Sequence[EventRule], event: str) -> dict[str, EventRule]:
    """Return for each source from which *rules* catch events of that name the rule that does."""
    found: dict[str, EventRule] = {}
    for rule in rules:
        for source in _sources(rule):
            if catches(rule, source, event):
                found.setdefault(source, rule)
    return found


def catches(rule: EventRule, source: str, event: str) -> bool:
    """Whether *rule* catches events of that name from *source*, some of them at least."""
    envelope = {"source": source, "detail-type": event}
    return matches({key: rule["pattern"][key] for key in envelope if key in rule["pattern"]}, envelope)


def _sources(rule: EventRule) -> list[str]:
    return [one for one in rule["pattern"].get("source", ()) if isinstance(one, str)]
