"""Calls for a burst of events of one entity that come early, and are held when their turn comes."""

from collections import Counter

from benchmarks.workloads import Arrival, Workload
from documents.markdown import figures
from fake_aws import Deployed, FakeAws, deployable

BURSTS = (5, 10, 20, 40)
_START_AT = 30.0


def measure() -> str:
    """For bursts of several sizes."""
    return figures(
        ("events", "messages sent", "DynamoDB", "GetExecutionHistory"),
        [(f"{events}", *(f"{count:,}" for count in calls(events))) for events in BURSTS],
    )


def calls(events: int) -> tuple[int, int, int]:
    """Messages, calls of DynamoDB and looks into history until so many *events* are used, each by a line of its own."""
    names = [f"e{number}" for number in range(events)]
    early = (Arrival(1.0 + number / 100, name) for number, name in enumerate(names))
    workload = Workload(_held(names), (*early, Arrival(_START_AT, "S")))
    aws = workload.run(FakeAws(workload.choreography, watching=True))
    if len(aws.executions[0].history.answers()) != events:
        raise RuntimeError("not every event of the burst was used")
    made = Counter(call.operation if call.service == "stepfunctions" else call.service for call in aws.keeper.calls)
    return made["sqs"], made["dynamodb"], made["get_execution_history"]


def _held(names: list[str]) -> Deployed:
    """A line for each of the events; each may still come behind what ends them all."""
    lines = ", ".join(f"{name}: {name}" for name in names)
    behind = ", ".join(f"{name}: Q" for name in names)
    return deployable(
        "choreography: bursts\nsource: s\nstart: S\nsettle: 10s\nearly: 10m\nstates:\n"
        f"  P: {{all: {{{lines}}}, anytime: {{x: Q}}, next: Q}}\n"
        f"  Q: {{await: {{q: Done, {behind}}}}}\n  Done: succeed\n"
    )
