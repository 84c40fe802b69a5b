"""Task tokens and the content of events and messages are never logged, nor AWS's answers, which may quote them."""

import contextlib
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from choreography_insights.runtime import log as runtime_log
from choreography_insights.runtime.errors import InvalidMessage, Throttled
from correlation.definitions import CAR, CHOICE, ORDER, small
from correlation.playing import play
from fake_aws import FakeAws
from fake_aws.errors import client_error
from fake_aws.gates import Fault

SECRET = "a-secret-of-the-payload"
TOKEN = "+secret=="
SERIES = ["S", "u", "c", "S", "b", "a"]


@pytest.mark.parametrize("number", range(0, 60, 2))
@pytest.mark.parametrize("kind", ["die after", "fail before", "fail after", "conflict"])
def test_no_log_line_holds_a_token_or_a_payload_whatever_goes_wrong(
    number: int, kind: str, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault(number, kind)  # type: ignore[arg-type]
    aws = FakeAws(CHOICE, quiet=False, visibility_timeout=2.0, fault=fault)
    aws.stepfunctions.before_submitted = "refused"
    aws.publish("b", "1", {"card": SECRET})
    aws.run(seconds=100)
    for position, name in enumerate(SERIES):
        aws.publish(name, "1", {"card": SECRET}, delay=position * 1.0, time=position * 1.0)
    aws.run()
    everything = log.getvalue() + "".join(capsys.readouterr())
    assert "journey deviated" in everything
    assert "Deviations" in everything  # the metrics are there too
    assert SECRET not in everything
    assert TOKEN not in everything


def test_a_message_that_cannot_be_read_is_not_quoted(log: io.StringIO) -> None:
    aws = FakeAws(ORDER, CAR)
    for queue in aws.queues.values():
        queue.send(f'{{"event":{{"detail":{{"card":"{SECRET}"}}}}}}')
        queue.send(f'{SECRET} {{"')
        queue.send(f'{{"choreography":{ORDER.rules[0].settings},"event":{{"id":"1","detail":{{"card":"{SECRET}"}}}}}}')
    aws.run()
    assert len(aws.outcome().dead_letters) == 6
    assert SECRET not in log.getvalue()


def test_the_log_says_what_happened_to_an_event(log: io.StringIO) -> None:
    play(CHOICE, ["S", "c"])
    assert [
        line for line in ("journey started", "event moved its journey", "journey ended") if line not in log.getvalue()
    ] == []


# ---- what an execution and a deviation say --------

BOUNCED = small("bounced", "  W: {await: {b: Bounced}}\n  Bounced: {fail: {error: $.detail.code, cause: $.detail.why}}")


def test_an_error_and_a_cause_that_are_an_events_data_are_told_on_the_bus_and_not_in_the_log(log: io.StringIO) -> None:
    aws = FakeAws(BOUNCED)
    aws.publish("S", "1")
    aws.publish("b", "1", {"code": SECRET, "why": SECRET}, delay=1)
    aws.run(seconds=60)
    (ended,) = aws.reports
    assert (ended["detail"]["error"], ended["detail"]["cause"]) == (SECRET, SECRET)
    (line,) = [one for one in lines(log) if one["message"] == "journey ended"]
    assert line["error"] == "the choreography's own"
    assert SECRET not in log.getvalue()


def test_errors_that_are_no_events_data_are_in_the_log(log: io.StringIO) -> None:
    aws = FakeAws(CHOICE)
    aws.publish("S", "1")
    aws.publish("unknown", "1", delay=1)
    aws.run()
    assert [one["error"] for one in lines(log) if one["message"] == "journey ended"] == ["UnexpectedEvent"]


PARCELS = small(
    "parcels",
    "  E:\n    each: {items: $.detail.ps, item: $.detail.p, states: {W: {await: {d: Z}}, Z: succeed}}\n"
    "    next: Done\n  Done: succeed",
)


@pytest.mark.parametrize("key", [SECRET, f"{SECRET}'s", f'"{SECRET}"', f"[{SECRET}][x]", f"\\{SECRET}\n"])
def test_the_keys_of_items_are_told_on_the_bus_and_not_in_the_log(key: str, log: io.StringIO) -> None:
    aws = FakeAws(PARCELS)
    aws.publish("S", "1", {"ps": [key, "p2"]})
    aws.publish("x", "1", delay=1)
    aws.run()
    (deviation,) = aws.deviations()
    assert {state["state"] for state in deviation["states"]} == {f"W[{key}]", "W[p2]"}
    (line,) = [one for one in lines(log) if one["message"] == "journey deviated"]
    assert line["cause"].endswith("within 60 s: state 'W' accepts 'd'; state 'W' accepts 'd'.")
    assert SECRET not in log.getvalue()
    assert "p2" not in line["cause"]


# ---- what goes wrong --------


def quoting(operation: str, parameters: dict[str, Any]) -> list[Exception]:
    """What AWS and botocore say of *parameters* that they do not take, and what else may be raised with them."""
    text = json.dumps(parameters, default=str)
    unlike_a_code = ClientError({"Error": {"Code": text, "Message": text}}, operation)
    cancelled = client_error("TransactionCanceledException", text, operation)
    reasons: Any = [{"Code": "ValidationError", "Message": text, "Item": parameters}]
    cancelled.response["CancellationReasons"] = reasons
    noted = RuntimeError(text)
    noted.add_note(text)
    caused = RuntimeError(text)
    caused.__cause__ = ValueError(text)
    return [
        client_error("ValidationException", f"1 validation error detected: Value '{text}'", operation),
        client_error("ThrottlingException", text, operation),
        ParamValidationError(report=text),
        unlike_a_code,
        cancelled,
        noted,
        caused,
        ExceptionGroup(text, [ValueError(text)]),
        KeyError(text),
    ]


KINDS = range(len(quoting("X", {})))
CALLS = ["get_item", "query", "transact_write_items", "update_item", "put_events", "send_message", "start_execution"]
CALLS += ["send_task_success", "send_task_failure", "send_task_heartbeat", "describe_execution"]
CALLS += ["get_execution_history", "change_message_visibility_batch"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", CALLS)
def test_no_answer_of_aws_is_quoted(
    operation: str, kind: int, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = FakeAws(CHOICE, quiet=False, visibility_timeout=2.0)
    aws.stepfunctions.before_submitted = "refused"

    def refuse(parameters: dict[str, Any]) -> None:
        raise quoting(operation, parameters)[kind]

    aws.keeper.refusals[operation] = refuse
    for position, name in enumerate(["b", *SERIES, "unknown"]):
        aws.publish(name, "1", {"card": SECRET}, delay=position * 1.0, time=position * 1.0)
    aws.run(seconds=300)
    aws.watch()
    aws.run(seconds=300)
    everything = log.getvalue() + "".join(capsys.readouterr())
    assert SECRET not in everything
    assert TOKEN not in everything
    assert '"Traceback' not in everything


def test_of_an_error_the_log_has_its_type_aws_code_the_operation_and_where_it_came_by(log: io.StringIO) -> None:
    aws = FakeAws(ORDER, visibility_timeout=2.0)
    aws.keeper.broken.add("get_item")
    aws.publish("Order Placed", "1", {"card": SECRET})
    aws.run(seconds=1)
    line = lines(log)[0]
    assert line["message"] == "message failed"
    assert line["reason"] == "AWS answered InternalServerError to get_item"
    assert line["exception_name"] == "ClientError"
    assert "in read_journey" in line["exception"]
    assert "told to go wrong" not in log.getvalue()


@pytest.mark.parametrize("error", [InvalidMessage("no JSON"), Throttled("throttled")])
def test_what_our_own_faults_say_is_told(error: Exception, log: io.StringIO) -> None:
    assert runtime_log.reason_of(error) == str(error)
    runtime_log.logger.error("raised", exc_info=error)
    assert lines(log)[-1]["reason"] == str(error)


# ---- whatever a message is like --------

MARK = "MARKED"
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.just(MARK), st.just(f"{MARK}#\ud800"))
_CONTENT = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([MARK, f"{MARK}-2", "id", "kind"]), inner, max_size=3),
    ),
    max_leaves=6,
)
#: Names and ids are the users' to see, where they are texts; anything else in their place is content.
_NO_TEXT = _CONTENT.filter(lambda value: not isinstance(value, str))
_ENVELOPES = st.fixed_dictionaries(
    {"detail": st.one_of(_CONTENT, st.fixed_dictionaries({"id": st.one_of(st.just("1"), _NO_TEXT), MARK: _CONTENT}))},
    optional={
        "id": st.one_of(st.just("e-1"), _NO_TEXT),
        "detail-type": st.one_of(st.just("a"), _NO_TEXT),
        "time": st.one_of(st.just("2026-01-01T00:00:00Z"), _CONTENT),
        "source": _CONTENT,
        MARK: _CONTENT,
    },
)
_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "name": _NO_TEXT,
        "earlySeconds": _CONTENT,
        "settleSeconds": _CONTENT,
        "unexpected": _CONTENT,
        "timeoutSeconds": _CONTENT,
        "stateMachineArn": _CONTENT,
        "events": _CONTENT,
        "reads": _CONTENT,
        "remember": _CONTENT,
        "when": _CONTENT,
        "unless": _CONTENT,
        MARK: _CONTENT,
    },
)
_AGAIN = st.fixed_dictionaries(
    {}, optional={"kind": _CONTENT, "entityId": _NO_TEXT, "eventId": _NO_TEXT, MARK: _CONTENT}
)
_STATUS = st.fixed_dictionaries(
    {"source": st.just("aws.states")},
    optional={
        "detail": st.one_of(
            _CONTENT,
            st.fixed_dictionaries(
                {},
                optional={
                    "executionArn": st.one_of(st.just("arn:aws:states:e:1:execution:m:x"), _CONTENT),
                    "status": st.one_of(st.just("FAILED"), _CONTENT),
                    "startDate": st.one_of(st.just(1), _CONTENT),
                    "stopDate": st.one_of(st.just(1), _CONTENT),
                    "input": st.one_of(_CONTENT, st.just(f'{{"journey":"order#1","choreography":"order","{MARK}":1}}')),
                    "error": _CONTENT,
                    "cause": _CONTENT,
                },
            ),
        )
    },
)


