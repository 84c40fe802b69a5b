"""What is to be done so that a choreography comes to its end, and whether it has; values to values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from choreography_insights.stopping.names import RuleKind

Way = Literal["drain", "wait", "abort"]
"""Let no journey begin any more; wait until all have ended, too; or end them."""

SETTLING = timedelta(seconds=60)
"""How long afterwards a journey may still begin: EventBridge hears of it, and a queue is worked off."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the choreography: which events it catches, and whether it does."""

    name: str
    kind: RuleKind
    enabled: bool


@dataclass(frozen=True, slots=True)
class Journey:
    """An execution that runs."""

    arn: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is of a choreography at one moment."""

    at: datetime
    rules: Sequence[Rule]
    journeys: Sequence[Journey]
    rested_at: datetime | None = None
    """When this command made the rules of start events rest, or last found a journey to stop; None: it did neither."""

    @property
    def begins(self) -> bool:
        """Whether a journey may still begin."""
        if any(rule.enabled for rule in self.rules if rule.kind == "start"):
            return True
        return self.rested_at is not None and self.at < self.rested_at + SETTLING

    @property
    def has_ended(self) -> bool:
        """Whether nothing runs any more and nothing begins, so that Terraform may delete it."""
        return not self.journeys and not self.begins


def to_disable(sight: Sight, way: Way) -> list[Rule]:
    """Return the rules that are to rest: those of start events, and all when no journey needs its events any more."""
    needed = way != "abort" and bool(sight.journeys or sight.begins)
    return [rule for rule in sight.rules if rule.enabled and (rule.kind == "start" or not needed)]


def to_stop(sight: Sight, way: Way) -> Sequence[Journey]:
    """Return the journeys that are to be ended."""
    return sight.journeys if way == "abort" else ()


def is_over(sight: Sight, way: Way) -> bool:
    """Whether there is nothing left to wait for; without being asked to, nobody waits for journeys."""
    return sight.has_ended or (way == "drain" and (bool(sight.journeys) or not sight.begins))


def plan(sight: Sight, way: Way) -> Iterator[str]:
    """Say what would be done."""
    rules, journeys = to_disable(sight, way), to_stop(sight, way)
    yield from (f"would disable the rule {rule.name}" for rule in rules)
    if journeys:
        yield f"would stop {counted(len(journeys))}"
    if way == "wait" and sight.journeys:
        yield f"would wait for {counted(len(sight.journeys))} to end"
    if not rules and not journeys and not (way == "wait" and sight.journeys):
        yield "there is nothing to be done"


def left(sight: Sight, choreography: str) -> Iterator[str]:
    """Say what is left, and what may be done now."""
    resting = sum(not rule.enabled for rule in sight.rules)
    yield f"{choreography}: {counted(len(sight.journeys))} running, {resting} of {len(sight.rules)} rules resting"
    if sight.journeys:
        oldest = min(sight.journeys, key=lambda journey: journey.started_at)
        age = max(timedelta(0), timedelta(seconds=int((sight.at - oldest.started_at).total_seconds())))
        yield f"the oldest has run for {age}: {oldest.arn}"
        yield "not yet: Terraform would have Step Functions end them at their next transition"
    elif sight.begins:
        yield "not yet: a journey may still begin"
    else:
        yield f"safe: the block of {choreography} can be removed and applied"


def counted(number: int) -> str:
    """Return how many journeys there are, in words."""
    return "1 journey" if number == 1 else f"{number:,} journeys"
