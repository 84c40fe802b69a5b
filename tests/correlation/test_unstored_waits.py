"""Whether a task is open whose wait is not in the table yet: asked of the history at every step of random courses."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choreography_insights.runtime.event import compact_json
from choreography_insights.runtime.executions import Executions, Waits
from correlation.definitions import small
from fake_aws import Deployed, FakeAws
from fake_aws.executions import Execution, Flow
from support.exploring import times

NAMES = "abcdx"
DEFINITIONS = {
    "loop": small("loop", "  A: {await: {a: B, b: Done}}\n  B: {await: {x: A}}\n  Done: succeed"),
    "all": small(
        "all",
        "  A: {all: {One: a, Two: b, Three: c}, next: B, timeout: {after: 5m, next: T}}\n"
        "  B: {await: {d: Done}}\n  T: {await: {x: A}}\n  Done: succeed",
    ),
    "parallel": small(
        "parallel",
        """
  P:
    parallel:
      Left:
        states:
          L: {await: {a: M, b: Pause}}
          Pause: {wait: 10s, next: M}
          M: {await: {c: Z}, timeout: {after: 2m, next: Q}}
          Q: {all: {One: a, Two: b}, next: Z}
          Z: succeed
      Right:
        states:
          R: {await: {d: Y, x: Out}}
          Out: {fail: {error: Out}}
          Y: succeed
    next: B
    timeout: {after: 10m, next: B}
  B: {await: {x: P, a: Done}}
  Done: succeed""",
    ),
    "each": small(
        "each",
        """
  E:
    each:
      items: $.detail.ps
      item: $.detail.p
      states: {V: {await: {a: W, b: Z}}, W: {await: {c: V, d: Z}, timeout: {after: 1m, next: Z}}, Z: succeed}
    next: B
  B: {await: {x: E, a: Done}}
  Done: succeed""",
    ),
}


class Course:
    """A journey that is driven past the functions: what is answered, what times out, and which writes fail, by lot."""

    def __init__(self, deployed: Deployed, seed: int) -> None:
        self.lot = Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.aws = FakeAws(deployed)
        self.client = self.aws.clients["stepfunctions"]
        event = {"eventName": "S", "eventId": "s", "detail": {"id": "1", "ps": ["k1", "k2", "k3"]}}
        key, at = f"{deployed.name}#1", f"{deployed.name}#0"
        data = {"choreography": deployed.name, "entityId": "1", "journey": key, "event": event, "at": at}
        self.arn = self.client.start_execution(
            stateMachineArn=deployed.machine_arn, name="one", input=compact_json(data)
        )["executionArn"]
        self.aws.stepfunctions.dynamodb.update_item(
            TableName="journeys",
            Key={"journey": {"S": key}, "item": {"S": "JOURNEY"}},
            UpdateExpression="SET executionArn = :arn",
            ExpressionAttributeValues={":arn": {"S": self.arn}},
        )

    @property
    def execution(self) -> Execution:
        return self.aws.stepfunctions.executions[self.arn]

    @property
    def tasks(self) -> list[Flow]:
        lines = [line for line in self.execution.lines() if line.phase not in ("over", "branching")]
        return [line for line in lines if line.state is not None and line.state.type == "Task"]

    def go_on(self) -> None:
        """One of all that can happen now."""
        stepfunctions, lot = self.aws.stepfunctions, self.lot
        steps = list(stepfunctions.steps())
        answerable = [line for line in self.tasks if line.phase in ("submitting", "waiting")]
        chance = lot.random()
        if self.execution.status == "SUCCEEDED":
            return
        if self.execution.status != "RUNNING":
            self.client.redrive_execution(executionArn=self.arn)
        elif chance < 0.02:
            self.client.stop_execution(executionArn=self.arn)
        elif steps and (chance < 0.6 or not answerable):
            if lot.random() < 0.3:
                stepfunctions.broken_writes = [("ThrottlingException", lot.random() < 0.3)]
            lot.choice(steps).do()
            stepfunctions.broken_writes = []
        elif answerable and chance < 0.9:
            line = lot.choice(answerable)
            output = {"eventName": lot.choice(NAMES), "eventId": "e", "time": "t", "detail": {"ps": ["k1", "k2"]}}
            self.client.send_task_success(taskToken=line.token, output=compact_json(output))
        elif due := [moment for moment in stepfunctions.due_times() if moment > self.aws.clock.now]:
            self.aws.clock.advance_to(min(due))

    def trace(self, steps: int) -> Iterator[None]:
        for _ in range(steps):
            yield
            ended = self.execution.status
            self.go_on()
            if ended != "RUNNING" != self.execution.status:
                return  # succeeded, or failed again in the moment of its redrive


@pytest.mark.parametrize("name", DEFINITIONS)
@settings(max_examples=times(5))
@given(seed=st.integers(0, 2**32))
def test_history_tells_whether_a_wait_is_on_its_way_into_the_table(name: str, seed: int) -> None:
    one = Course(DEFINITIONS[name], seed)
    executions = Executions(one.client, at_once=1)
    for _ in one.trace(80):
        stored = {line.token for line in one.tasks if line.phase in ("submitting", "waiting")}
        on_its_way = [line for line in one.tasks if line.phase in ("writing", "sleeping")]
        closed = set(one.aws.stepfunctions.tokens) - {line.token for line in one.tasks if line.phase != "sleeping"}
        found = executions.waits(one.arn, sorted(stored | closed), look_for_unstored=True)
        assert found == Waits(closed, bool(on_its_way))
        # A heartbeat says no other.
        assert executions.waits(one.arn, sorted(stored | closed)).closed == closed