def _wrapped(settings: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {"choreography": {**json.loads(ORDER.rules[1].settings), **settings}, **more}


_BODIES = st.one_of(
    st.builds(lambda settings, event: _wrapped(settings, {"event": event}), _SETTINGS, _ENVELOPES),
    st.builds(lambda settings, again: _wrapped(settings, {"again": again}), _SETTINGS, _AGAIN),
    st.fixed_dictionaries({MARK: _CONTENT}, optional={"choreography": _CONTENT, "event": _ENVELOPES}),
    _STATUS,
    _CONTENT,
)


@given(body=_BODIES, cut=st.integers(0, 200), queue=st.sampled_from(["start", "event"]))
@settings(deadline=None)
@pytest.mark.usefixtures("log")
def test_nothing_of_a_message_is_quoted_whatever_it_is_like(body: Any, cut: int, queue: str) -> None:
    text = json.dumps(body)
    with runtime_log_as_text() as written:
        aws = FakeAws(ORDER, max_receives=2)
        aws.queues[queue].send(text)
        aws.queues[queue].send(text[:-cut] if cut else f"{text}{MARK}")
        aws.run(seconds=200)
    assert MARK not in written.getvalue()


@contextlib.contextmanager
def runtime_log_as_text() -> Iterator[io.StringIO]:
    """What is logged meanwhile: Hypothesis runs many examples within one test."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(runtime_log.logger.registered_formatter)
    under = logging.getLogger(runtime_log.logger.name)
    under.addHandler(handler)
    try:
        yield text
    finally:
        under.removeHandler(handler)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]
