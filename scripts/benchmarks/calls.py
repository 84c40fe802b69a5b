"""AWS calls of the functions per event."""

from collections import Counter

from benchmarks.workloads import COMPARISONS, Comparison, Workload
from documents.markdown import figures
from fake_aws import FakeAws

_SERVICES = {"dynamodb": "DynamoDB", "stepfunctions": "Step Functions", "sqs": "SQS", "events": "EventBridge"}


def measure() -> str:
    """Count every call of both functions, from the event's arrival until nothing more happens."""
    counts = {name: calls_per_event(comparison) for name, comparison in COMPARISONS.items()}
    return figures(
        ("event", *_SERVICES.values(), "all"),
        [
            (name, *(f"{count[service]:g}" for service in _SERVICES), f"{sum(count.values()):g}")
            for name, count in counts.items()
        ],
    )


def calls_per_event(comparison: Comparison) -> dict[str, float]:
    """By service."""
    more, less = _calls(comparison.workload), _calls(comparison.baseline)
    awaited = _AWAITED if comparison.baseline_awaits else {}
    return {
        service: (more[service] - less[service]) / comparison.events + awaited.get(service, 0) for service in _SERVICES
    }


_AWAITED = {"dynamodb": 3, "stepfunctions": 1}


def _calls(workload: Workload) -> Counter[str]:
    aws = workload.run(FakeAws(workload.choreography, watching=True))
    return Counter(call.service for call in aws.keeper.calls)
