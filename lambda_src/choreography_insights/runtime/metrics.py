"""The metrics of a batch: counted from any thread, written once, in CloudWatch's embedded metric format."""

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock
from typing import Literal, get_args

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

_Dimensions = tuple[tuple[str, str], ...]

#: How fine: for the whole; also for each choreography; also the time in each state. Every series is paid for.
Detail = Literal["summary", "per_choreography", "per_state"]

#: AWS/States has these by state machine, for nothing: ours are for the whole only.
COUNTED_BY_AWS = frozenset(
    {
        "JourneysStarted",
        "JourneysSucceeded",
        "JourneysFailed",
        "JourneysTimedOut",
        "JourneysAborted",
        "JourneyDuration",
    }
)


def detail_from(setting: str) -> Detail:
    """The detail that a function's environment names."""
    for detail in get_args(Detail):
        if setting == detail:
            return detail  # type: ignore[no-any-return]
    raise ValueError(f"METRICS_DETAIL is {setting!r}; it must be one of {', '.join(get_args(Detail))}")


class Metrics:
    """Counts and durations gathered by the handlers (docs/reference/interfaces.md, section 8)."""

    def __init__(
        self,
        namespace: str = "ChoreographyInsights",
        service: str = "choreography-insights",
        detail: Detail = "per_choreography",
    ) -> None:
        self.namespace = namespace
        self.service = service
        self.detail = detail
        self._values: dict[_Dimensions, dict[tuple[str, MetricUnit], list[float]]] = {}
        self._lock = Lock()

    def count(self, metric: str, choreography: str) -> None:
        """One more."""
        for dimensions in self._series(metric, choreography):
            self._add(dimensions, metric, MetricUnit.Count, 1)

    def level(self, metric: str, by_choreography: Mapping[str, int]) -> None:
        """How many there are now: for the whole also if there are none, for each choreography that has some."""
        self._add((), metric, MetricUnit.Count, sum(by_choreography.values()))
        for choreography, number in by_choreography.items():
            for dimensions in self._series(metric, choreography)[1:]:
                self._add(dimensions, metric, MetricUnit.Count, number)

    def duration(self, metric: str, choreography: str, seconds: float) -> None:
        """A time span."""
        for dimensions in self._series(metric, choreography):
            self._add(dimensions, metric, MetricUnit.Seconds, max(0.0, seconds))

    def time_in_state(self, choreography: str, state: str, seconds: float) -> None:
        """How long a journey was in *state*."""
        if self.detail == "per_state":
            dimensions = (("choreography", choreography), ("state", state))
            self._add(dimensions, "TimeInState", MetricUnit.Seconds, max(0.0, seconds))

    def _series(self, metric: str, choreography: str) -> tuple[_Dimensions, ...]:
        """The whole, and the choreography if so much is wanted and AWS does not count it anyway."""
        return (
            ((),) if self.detail == "summary" or metric in COUNTED_BY_AWS else ((), (("choreography", choreography),))
        )

    def _add(self, dimensions: _Dimensions, metric: str, unit: MetricUnit, value: float) -> None:
        with self._lock:
            self._values.setdefault(dimensions, defaultdict(list))[(metric, unit)].append(value)

    def taken(self) -> dict[_Dimensions, dict[tuple[str, MetricUnit], list[float]]]:
        """All that was gathered, counts added up; afterwards nothing is there."""
        with self._lock:
            values, self._values = self._values, {}
        return {
            dimensions: {key: [sum(v)] if key[1] is MetricUnit.Count else v for key, v in metrics.items()}
            for dimensions, metrics in values.items()
        }

    def write(self) -> None:
        """Write what was gathered to the log, where CloudWatch reads it."""
        for dimensions, metrics in self.taken().items():
            sheet = EphemeralMetrics(namespace=self.namespace, service=self.service)
            for name, text in dimensions:
                sheet.add_dimension(name=name, value=text)
            for (metric, unit), values in metrics.items():
                for value in values:
                    sheet.add_metric(name=metric, unit=unit, value=value)
            sheet.flush_metrics()
