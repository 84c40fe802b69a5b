"""moto's answers are the same when the names of their fields are worked out once."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from moto.core.serialize import ResponseSerializer, XFormedAttributePicker, get_serializer_class
from moto.core.utils import get_service_model

from choreography_insights.local.patches import answer_speed

_EVENT = {
    "timestamp": datetime(2026, 1, 1),  # noqa: DTZ001  # as moto has them
    "type": "PassStateEntered",
    "id": 2,
    "stateEnteredEventDetails": {"name": "A", "input": "{}", "inputDetails": {"truncated": False}},
}
_ITEM = {"a": {"M": {"x": {"S": "1"}, "y": {"L": [{"N": "3"}, {"BOOL": True}]}}}, "b.c": {"SS": ["1", "2"]}, "d": {}}
_ANSWERS: list[tuple[str, str, Any]] = [
    ("stepfunctions", "GetExecutionHistory", {"events": [_EVENT, _EVENT | {"previousEventId": 1}]}),
    ("stepfunctions", "GetExecutionHistory", {"events": [_EVENT | {"previous_event_id": 1}], "nextToken": None}),
    ("stepfunctions", "DescribeExecution", SimpleNamespace(execution_arn="arn", status="RUNNING")),
    ("dynamodb", "Query", {"Items": [_ITEM, {}], "Count": 2}),
    ("sqs", "ReceiveMessage", {"Messages": [{"MessageId": "1", "body": "x", "Attributes": {"SenderId": "s"}}]}),
    ("lambda", "ListFunctions", {"Functions": [{"FunctionName": "x", "function_arn": "y", "Name": "z"}]}),
    ("cloudwatch", "DescribeAlarms", {"MetricAlarms": [{"AlarmName": "x", "Metrics": []}]}),
]


def _answers() -> list[Any]:
    shouted = {"Message.Body": str.upper}
    return [*(_answer(*one) for one in _ANSWERS), *(_answer(*one, shouted) for one in _ANSWERS)]


def _answer(service: str, operation: str, result: Any, transformers: Any = None) -> Any:
    model = get_service_model(service)
    serializer = get_serializer_class(service, model.resolved_protocol)
    picker = XFormedAttributePicker(response_transformers=transformers)
    return serializer(operation_model=model.operation_model(operation), value_picker=picker).serialize(result)


def test_an_answer_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _answers()
    original = ResponseSerializer.get_value
    monkeypatch.setattr(answer_speed, "require", lambda *_, **__: None)
    monkeypatch.setattr(answer_speed, "patch", lambda *_, **__: _substituting(monkeypatch, original))
    answer_speed.install()
    assert _answers() == before
    assert '"Body": "X"' in str(before), "nothing was transformed"


def _substituting(monkeypatch: pytest.MonkeyPatch, original: Any) -> Any:
    """Patch as `patch` does, for this test alone."""

    def apply(substitute: Any) -> None:
        monkeypatch.setattr(ResponseSerializer, "get_value", lambda *given: substitute(original, *given))

    return apply
