"""AWS calls of the functions per event."""

from collections import Counter

from benchmarks.workloads import SCENES, Play, Scene
from documents.markdown import figures
from fake_aws import FakeAws

_SERVICES = {"dynamodb": "DynamoDB", "stepfunctions": "Step Functions", "sqs": "SQS", "events": "EventBridge"}


def measure() -> str:
    """Count every call of both functions, from the event's arrival until nothing more happens."""
    counts = {name: calls_per_event(scene) for name, scene in SCENES.items()}
    return figures(
        ("event", *_SERVICES.values(), "all"),
        [
            (name, *(f"{count[service]:g}" for service in _SERVICES), f"{sum(count.values()):g}")
            for name, count in counts.items()
        ],
    )


def calls_per_event(scene: Scene) -> dict[str, float]:
    """By service."""
    more, less = _calls(scene.play), _calls(scene.without)
    awaited = _AWAITED if scene.more else {}
    return {service: (more[service] - less[service]) / scene.events + awaited.get(service, 0) for service in _SERVICES}


_AWAITED = {"dynamodb": 3, "stepfunctions": 1}


def _calls(play: Play) -> Counter[str]:
    aws = play.run(FakeAws(play.choreography, watching=True))
    return Counter(call.service for call in aws.keeper.calls)
