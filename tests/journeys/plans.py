"""What may go wrong in a run, and so how late anything may be: from this follow the durations of its definition."""

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.randomness import Dice

#: As Terraform plans the queue by default: how long a message is away whose function died, and how often it is tried.
VISIBILITY_SECONDS = 60.0
MAX_RECEIVES = 12
#: How much longer than its grace period the functions wait for an older event's second try.
REDELIVERY_SECONDS = 2 * VISIBILITY_SECONDS

#: Wait writes that are throttled are tried again after 1, 2, 4, … seconds.
_LATE_WRITE_SECONDS = 70.0
#: SQS delays by whole seconds; a message takes a moment.
_ROUNDING_SECONDS = 3.0
#: So many tasks in a row may be answered before Step Functions has noted that they were submitted.
_ANSWERED_TOO_SOON = 6

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run is disturbed, at most, and the durations that its definition may use.

    *faults*: how many calls of functions go wrong. *lag*: how late an event may arrive. *settle* and *early* are the
    choreography's. *loose*: events of one burst may overtake one another. *late_writes*: waits may be stored late.
    *answered_too_soon*: Step Functions refuses answers to tasks that it has not noted as submitted yet.
    """

    faults: int
    lag: float
    settle: int
    early: int
    loose: bool
    late_writes: bool
    answered_too_soon: bool
    states_early: Sequence[int] = ()
    timeouts: Sequence[int] = ()
    pauses: Sequence[int] = ()

    @property
    def starts_close(self) -> bool:
        """Whether a journey may begin while the last events of the one before are on their way."""
        return self.loose and not self.faults and self.lag < self.settle

    @property
    def order_delay(self) -> float:
        """How long after it happened an event may come to be recorded in the table."""
        return self.lag + self.faults * VISIBILITY_SECONDS + _ROUNDING_SECONDS

    @property
    def settles(self) -> bool:
        """Whether contested events are held for longer than an older one may be on its way."""
        return self.lag + self.faults * VISIBILITY_SECONDS < self.settle

    @property
    def drift(self) -> float:
        """How long after it happened an event may come to move its journey, if it may at once."""
        return (
            self.order_delay
            + 3 * self.settle
            + (_LATE_WRITE_SECONDS if self.late_writes else 0.0)
            + (_ANSWERED_TOO_SOON * VISIBILITY_SECONDS if self.answered_too_soon else 0.0)
            + _ROUNDING_SECONDS
        )

    @property
    def judging(self) -> float:
        """How long after its deadline an event may come to be judged, if its journey is not pausing."""
        return self.drift + REDELIVERY_SECONDS + MINUTE + 2 * _ROUNDING_SECONDS


def plan(dice: Dice) -> Plan:
    """Any plan whose promises hold: whatever is late is so by less than what waits for it."""
    manner = dice.one_of(
        ("in order", "loose", "loose", "loose with faults", "loose with faults", "defaults", "defaults")
    )
    late_writes, too_soon = dice.chance(0.3), dice.chance(0.3)
    faults, lag, settle, early = 0, 0.0, dice.one_of((0, 1, 2, 2, 10)), 0
    match manner:
        case "in order":
            faults = dice.between(0, 6)
            lag = dice.one_of((0.0, 0.0, 5.0, 30.0))
        case "loose":
            settle = dice.one_of((0, 2, 5, 5, 10, 30, 300))
            lag = dice.one_of((0.9 * settle, 0.6 * settle)) if settle and dice.chance(0.93) else 45.0
        case "loose with faults":
            faults = dice.between(1, 5)
            settle = dice.one_of((0, 600, 840, 840))
            lag = dice.one_of((1.0, 20.0, 120.0))
        case "defaults":
            faults, settle, early = dice.between(0, 2), dice.one_of((0, 2)), MINUTE
            lag, too_soon = (1.5 if settle and dice.chance(0.5) else 0.0), False
            if late_writes or dice.chance(0.3):
                faults, early = min(faults, 1 - late_writes), 5
    chosen = Plan(faults, lag, settle, early, manner != "in order", late_writes, too_soon)
    return _with_durations(chosen, dice)


def _with_durations(chosen: Plan, dice: Dice) -> Plan:
    """*chosen* with durations in its measure, each well apart from every other."""
    drift = max(chosen.drift, 10.0)
    early = chosen.early or int(drift * dice.within(2.2, 4.5)) + 1
    if not chosen.early and dice.chance(0.06):
        early = dice.one_of((5 * HOUR, 2 * DAY))
    apart = chosen.judging + 30
    return Plan(
        chosen.faults,
        chosen.lag,
        chosen.settle,
        early,
        chosen.loose,
        chosen.late_writes,
        chosen.answered_too_soon,
        states_early=[int(early + apart * factor) for factor in (0, 1.1, 2.7)],
        timeouts=[int(early + apart * factor) for factor in (1.3, 3.1, 5.3, 8.7, 14.1)]
        + [int(apart / 3) + 2, int(drift * 2)],
        pauses=[3, int(drift / 2) + 1, int(early + apart * 1.9), int(early + apart * 4.3)],
    )
