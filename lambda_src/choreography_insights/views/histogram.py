"""How long things took: counts in buckets that grow with the time, so that milliseconds and years have a place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2
from typing import Any

_PER_DOUBLING = 8
"""Each bucket is 9 % longer than the one before."""

_SHORTEST = 0.001
_ENOUGH = 20
"""Of fewer stays nobody can say what 95 % of them did."""


@dataclass(slots=True)
class Histogram:
    """Spans of time in seconds: how many in each bucket, in all, their sum, the longest."""

    counts: dict[int, int] = field(default_factory=dict)
    count: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    def add(self, seconds: float, times: int = 1) -> None:
        """Count *seconds* in."""
        bucket = _bucket(seconds)
        self.counts[bucket] = self.counts.get(bucket, 0) + times
        self.count += times
        self.seconds += seconds * times
        self.longest = max(self.longest, seconds)

    def merge(self, other: "Histogram") -> None:
        """Count all of *other* in."""
        for bucket, times in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + times
        self.count += other.count
        self.seconds += other.seconds
        self.longest = max(self.longest, other.longest)

    @property
    def mean(self) -> float:
        """The mean of all; 0 of none."""
        return self.seconds / self.count if self.count else 0.0

    @property
    def median(self) -> float:
        """What half of them took at most, within 5 %; 0 of none."""
        return self.quantile(0.5)

    def quantile(self, share: float) -> float:
        """Return what that *share* of them took at most, within 5 %; 0 of none."""
        return min(_middle(self._bucket_at(share)), self.longest)

    def _bucket_at(self, share: float) -> int:
        left = share * self.count
        for bucket in sorted(self.counts):
            left -= self.counts[bucket]
            if left <= 0:
                return bucket
        return max(self.counts, default=0)

    @property
    def late_after(self) -> float | None:
        """After how many seconds something is longer than 95 % of them; None: of too few nobody can say."""
        return self.bounds(self._bucket_at(0.95))[1] if self.count >= _ENOUGH else None

    def is_late(self, seconds: float) -> bool:
        """Whether *seconds* are longer than 95 % of them; of too few nothing is late."""
        return (limit := self.late_after) is not None and seconds > limit

    def bounds(self, bucket: int) -> tuple[float, float]:
        """Return from how many seconds to how many *bucket* reaches."""
        if bucket == 0:
            return 0.0, _SHORTEST
        return _SHORTEST * 2 ** ((bucket - 1) / _PER_DOUBLING), _SHORTEST * 2 ** (bucket / _PER_DOUBLING)

    def as_json(self) -> dict[str, Any]:
        """Return a form that JSON can hold."""
        counts = {str(bucket): times for bucket, times in sorted(self.counts.items())}
        return {"counts": counts, "seconds": self.seconds, "longest": self.longest}

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> "Histogram":
        """Return what `as_json` has written."""
        counts = {int(bucket): int(times) for bucket, times in found["counts"].items()}
        return cls(counts, sum(counts.values()), float(found["seconds"]), float(found["longest"]))


def _bucket(seconds: float) -> int:
    return 0 if seconds < _SHORTEST else int(log2(seconds / _SHORTEST) * _PER_DOUBLING) + 1


def _middle(bucket: int) -> float:
    return 0.0 if bucket == 0 else _SHORTEST * 2 ** ((bucket - 0.5) / _PER_DOUBLING)
