"""Journeys' rows say to those who look where the journeys are: what the state machine writes, and when it is wrong.

That they do so whatever the order and whatever goes wrong, `test_disorder` and `test_crash_points` look at, too.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from correlation.definitions import ONE, PAUSING, SEQUENCE, STALE, small
from correlation.storing import refuse_writes
from fake_aws import Deployed, FakeAws, in_order
from fake_aws.errors import client_error
from support.whereabouts import Looking, lost_sight_of, told

NAMES = [
    "A",
    "A#1",
    "#",
    "it's {} \\{x\\}",
    'Ä "b", (c)',
    "[1], $.event",
    "$$.State.Name",
    "${partition} %{ if }",
    "\\",
    "\\'",
    "😀" * 30,
]


def row(aws: FakeAws, key: str) -> Mapping[str, Any]:
    return aws.table.partitions[key]["JOURNEY"]


def where(aws: FakeAws, key: str) -> str | None:
    """The state that the row says; whatever its name is, the time behind it has no ``#``."""
    since = told(aws)[key]
    return None if since is None else since.rpartition("#")[0]


# ---- whatever a state is, and is called --------


STATES = {
    "await": "{await: {a: Done}}",
    "all": "{all: {x: a, y: b}, next: Done}",
    "wait": "{wait: 1h, next: Done}",
    "each": "{each: {items: $.detail.ps, item: $.detail.p, states: {I: {await: {i: E}}, E: succeed}}, next: Done}",
    "parallel, in a race": """
    parallel:
      P: {states: {L: {await: {a: PE}}, PE: succeed}}
      Q: {states: {W: {wait: 1h, next: WE}, WE: succeed}}
    next: Done
    timeout: {after: 2h, next: Done}""",
    "parallel that begins with a pause": """
    parallel:
      P: {states: {W: {wait: 1h, next: L}, L: {await: {a: PE}}, PE: succeed}}
    next: Done""",
    "parallel that begins with an empty list that an event may end": """
    parallel:
      P:
        states:
          N:
            each: {items: $.detail.none, item: $.detail.p, states: {M: {await: {m: ME}}, ME: succeed}}
            anytime: {b: PE}
            next: PE
          PE: succeed
      Q:
        states:
          O: {each: {items: $.detail.ps, item: $.detail.p, states: {I: {await: {i: E}}, E: succeed}}, next: QE}
          QE: succeed
    next: Done""",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_journey_is_said_to_be_in_the_outermost_state_whatever_that_is_called(state: str, name: str) -> None:
    quoted = name.replace("'", "''")
    choreography = small("named", f"  First: {{await: {{f: '{quoted}'}}}}\n  '{quoted}': {state}\n  Done: succeed")
    aws = FakeAws(choreography)
    aws.publish("S", "1")
    aws.publish("f", "1", {"ps": ["1"], "none": []}, delay=60.0)
    aws.run(Looking(aws, in_order), seconds=30.0)
    assert where(aws, "named#1") == "First"
    aws.run(Looking(aws, in_order), seconds=60.0)
    assert where(aws, "named#1") == name
    for event in ("a", "b"):
        aws.publish(event, "1", delay=4000.0)
    aws.publish("i", "1", {"p": "1"}, delay=4000.0)
    aws.run(Looking(aws, in_order), seconds=3 * 3600.0)
    assert [status for status, _ in aws.journeys("1")] == ["SUCCEEDED"]
    assert told(aws) == {"named#1": None}


def test_a_row_names_the_shard_of_its_journey_and_the_version_of_its_definition() -> None:
    aws = FakeAws(SEQUENCE)
    aws.publish("S", "1")
    aws.run(seconds=5.0)
    machine = aws.stepfunctions.machines[SEQUENCE.machine_arn].branch.states["A"].spec
    assert row(aws, "sequence#1")["version"] == machine["Parameters"]["ExpressionAttributeValues"][":version"]
    assert row(aws, "sequence#1")["at"] == {"S": aws.executions[0].input["at"]}
    aws.clients["stepfunctions"].stop_execution(executionArn=aws.executions[0].arn)
    aws.run(seconds=5.0)
    assert {"at", "since"} & row(aws, "sequence#1").keys() == set()
    assert "version" in row(aws, "sequence#1")  # an ended journey is drawn on it


# ---- a Task that only tells --------


def test_a_pause_costs_one_transition_more_and_no_wait_does() -> None:
    aws = FakeAws(PAUSING)
    aws.publish("S", "1", {"ps": []})
    aws.publish("b", "1", delay=70.0)
    aws.publish("z", "1", delay=80.0)
    aws.run()
    (execution,) = aws.executions
    told_by = [name for name in execution.path() if name.endswith(".Entered")]
    assert (execution.status, told_by) == ("SUCCEEDED", ["A.Entered", "P.Entered", "I.Entered"])


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ConditionalCheckFailedException"])
def test_a_journey_goes_on_where_it_cannot_be_told_where_it_is(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    aws = FakeAws(PAUSING)
    tries, write = [], aws.stepfunctions.write

    def refusing(parameters: Mapping[str, Any]) -> None:
        if ":wait" not in parameters["ExpressionAttributeValues"]:
            tries.append(aws.clock.now)
            raise client_error(code, "told to go wrong", "UpdateItem")
        write(parameters)

    monkeypatch.setattr(aws.stepfunctions, "write", refusing)
    aws.publish("S", "1", {"ps": ["1"]})
    aws.publish("b", "1", delay=80.0)
    aws.publish("j", "1", {"p": "1"}, delay=100.0)
    aws.publish("z", "1", delay=120.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert len(tries) == 3 * (1 if code.startswith("Conditional") else 4)


def test_an_execution_that_was_superseded_tells_nothing_of_the_next_journey() -> None:
    paused = small("paused", "  A: {await: {a: W}}\n  W: {wait: 1h, next: Done}\n  Done: succeed")
    aws = FakeAws(paused)
    aws.publish("S", "1")
    aws.run(seconds=5.0)
    client, first = aws.clients["stepfunctions"], aws.executions[0]
    client.stop_execution(executionArn=first.arn)
    aws.run(seconds=5.0)
    aws.publish("S", "1")
    aws.run(seconds=5.0)
    before = told(aws)
    first.root.enter("W.Entered", first.root.data)
    first.root.write()
    assert (first.root.now_in.name, told(aws)) == ("W", before)


# ---- journeys that end, and begin anew --------


def test_the_next_journey_is_nowhere_until_its_first_state_is_stored() -> None:
    aws = FakeAws(ONE, status_events="dropped")
    aws.publish("S", "1")
    aws.publish("a", "1", delay=5.0)
    aws.run(seconds=30.0)
    assert where(aws, "one#1") == "A"  # nobody was told that it has ended
    aws.stepfunctions.frozen = True
    aws.publish("S", "1")
    aws.run(seconds=5.0)
    assert {"at", "since", "version", "lapsed"} & row(aws, "one#1").keys() == set()
    aws.stepfunctions.frozen = False
    aws.run(seconds=5.0)
    assert lost_sight_of(aws) == {}


@pytest.mark.parametrize("choreography", [SEQUENCE, small("p", "  A: {all: {x: a, y: b}, next: Z}\n  Z: succeed")])
def test_a_redriven_journey_is_where_it_was(choreography: Deployed) -> None:
    aws = FakeAws(choreography)
    aws.publish("S", "1")
    aws.run(Looking(aws, in_order), seconds=10.0)
    client, arn = aws.clients["stepfunctions"], aws.executions[0].arn
    client.stop_execution(executionArn=arn)
    aws.run(Looking(aws, in_order), seconds=10.0)
    assert list(told(aws).values()) == [None]
    client.redrive_execution(executionArn=arn)
    aws.run(Looking(aws, in_order), seconds=10.0)
    assert [since and since.partition("#")[0] for since in told(aws).values()] == ["A"]
    for event in ("a", "b"):
        aws.publish(event, "1", delay=1.0)
    aws.run(Looking(aws, in_order), seconds=300.0)
    assert [status for status, _ in aws.journeys("1")] == ["SUCCEEDED"]


# ---- a write that lands late --------


def test_a_late_write_of_an_ended_execution_shows_it_where_it_was_until_the_next_journey() -> None:
    aws = FakeAws(STALE)
    aws.stepfunctions.keep_late = True
    aws.publish("S", "1")
    aws.deliver(aws.queues["start"], aws.queues["start"].visible()[0])
    (task,) = aws.stepfunctions.tokens.values()
    task.time_out()  # while its write is on the way
    aws.run(seconds=30.0)
    assert aws.journeys("1") == [("SUCCEEDED", "Stale")]
    assert told(aws) == {"stale#1": None}
    (landing,) = aws.stepfunctions.late_steps()
    landing.do()
    assert (row(aws, "stale#1")["status"], where(aws, "stale#1")) == ({"S": "RUNNING"}, "A")
    aws.publish("S", "1")
    aws.run(Looking(aws, in_order), seconds=10.0)
    assert [status for status, _ in aws.journeys("1")] == ["SUCCEEDED", "RUNNING"]
    assert aws.deviations() == []


def test_a_late_write_of_a_state_that_was_left_is_put_right_by_the_next_state() -> None:
    late = small("late", "  A: {await: {a: B}, timeout: {after: 30s, next: B}}\n  B: {await: {b: C}}\n"
                 "  C: {await: {c: Done}}\n  Done: succeed")  # fmt: skip
    aws = FakeAws(late)
    aws.stepfunctions.keep_late = True
    aws.publish("S", "1")
    aws.deliver(aws.queues["start"], aws.queues["start"].visible()[0])
    (task,) = aws.stepfunctions.tokens.values()
    task.time_out()
    aws.run(Looking(aws, in_order), seconds=10.0)
    (landing,) = aws.stepfunctions.late_steps()
    landing.do()
    assert where(aws, "late#1") == "A"
    aws.publish("b", "1")
    aws.run(Looking(aws, in_order), seconds=10.0)
    assert where(aws, "late#1") == "C"


def test_a_wait_that_is_stored_late_is_told_of_as_soon_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = FakeAws(SEQUENCE)
    refused = refuse_writes(monkeypatch, aws, "ThrottlingException", of="B", times=5)
    aws.publish("S", "1")
    aws.publish("a", "1", delay=5.0)
    aws.run(seconds=10.0)
    assert (bool(refused), where(aws, "sequence#1")) == (True, "A")
    aws.run(seconds=200.0)
    assert lost_sight_of(aws) == {}
