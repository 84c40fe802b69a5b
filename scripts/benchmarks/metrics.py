"""The custom metrics that the functions emit, by how fine they are, and what they cost a month."""

from collections import Counter
from collections.abc import Callable, Mapping

from benchmarks import prices
from benchmarks.logs import SETTINGS, captured
from benchmarks.sample_values import DETAIL, event_id
from devtools.places import ROOT
from documents.markdown import figures
from fake_aws import Deployed, FakeAws, deployable

_HOUR = 3600.0
_SERVICE, _CHOREOGRAPHY, _STATE = ("service",), ("choreography", "service"), ("choreography", "service", "state")
#: What each level of METRICS_DETAIL may be told apart by.
LEVELS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "summary": (_SERVICE,),
    "per_choreography": (_SERVICE, _CHOREOGRAPHY),
    "per_state": (_SERVICE, _CHOREOGRAPHY, _STATE),
}
DEFAULT_LEVEL = "per_choreography"
_MANY = (1, 10, 100)

Numbers = Counter[tuple[str, ...]]


def measure() -> str:
    """Play what can happen to orders, and count the time series."""
    rows = []
    for level in LEVELS:
        every, usual = (numbers(level, play) for play in (everything, all_is_well))
        rows.append(
            (
                f"`{level}`{' (default)' if level == DEFAULT_LEVEL else ''}",
                *(every[dimensions] for dimensions in (_SERVICE, _CHOREOGRAPHY, _STATE)),
                *(f"${dollars(every, count):,.2f}" for count in _MANY),
                f"${dollars(usual, _MANY[-1]):,.2f}",
            )
        )
    return figures(
        (
            "level",
            "for the whole",
            "per choreography",
            "and by its states",
            *(f"everything, {count} choreograph{'y' if count == 1 else 'ies'}" for count in _MANY),
            f"all is well, {_MANY[-1]}",
        ),
        rows,
    )


def dollars(series: Numbers, choreographies: int) -> float:
    """A month's, for so many choreographies alike."""
    count = series[_SERVICE] + choreographies * (series[_CHOREOGRAPHY] + series[_STATE])
    return count * prices.METRIC_MONTH


def numbers(level: str, play: Callable[[FakeAws], None]) -> Numbers:
    """How many series *play* has by their dimensions, if the functions are told this *level*."""
    with captured() as written:
        play(FakeAws(_orders(), quiet=False, settings={**SETTINGS, "METRICS_DETAIL": level}))
    return Counter(dimensions for dimensions, _, _ in written.series() if dimensions in LEVELS[level])


def _orders() -> Deployed:
    """The example's, which are expected to be over within an hour, and have two."""
    text = (ROOT / "examples" / "order" / "order" / "workflow.yaml").read_text(encoding="utf-8")
    return deployable(f"{text}\nexpected: 1h\ntimeout: 2h\n")


def all_is_well(aws: FakeAws) -> None:
    """Orders that are delivered, and one that is canceled."""
    _publish(aws, "delivered", "Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered")
    _publish(aws, "canceled", "Order Placed", "Order Confirmed", "Order Rejected", "Order Canceled")
    aws.run(seconds=600.0)


def everything(aws: FakeAws) -> None:
    """All that can happen to an order: also early, twice, never, aborted, unexpected."""
    all_is_well(aws)
    _publish(aws, "delivered", "Order Placed")  # once more, as it was
    _publish(aws, "early", "Order Confirmed", "Order Placed")
    _publish(aws, "unexpected", "Order Placed", "Order Delivered")
    aws.run(seconds=600.0)
    (aborted,) = [one for one in aws.executions if one.input["entityId"] == _entity("early")]
    aws.clients["stepfunctions"].stop_execution(executionArn=aborted.arn)
    _publish(aws, "forgotten", "Order Placed")
    aws.run(seconds=1.5 * _HOUR)
    aws.watch()
    aws.run(seconds=_HOUR)


def _entity(name: str) -> str:
    return event_id("entity", name)


def _publish(aws: FakeAws, entity: str, *names: str) -> None:
    for position, name in enumerate(names):
        at = 5.0 * position
        aws.publish(name, _entity(entity), DETAIL, delay=at, time=at, event_id=event_id(entity, name))
