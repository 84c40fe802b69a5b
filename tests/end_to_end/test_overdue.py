"""Looking for overdue journeys, on the deployed table and its index."""

import pytest

from demonstration.deployment import Stage

from .conftest import dead_letters, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]


def test_the_deployed_function_looks_for_overdue_journeys_and_counts_them(stage: Stage) -> None:
    queue = stage.outputs["queue_urls"]["event"]
    stage.aws.client("sqs").send_message(QueueUrl=queue, MessageBody='{"watch":"overdue"}')
    cloudwatch = stage.aws.client("cloudwatch")
    until(lambda: bool(cloudwatch.list_metrics(MetricName="JourneysOverdue")["Metrics"]), cloudwatch.list_metrics)
    assert dead_letters(stage) == {}
