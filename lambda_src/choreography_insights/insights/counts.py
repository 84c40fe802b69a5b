"""What has happened to the journeys of a choreography, in numbers that can be added up.

They mean what `replay` counts, so that a view shows the same of recorded events and of a table.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from choreography_insights.views.histogram import Histogram
from choreography_insights.views.known import Status
from choreography_insights.views.trace import Transition

Group = tuple[str, str, str]
"""The event that moved nothing, the state that it met (empty: none), the reason."""

MOST_GROUPS = 200
"""Anybody can put events of new names on a bus: of more groups than these only the reason is told."""

OTHER_EVENTS = "other events"


@dataclass(slots=True)
class Counts:
    """How often each transition was taken; how long stays in each state were, of those that ended; how journeys ended.

    *outcomes*: by status and the state in which they ended. *took*: how long whole journeys took. *exits* of an `all`
    are its stays less its transitions by timeout.
    """

    transitions: Counter[Transition] = field(default_factory=Counter)
    spent: dict[str, Histogram] = field(default_factory=dict)
    outcomes: Counter[tuple[Status, str]] = field(default_factory=Counter)
    took: Histogram = field(default_factory=Histogram)
    deviations: Counter[Group] = field(default_factory=Counter)

    def stayed(self, state: str, seconds: float, times: int = 1) -> None:
        """Count stays in *state* that ended."""
        self.spent.setdefault(state, Histogram()).add(max(seconds, 0.0), times)

    def merge(self, other: "Counts") -> None:
        """Count all of *other* in."""
        self.transitions.update(other.transitions)
        for state, spent in other.spent.items():
            self.spent.setdefault(state, Histogram()).merge(spent)
        self.outcomes.update(other.outcomes)
        self.took.merge(other.took)
        for (event, state, reason), times in other.deviations.items():
            group = (event, state, reason)
            is_known = group in self.deviations or len(self.deviations) < MOST_GROUPS
            self.deviations[group if is_known else (OTHER_EVENTS, "", reason)] += times

    def as_text(self) -> str:
        """Return the compact JSON that `of_text` reads. What is empty is left out."""
        told: dict[str, Any] = {
            "transitions": _listed(self.transitions),
            "spent": {state: spent.as_json() for state, spent in sorted(self.spent.items())},
            "outcomes": _listed(self.outcomes),
            "took": self.took.as_json() if self.took.count else {},
            "deviations": _listed(self.deviations),
        }
        found = {key: value for key, value in told.items() if value}
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> "Counts":
        """Return what `as_text` has written."""
        found = json.loads(text)
        return cls(
            transitions=Counter({(a, b, c): times for a, b, c, times in found.get("transitions", ())}),
            spent={state: Histogram.of_json(spent) for state, spent in found.get("spent", {}).items()},
            outcomes=Counter({(cast("Status", a), b): times for a, b, times in found.get("outcomes", ())}),
            took=Histogram.of_json(found["took"]) if "took" in found else Histogram(),
            deviations=Counter({(a, b, c): times for a, b, c, times in found.get("deviations", ())}),
        )


def summed(several: Iterable[Counts]) -> Counts:
    """Return the sum of *several*."""
    found = Counts()
    for one in several:
        found.merge(one)
    return found


def _listed(counted: Mapping[Any, int]) -> list[list[Any]]:
    return [[*key, times] for key, times in sorted(counted.items())]
