"""What is said of a journey that does not go on on the embedded AWS."""

import time

import boto3
import pytest
from moto import mock_aws

from choreography_insights.testing.aws import Aws
from choreography_insights.testing.trouble import state_of_affairs
from devtools.places import ROOT
from support.series import series_at

SERIES = series_at(ROOT / "examples" / "order" / "order" / "simulations" / "order-completed.json")


def test_who_waits_in_vain_is_told_where_the_journey_is(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("choreography_insights.testing.aws._PATIENCE", 0.0)
    with pytest.raises(TimeoutError) as told:
        aws(SERIES.workflow, SERIES.events, SERIES.entity, 0)
    assert "have not dealt with all events of order#" in str(told.value)
    assert "messages there, in flight, delayed {'start': (" in str(told.value)


def test_the_functions_complaints_are_told_and_nothing_else_of_their_log() -> None:
    with mock_aws():
        logs, sqs = boto3.client("logs", region_name="eu-west-1"), boto3.client("sqs", region_name="eu-west-1")
        logs.create_log_group(logGroupName="/aws/lambda/resume")
        logs.create_log_stream(logGroupName="/aws/lambda/resume", logStreamName="one")
        lines = ['{"level":"INFO","message":"event kept"}', '{"level":"ERROR","message":"failed"}', "Task timed out"]
        events = [{"timestamp": int(time.time() * 1000), "message": line} for line in lines]
        logs.put_log_events(logGroupName="/aws/lambda/resume", logStreamName="one", logEvents=events)
        url = sqs.create_queue(QueueName="event")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="{}", DelaySeconds=60)
        sqs.send_message(QueueUrl=url, MessageBody="{}")
        of_item = {"item": {"S": "WAIT#1#2"}, "wait": {"M": {"state": {"S": "Sent"}}}}
        items = [{"item": {"S": "JOURNEY"}, "waits": {"M": {"Paying": {"M": {}}}}}, of_item]
        said = state_of_affairs({"logs": logs, "sqs": sqs}, {"event": url}, items, None)
    assert "delayed {'event': (1, 0, 1)}; waits in the table ['Paying', 'Sent']" in said
    assert said.endswith(
        'log:\n/aws/lambda/resume {"level":"ERROR","message":"failed"}\n/aws/lambda/resume Task timed out'
    )
