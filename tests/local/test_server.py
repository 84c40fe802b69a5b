"""The server as a process: how it starts, what it says, how it ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from choreography_insights.local import EmbeddedAws, embedded_aws
from choreography_insights.local.environment import environment
from local.stack import Stack, eventually, make_role

SOURCE = Path(__file__).parents[2] / "lambda_src"


@contextmanager
def served(*arguments: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    server = subprocess.Popen(
        [sys.executable, "-m", "choreography_insights.local", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SOURCE)} | variables,
    )
    try:
        yield server
    finally:
        server.kill()
        server.communicate()


def said(server: "subprocess.Popen[str]") -> dict[str, str]:
    """Return the environment that the server prints."""
    assert server.stdout is not None
    lines = [server.stdout.readline().removeprefix("export ").strip() for _ in range(5)]
    return dict(line.split("=", 1) for line in lines)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_the_environment_once_it_is_ready_and_ends_in_silence_with_all_its_functions(
    number: signal.Signals,
) -> None:
    port = free_port()
    with served("--port", str(port)) as server:
        variables = said(server)
        assert variables == environment(port)
        stack = Stack(EmbeddedAws(variables["AWS_ENDPOINT_URL"], variables))  # ready: the first call is answered
        make_role(stack.aws)
        function = stack.function("""
            import os

            def handler(event, context):
                return [os.getpid(), os.environ["LAMBDA_TASK_ROOT"]]
        """)
        process, folder = stack.invoke(function)
        queue = stack.queue()
        stack.map(stack.queue_arn(queue), function)
        server.send_signal(number)
        assert server.wait(timeout=10) == 0
        assert server.communicate() == ("", "")
        eventually(lambda: not is_running(process))
        assert not Path(folder).exists()


def test_a_server_whose_parent_is_gone_ends_with_its_functions() -> None:
    with embedded_aws() as aws:
        stack = Stack(aws)
        make_role(aws)
        process = stack.invoke(stack.function("import os\nhandler = lambda event, context: os.getpid()"))
        assert is_running(process)
    eventually(lambda: not is_running(process))
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(aws.url)  # noqa: S310  # it is ours


@pytest.fixture(scope="module")
def failed_start() -> tuple[int, int, str]:
    """A server on a port that is taken: the port, its exit code, and what it says, all that it imports included."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with served("--port", str(port), PYTHONPROFILEIMPORTTIME="1") as server:
            _, log = server.communicate(timeout=120)
            return port, server.returncode, log


def test_a_port_that_is_taken_is_an_error_in_words(failed_start: tuple[int, int, str]) -> None:
    port, code, log = failed_start
    assert code == 1
    assert f"Port {port} is in use by another program." in log


def test_it_starts_without_ec2_which_takes_longer_to_import_than_all_the_rest(
    failed_start: tuple[int, int, str],
) -> None:
    imported = {line.rpartition("|")[2].strip() for line in failed_start[2].splitlines()}
    assert {"moto.stepfunctions", "moto.awslambda"} <= imported
    assert imported.isdisjoint({"moto.batch", "moto.ec2"})


def test_verbose_shows_requests() -> None:
    with served("--verbose") as server:
        stack = Stack(EmbeddedAws((variables := said(server))["AWS_ENDPOINT_URL"], variables))
        stack.client("sqs").list_queues()
        server.send_signal(signal.SIGINT)
        _, log = server.communicate(timeout=10)
        assert '"POST / HTTP/1.1" 200' in log


def test_one_connection_takes_one_request_after_the_other(aws: EmbeddedAws) -> None:
    connection = http.client.HTTPConnection(aws.url.removeprefix("http://"), timeout=60)
    answers = []
    for method, path, body in (
        ("POST", "/latest/meta-data/unread", b"GET /embedded-aws/clock HTTP/1.1\r\n\r\n"),  # nobody reads such a body
        ("HEAD", "/embedded-aws/clock", None),
        ("POST", "/embedded-aws/clock", iter([b'{"turn"', b": 0}"])),  # in chunks, after which the connection is closed
        ("GET", "/embedded-aws/clock", None),
    ):
        connection.request(method, path, body, encode_chunked=body is not None)
        answer = connection.getresponse()
        answers.append((answer.read(), answer.will_close))
    connection.close()
    assert [closes for _, closes in answers] == [False, False, True, False]
    assert (answers[1][0], "now" in json.loads(answers[3][0])) == (b"", True)


def test_failed_messages_can_be_made_to_come_back_sooner_than_on_aws() -> None:
    with embedded_aws(retry_after_seconds=0) as aws:
        stack = Stack(aws)
        make_role(aws)
        queue, dead = stack.redriven_queue(tries=3, VisibilityTimeout=600)
        stack.map(stack.queue_arn(queue), stack.function("def handler(event, context):\n    raise ValueError"))
        stack.send(queue, "bad")
        assert stack.received(dead) == ["bad"]


def test_a_call_that_moto_lacks_is_refused_at_once_and_by_name(stack: Stack) -> None:
    client = stack.client("stepfunctions")
    with pytest.raises(client.exceptions.ClientError) as refusal:
        client.redrive_execution(executionArn="arn:aws:states:eu-west-1:123456789012:execution:m:e")
    error = refusal.value.response["Error"]
    assert error["Code"] == "UnknownOperationException"
    assert "redrive_execution" in error["Message"]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads the server's CPU time where Linux has it")
def test_it_rests_while_nothing_happens(stack: Stack) -> None:
    function = stack.function("handler = lambda event, context: None")
    for _ in range(5):
        stack.map(stack.queue_arn(stack.queue()), function)
        stack.map(stack.table()[1], function, StartingPosition="LATEST")
    process = next(iter(_server_of(stack)))
    began, before = time.monotonic(), _cpu_seconds(process)
    time.sleep(3)
    used = _cpu_seconds(process) - before
    assert used < 0.2 * (time.monotonic() - began)  # a busy machine makes this longer, too


def _server_of(stack: Stack) -> Iterator[int]:
    """Yield the process that listens on the port of the stack's server (Linux)."""
    port = f"{int(stack.aws.url.rpartition(':')[2]):04X}"
    listening = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    inodes = {f"socket:[{fields[9]}]" for fields in listening if fields[1].endswith(f":{port}") and fields[3] == "0A"}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                yield int(process.name)
        except OSError:
            continue


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
