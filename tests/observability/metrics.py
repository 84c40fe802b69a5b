"""The metrics that a dashboard or an alarm may use: those of the functions, and AWS's own as AWS documents them."""

from observability.emitted import Written

NAMESPACE = "ChoreographyInsights"

#: Namespace, metric and dimensions, from AWS's lists:
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
#: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
#: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
OF_AWS = {
    *(
        ("AWS/SQS", metric, "QueueName")
        for metric in (
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfEmptyReceives",
            "NumberOfMessagesSent",
        )
    ),
    *(
        ("AWS/Lambda", metric, "FunctionName")
        for metric in (
            *("Duration", "Errors", "Invocations", "IteratorAge", "RecursiveInvocationsDropped", "Throttles"),
        )
    ),
    *(
        ("AWS/States", metric, "StateMachineArn")
        for metric in (
            *("ExecutionThrottled", "ExecutionTime", "ExecutionsFailed", "ExecutionsStarted", "ExecutionsTimedOut"),
        )
    ),
    ("AWS/States", "ThrottledEvents", "ServiceMetric"),
    ("AWS/States", "OpenExecutionCount"),
    ("AWS/States", "OpenExecutionLimit"),
    *(
        ("AWS/Events", metric, *dimensions)
        for metric in ("FailedInvocations", "InvocationsFailedToBeSentToDlq")
        for dimensions in (("RuleName",), ("EventBusName", "RuleName"))
    ),
    *(("AWS/DynamoDB", metric, "TableName") for metric in ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")),
}

#: What the dimensions of the planned resources are called.
NAMES = {
    "QueueName": {f"shop-{queue}{dead}" for queue in ("start", "event") for dead in ("", "-dead-letter")}
    | {"shop-stream-dead-letter", "shop-statistics-dead-letter", "shop-target-dead-letter"},
    "FunctionName": {"shop-start", "shop-resume", "shop-statistics", "shop-insights"},
    "TableName": {"shop-journeys"},
    "EventBusName": {"shop"},
    "RuleName": {"shop-journey-ended", "shop-sweep", "shop-watch"},
    "ServiceMetric": {"StateTransition"},
    "service": {"shop"},
}


def exists(namespace: str, metric: str, dimensions: tuple[str, ...], functions: Written) -> bool:
    """Whether somebody writes this metric with just these dimensions."""
    if namespace == NAMESPACE:
        return any((name, of) == (metric, tuple(sorted(dimensions))) for name, _, of in functions.metrics)
    return (namespace, metric, *sorted(dimensions)) in OF_AWS
