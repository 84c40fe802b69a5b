"""What the handler itself adds to the AWS calls it makes: CPU time, and time for many journeys at once."""

import json
import os
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from io import BytesIO
from statistics import median
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from benchmarks.sample_values import DETAIL, ENTITY, FUNCTION_ENVIRONMENT, envelope, event_id
from benchmarks.workloads import ORDER, Arrival, Workload
from choreography_insights.runtime import resume
from choreography_insights.runtime.batch import Handler
from choreography_insights.runtime.clients import client_factory
from choreography_insights.runtime.metrics import Metrics
from choreography_insights.runtime.ports import ports_from
from documents.markdown import figures

_BATCH = 10
_BATCHES = 30
_ROUNDS = 9
_CALL_SECONDS = 0.02

(_RULE,) = (rule for rule in ORDER.rules if rule.queue == "event")


@cache
def _answers() -> Mapping[str, Mapping[str, Any]]:
    """What AWS says to each call of an awaited event: of an order that waits for its confirmation."""
    table = Workload(ORDER, (Arrival(0.0, "Order Placed"),)).run().table
    row = table.get((f"order#{ENTITY}", "JOURNEY"))
    if row is None:
        raise AssertionError("the order has no row")
    return {"Query": {"Items": [row]}, "TransactWriteItems": {}, "SendTaskSuccess": {}, "UpdateItem": {}}


class _Quiet(Metrics):
    def write(self) -> None:
        self.taken()


class _Body(BytesIO):
    """What botocore reads an answer from."""

    def stream(self) -> list[bytes]:
        return [self.getvalue()]


class _Recording:
    """A client whose calls are noted."""

    def __init__(self, client: Any, calls: list[Callable[[], Any]]) -> None:
        self._client, self._calls = client, calls

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self._client, operation)

        def call(**parameters: Any) -> Any:
            self._calls.append(partial(method, **parameters))
            return method(**parameters)

        return call


def measure() -> str:
    """The handler over real botocore clients that are answered on the spot, before anything is sent."""
    os.environ.update(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1")
    os.environ.update(AWS_ACCESS_KEY_ID="nobody", AWS_SECRET_ACCESS_KEY="nothing")  # noqa: S106 - and it is sent nowhere
    handler, calls = _handler(_client), _bare_calls()
    bare = _median(lambda: [call() for call in calls], _BATCH * _BATCHES, time.process_time)
    event = _median(partial(handler, _batch(_BATCH), None), _BATCHES, time.process_time) / _BATCH
    slow = _handler(partial(_client, wait=partial(time.sleep, _CALL_SECONDS)))
    one, many = (_median(partial(slow, _batch(size), None), 3, time.perf_counter) for size in (1, _BATCH))
    return figures(
        ("", "ratio"),
        [
            (
                f"CPU time per event, in batches of {_BATCH}, over that of its four AWS calls alone",
                f"{event / bare:.2f}",
            ),
            (
                f"time of a batch of {_BATCH} journeys over that of one, {_CALL_SECONDS * 1000:g} ms for each AWS call",
                f"{many / one:.2f}",
            ),
        ],
    )


def _median(work: Callable[[], object], times: int, clock: Callable[[], float]) -> float:
    """Seconds of doing *work* once."""
    rounds = []
    for _ in range(_ROUNDS):
        began = clock()
        for _ in range(times):
            work()
        rounds.append((clock() - began) / times)
    return median(rounds)


def _bare_calls() -> list[Callable[[], Any]]:
    """The calls that the handler makes for one awaited event."""
    calls: list[Callable[[], Any]] = []
    _handler(lambda service: _Recording(_client(service), calls))
    return calls


def _handler(new_client: Callable[[str], Any]) -> Handler:
    handler = resume.make_handler(ports_from(FUNCTION_ENVIRONMENT, new_client, metrics=_Quiet()))
    if failed := handler(_batch(1), None)["batchItemFailures"]:
        raise AssertionError(f"the handler failed: {failed}; let it log, to see why")
    return handler


def _batch(size: int) -> dict[str, Any]:
    """Awaited events of so many journeys."""
    return {"Records": [_record(number) for number in range(size)]}


def _record(number: int) -> dict[str, Any]:
    event = envelope(event_id(number), "order", "Order Confirmed", time.time(), {"id": str(number), **DETAIL})
    return {
        "messageId": f"message-{number}",
        "body": f'{{"choreography":{_RULE.settings},"event":{json.dumps(event)}}}',
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767225600000"},
        "eventSource": "aws:sqs",
    }


def _client(service: str, *, wait: Callable[[], None] = lambda: None) -> Any:
    client = client_factory()(service)

    def answer(request: Any, **_: Any) -> AWSResponse:
        wait()
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        body = json.dumps(_answers()[operation]).encode()
        headers = HTTPHeaders.from_dict(
            {"Content-Type": "application/x-amz-json-1.0", "Content-Length": str(len(body))}
        )
        return AWSResponse(request.url, 200, headers, _Body(body))

    client.meta.events.register("before-send", answer)
    return client
