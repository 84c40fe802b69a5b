"""The functions' clients are made faster than botocore makes them, and must be the same."""

import contextlib
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError, UnknownServiceError
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import Session

from choreography_insights.runtime.clients import LONGEST_CALL_SECONDS, OnFirstUse, client_factory
from choreography_insights.runtime.ports import ports_from

CALLS: dict[str, Callable[[Any], object]] = {
    "dynamodb": lambda client: client.get_item(TableName="journeys", Key={"journey": {"S": "a"}, "item": {"S": "b"}}),
    "events": lambda client: client.put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}]),
    "sqs": lambda client: client.send_message(
        QueueUrl=f"https://sqs.{client.meta.region_name}.amazonaws.com/1/a", MessageBody="b"
    ),
    "stepfunctions": lambda client: client.send_task_success(taskToken="token", output="{}"),
}


#: As modules/insights sets it.
FUNCTION_TIMEOUT_SECONDS = 10

#: What botocore announces about a call, as it names it before the service and the operation.
EVENTS = sorted(
    {str(name).partition(".")[0] for name, *_ in BUILTIN_HANDLERS} - {"docs", "getattr", "choose-service-name"}
)


def handlers_of(emitter: Any, event: str) -> list[str]:
    """What is called when *event* is announced, in order; names, as each client has methods of its own."""
    trie = emitter._emitter._handlers  # botocore has no other way to ask
    return [getattr(one, "__qualname__", type(one).__name__) for one in trie.prefix_search(event)]


class RequestSeen(Exception):
    """Carries what would have gone over the network."""


def request_of(client: Any, call: Callable[[Any], object]) -> dict[str, object]:
    def see(request: Any, **_: object) -> None:
        authorization = request.headers["Authorization"].decode()
        scope = authorization.partition("Credential=")[2].partition(",")[0]
        raise RequestSeen({"url": request.url, "body": request.body, "signed for": scope})

    client.meta.events.register_last("before-send", see)
    with pytest.raises(RequestSeen) as seen:
        call(client)
    return dict(seen.value.args[0])


@pytest.mark.parametrize(
    ("region", "setting"),
    [
        ("eu-west-1", "AWS_RETRY_MODE"),
        ("cn-north-1", "AWS_RETRY_MODE"),
        ("us-iso-east-1", "AWS_RETRY_MODE"),
        ("us-gov-west-1", "AWS_USE_FIPS_ENDPOINT"),
        ("us-east-1", "AWS_USE_DUALSTACK_ENDPOINT"),
    ],
)
def test_a_request_is_the_one_that_botocore_makes_by_itself(
    region: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv(setting, "standard" if setting == "AWS_RETRY_MODE" else "true")
    ours, botocores = client_factory(), Session()
    for service, call in CALLS.items():
        own = botocores.create_client(service)
        assert request_of(ours(service), call) == request_of(own, call)


@pytest.mark.parametrize("service", CALLS)
def test_every_special_case_that_botocore_has_for_one_of_our_services_is_kept(service: str) -> None:
    client = Session().create_client(service, config=Config(retries={"mode": "standard"}))
    name = client.meta.service_model.service_id.hyphenize()
    ours = client_factory()(service).meta.events
    for operation in client.meta.service_model.operation_names:
        for kind in EVENTS:
            event = f"{kind}.{name}.{operation}"
            assert handlers_of(ours, event) == handlers_of(client.meta.events, event), event
    for event in (f"creating-client-class.{name}", f"choose-service-name.{name}", f"getattr.{service}.x"):
        assert handlers_of(ours, event) == handlers_of(client.meta.events, event), event


def broken(*_: object, **__: object) -> None:
    raise AttributeError("botocore has no such thing any more")


@pytest.mark.parametrize(
    "where",
    [
        "choreography_insights.runtime.quick_session.quick_session",
        "choreography_insights.runtime.quick_session._OurServices.load_data_with_path",
        "choreography_insights.runtime.quick_session._OurSession.register",
        "choreography_insights.runtime.quick_session._PlainJson.load_file",
    ],
)
def test_where_botocore_is_not_as_expected_its_own_way_does_and_the_log_says_so_once(
    where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(where, broken)
    make = client_factory()
    assert [make(service).meta.service_model.service_name for service in CALLS] == list(CALLS)
    assert make("dynamodb").meta.config.read_timeout == 2
    assert [record.message for record in caplog.records] == [
        "botocore is not as expected: clients are made without shortcuts, and cold starts are slower"
    ]


def test_where_botocore_lacks_what_the_shortcuts_import_its_own_way_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setitem(sys.modules, "choreography_insights.runtime.quick_session", None)
    assert client_factory()("sqs").meta.service_model.service_name == "sqs"


def test_what_no_way_can_do_fails_as_botocore_says() -> None:
    with pytest.raises(UnknownServiceError):
        client_factory()("no-such-service")


def test_a_client_for_rare_calls_is_made_when_it_is_first_used_and_only_once() -> None:
    made: list[str] = []

    def make() -> str:
        time.sleep(0.01)
        made.append("client")
        return "client"

    client = OnFirstUse(make)
    assert made == []
    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(lambda _: client.upper(), range(5))) == ["CLIENT"] * 5
    assert made == ["client"]


def test_setting_up_makes_the_two_clients_that_every_event_needs() -> None:
    made: list[str] = []
    environment = {"JOURNEYS_TABLE": "t", "START_QUEUE_URL": "s", "EVENT_QUEUE_URL": "e", "EVENT_BUS_NAME": "b"}
    ports_from(environment, made.append)
    assert made == ["dynamodb", "stepfunctions"]


@pytest.mark.parametrize("service", CALLS)
def test_a_call_that_is_never_answered_is_given_up_while_its_function_lives(service: str) -> None:
    config = client_factory()(service).meta.config
    attempts = config.retries["total_max_attempts"]
    assert (config.connect_timeout, config.read_timeout, attempts) == (1, 2, 2)
    pauses = attempts - 1  # of a second at the most, as botocore's standard mode has them
    assert attempts * config.read_timeout + pauses == LONGEST_CALL_SECONDS == 5
    assert attempts * (config.connect_timeout + config.read_timeout) + pauses < FUNCTION_TIMEOUT_SECONDS


def test_a_socket_that_never_answers_does_not_hold_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    # Seconds count as tenths here; what is given up after two attempts in the test is in the function, too.
    hasty = Config(connect_timeout=0.1, read_timeout=0.2, retries={"mode": "standard", "total_max_attempts": 2})
    with socket.create_server(("127.0.0.1", 0), backlog=10) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        client = client_factory(hasty)("dynamodb")
        with pytest.raises(ReadTimeoutError):
            client.get_item(TableName="t", Key={"journey": {"S": "a"}, "item": {"S": "b"}})
        silent.setblocking(False)
        connections = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                silent.accept()[0].close()
                connections += 1
    assert connections == 2
