"""What is wrong with moto as it is. A test that fails here says that moto has mended it, and our patch can go.

That each is right on the embedded AWS is in the test that its name here begins like: `test_task_tokens.py`,
`test_executions.py`, `test_tables.py`, `test_events.py`, `test_stream_mappings.py`.
"""

import itertools
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from jsonpath_ng.ext.parser import parse as parse_path
from moto.stepfunctions.parser.asl.utils import json_path

from choreography_insights.local import EmbeddedAws
from choreography_insights.local.environment import environment
from choreography_insights.local.patches.execution_speed import _with_lists
from local.stack import Stack, eventually
from local.waiting import token, waiting

# moto as its own documentation starts it, but the server says on which port it is, and its threads change often: what
# goes wrong when they do shows at once.
SERVER = """
import os, sys, threading
sys.setswitchinterval(1e-6)
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
os.environ["MOTO_PORT"] = str(port)
print(port, flush=True)
threading.Event().wait()
"""


@pytest.fixture(scope="module")
def plain() -> Iterator[EmbeddedAws]:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=dict(os.environ),
    )
    assert server.stdout is not None
    try:
        variables = environment(int(server.stdout.readline()))
        request = urllib.request.Request(  # noqa: S310  # it is on loopback
            f"{variables['AWS_ENDPOINT_URL']}/moto-api/config",
            json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).close()  # noqa: S310
        yield EmbeddedAws(variables["AWS_ENDPOINT_URL"], variables)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


@pytest.fixture
def moto(plain: EmbeddedAws) -> Stack:
    return Stack(plain)


def waiting_execution(moto: Stack) -> tuple[str, str]:
    """Start an execution that waits twice; return it and its first token."""
    table, _ = moto.table()
    states = {"First": waiting(table, "first", Next="Second"), "Second": waiting(table, "second", End=True)}
    execution = moto.start(moto.machine({"StartAt": "First", "States": states}), name=moto.name("execution"))
    return execution, token(moto, table, execution, "first")


def test_task_tokens_that_are_closed_are_accepted_while_the_execution_runs(moto: Stack) -> None:
    _, first = waiting_execution(moto)
    steps = moto.client("stepfunctions")
    for _ in range(3):
        answer = steps.send_task_success(taskToken=first, output="{}")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_task_tokens_lose_the_cause_of_a_failure(moto: Stack) -> None:
    execution, first = waiting_execution(moto)
    moto.client("stepfunctions").send_task_failure(taskToken=first, error="E", cause="in words")
    assert moto.ended(execution).get("cause") != "in words"


def test_executions_that_wait_and_are_stopped_are_not_aborted(moto: Stack) -> None:
    """They go on running; now and then one fails, since the thread that stops it takes from its stack of values."""
    execution, _ = waiting_execution(moto)
    steps = moto.client("stepfunctions")
    steps.stop_execution(executionArn=execution)
    time.sleep(1)
    assert steps.describe_execution(executionArn=execution)["status"] != "ABORTED"


def test_executions_may_have_names_that_aws_refuses(moto: Stack) -> None:
    machine = moto.machine({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    assert moto.start(machine, name="a/b c").endswith(":a/b c")
    assert moto.start(machine).endswith(":None")


def test_tables_lose_updates_of_one_row_at_one_time(moto: Stack) -> None:
    table, _ = moto.table()
    dynamodb = moto.client("dynamodb")

    def goes_wrong(attempt: int) -> bool:
        key = {"pk": {"S": f"row {attempt}"}, "sk": {"S": "row"}}

        def add(number: int) -> None:
            dynamodb.update_item(
                TableName=table,
                Key=key,
                UpdateExpression="SET #own = :one",
                ExpressionAttributeNames={"#own": f"own{number}"},
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

        try:
            with ThreadPoolExecutor(16) as pool:
                list(pool.map(add, range(32)))
        except ClientError as refusal:  # the other way in which it goes wrong: the row changes while it is read
            return refusal.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        return len(dynamodb.get_item(TableName=table, Key=key)["Item"]) < 2 + 32

    attempts = itertools.count()
    eventually(lambda: goes_wrong(next(attempts)), seconds=60)


def test_events_carry_their_time_as_a_number_in_a_template(moto: Stack) -> None:
    queue = moto.queue()
    events = moto.client("events")
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["order"]}), State="DISABLED")
    transformer = {"InputTemplate": '{"event": <aws.events.event.json>}', "InputPathsMap": {}}
    target: dict[str, Any] = {"Id": "1", "Arn": moto.queue_arn(queue), "InputTransformer": transformer}
    events.put_targets(Rule="r", Targets=[target])
    events.put_events(Entries=[{"Source": "order", "DetailType": "d", "Detail": "{}"}])
    [body] = moto.received(queue)  # though the rule is disabled
    assert isinstance(json.loads(body)["event"]["time"], float)


def test_calls_that_terraform_makes_are_missing(moto: Stack) -> None:
    with pytest.raises(ClientError) as refusal:
        moto.client("stepfunctions").validate_state_machine_definition(definition="{}")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_path_with_a_wildcard_that_finds_one_gives_that_one_and_not_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {"lines": [{"remembered": {"place": "A"}}, {"remembered": {}}]}
    path = "$.lines[*].remembered.place"
    monkeypatch.setattr(json_path, "parse", parse_path)
    assert json_path.extract_json(path, lines) == "A"
    monkeypatch.setattr(json_path, "parse", _with_lists(parse_path))
    assert json_path.extract_json(path, lines) == ["A"]
    assert json_path.extract_json("$.lines[0].remembered.place", lines) == "A"
