"""Whether something is more frequent in one group than in another by more than chance, where much is tried.

Fisher's exact test says how likely chance alone does as much. Of many tests some succeed by chance, so all of them are
corrected together, by the method of Tarone (1990): the chance that any one succeeds without a reason stays below a
limit, and tests that could not succeed whatever the events say do not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log


@dataclass(frozen=True, slots=True)
class Counts:
    """Of *all* so many are in a *group*; *have* of all, and *both* of the group, have something."""

    all: int
    group: int
    have: int
    both: int

    @property
    def probability(self) -> float:
        """How likely the group has it at least as often by chance alone."""
        return _tail(self, self.both)

    @property
    def least_probability(self) -> float:
        """What that would be if as many of the group had it as could."""
        return _tail(self, min(self.group, self.have))


def significant(counts: Sequence[Counts], limit: float = 0.05) -> list[float | None]:
    """Return for each of *counts* its corrected probability where that is at most *limit*, else None."""
    least = sorted(one.least_probability for one in counts)
    tests = _tested(least, limit)
    return [corrected if (corrected := one.probability * tests) <= limit else None for one in counts]


def _tested(least: Sequence[float], limit: float) -> int:
    """Return the smallest number of tests so that no more could succeed at the *limit* divided by it."""
    for tests in range(1, len(least) + 1):
        if tests == len(least) or least[tests] > limit / tests:
            return tests
    return 1


def _tail(counts: Counts, both: int) -> float:
    """Return how likely at least so many of *both* are, if those that have it are drawn at random."""
    total, group, have = counts.all, counts.group, counts.have
    most = min(group, have)
    chance = _log_choose(have, both) + _log_choose(total - have, group - both) - _log_choose(total, group)
    if chance == -inf:
        return 1.0 if both <= 0 else 0.0
    term = exp(chance)
    found = 0.0
    for number in range(both, most + 1):
        found += term
        left = (number + 1) * (total - have - group + number + 1)
        term *= (have - number) * (group - number) / left if left else 0.0
    return min(1.0, found)


def _log_choose(many: int, few: int) -> float:
    if not 0 <= few <= many:
        return -inf
    return lgamma(many + 1) - lgamma(few + 1) - lgamma(many - few + 1) if many else log(1.0)
