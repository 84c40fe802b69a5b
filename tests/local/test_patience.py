"""A function on a slow machine may take longer than it is told, and so may its calls."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from choreography_insights.local.functions.package import Deployed
from choreography_insights.local.functions.process import FunctionProcess
from local.stack import zipped

SOURCE = """
    import time
    from botocore.config import Config
    from botocore.session import Session

    def slow(event, context):
        before = context.get_remaining_time_in_millis()
        time.sleep(0.4)
        return [before, context.get_remaining_time_in_millis()]

    def timeouts(event, context):
        config = Config(connect_timeout=1, read_timeout=2)
        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "eu-west-1"}
        client = Session().create_client("sqs", config=config, **keys)
        timeout = client._endpoint.http_session._timeout
        return [timeout.connect_timeout, timeout.read_timeout]
"""


@contextmanager
def process(handler: str, folder: Path, patience: float) -> Iterator[FunctionProcess]:
    """A process of the function *handler*, which has 0.2 seconds."""
    code = zipped(SOURCE)
    function = Deployed(
        *("arn", "slow", "$LATEST", f"handlers.{handler}", hashlib.sha256(code).hexdigest(), code, 0.2, 128),
        *((), "/aws/lambda/slow", "eu-west-1", "123456789012"),
    )
    started = FunctionProcess(function, folder, {}, lambda _: None, patience)
    try:
        yield started
    finally:
        started.end()
        for pipe in (started._process.stdin, started._process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.mark.parametrize(("patience", "is_over"), [(1, True), (1000, False)])
def test_a_function_has_so_many_times_its_timeout(patience: float, is_over: bool, tmp_path: Path) -> None:
    with process("slow", tmp_path, patience) as slow:
        assert slow.invoke("{}", "1", "").failed is is_over


def test_a_function_sees_of_its_time_what_it_would_have_on_a_fast_machine(tmp_path: Path) -> None:
    with process("slow", tmp_path, 1000) as slow:
        before, after = json.loads(slow.invoke("{}", "1", "").payload)
    assert 0 < after <= before <= 200


def test_its_calls_are_waited_for_as_many_times_as_long(tmp_path: Path) -> None:
    with process("timeouts", tmp_path, 1000) as patient:
        answer = patient.invoke("{}", "1", "")
    assert json.loads(answer.payload) == [1000, 2000]
