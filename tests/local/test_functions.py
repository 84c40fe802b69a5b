"""How deployed functions are run."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack, zipped

ECHO = """
    def handler(event, context):
        return event
"""


def logged(stack: Stack, group: str) -> list[str]:
    """Return all lines of a log group; nothing while it is not there."""
    logs = stack.client("logs")
    try:
        return [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


def test_a_function_has_the_environment_and_the_context_of_lambda(stack: Stack) -> None:
    function = stack.function("""
        import os

        def handler(event, context):
            names = ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                     "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "_HANDLER", "OWN", "HOME", "PYTHONPATH"]
            with open(os.path.join(os.environ["LAMBDA_TASK_ROOT"], "handlers.py")) as own:
                assert "LAMBDA_TASK_ROOT" in own.read()
            left = context.get_remaining_time_in_millis()
            return {
                "environment": {name: os.environ.get(name) for name in names},
                "context": [context.function_name, context.function_version, context.memory_limit_in_mb,
                            context.invoked_function_arn, context.log_group_name, 0 < left <= 7000],
                "ids": [context.aws_request_id, context.log_stream_name == os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]],
            }
    """, Environment={"Variables": {"OWN": "value"}}, MemorySize=256, Timeout=7)  # fmt: skip
    found = stack.invoke(function)
    request_id, same_stream = found["ids"]
    assert len(request_id) == 36
    assert same_stream
    arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{function}"
    assert found["context"] == [function, "$LATEST", "256", arn, f"/aws/lambda/{function}", True]
    assert found["environment"] == {
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": stack.aws.url,
        "_HANDLER": "handlers.handler",
        "OWN": "value",
        "HOME": None,
        "PYTHONPATH": None,
    }


def test_the_projects_own_package_comes_from_the_zip_or_not_at_all(stack: Stack) -> None:
    source = """
        def handler(event, context):
            try:
                import choreography_insights.runtime as found
            except ModuleNotFoundError as error:
                return str(error)
            import choreography_insights.model
    """
    assert stack.invoke(stack.function(source)) == "No module named 'choreography_insights'"

    whole = zipped(
        """
        VERSION = "from the zip"

        def handler(event, context):
            try:
                import choreography_insights.local
            except ModuleNotFoundError as error:
                return [VERSION, error.name]
        """,
        "choreography_insights/__init__.py",
    )
    name = stack.function(ECHO, handler="choreography_insights.handler")
    stack.client("lambda").update_function_code(FunctionName=name, ZipFile=whole)
    assert stack.invoke(name) == ["from the zip", "choreography_insights.local"]


def test_powertools_and_boto3_are_there(stack: Stack) -> None:
    function = stack.function("""
        import aws_lambda_powertools, boto3

        def handler(event, context):
            return boto3.client("sts").get_caller_identity()["Account"]
    """)
    assert stack.invoke(function) == "123456789012"


def test_a_warm_process_is_used_again_and_new_code_gets_a_new_one(stack: Stack) -> None:
    source = """
        import os
        count = 0

        def handler(event, context):
            global count
            count += 1
            return [os.getpid(), count, {version}]
    """
    function = stack.function(source.replace("{version}", "1"))
    (first, *one), (second, *two) = stack.invoke(function), stack.invoke(function)
    assert (first == second, one, two) == (True, [1, 1], [2, 1])
    stack.client("lambda").update_function_code(FunctionName=function, ZipFile=zipped(source.replace("{version}", "2")))
    third, *three = stack.invoke(function)
    assert (third != first, three) == (True, [1, 2])


def test_invocations_at_one_time_run_at_one_time_in_a_bounded_number_of_processes(stack: Stack, tmp_path: Path) -> None:
    function = stack.function("""
        import os, pathlib, time

        def handler(event, context):
            begun = pathlib.Path(event)
            (begun / context.aws_request_id).touch()
            while len(list(begun.iterdir())) < 4:  # so the first four run at one time
                time.sleep(0.01)
            return os.getpid()
    """, Timeout=60)  # fmt: skip
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: stack.invoke(function, str(tmp_path)), range(10)))
    assert len(set(found)) == 4


def test_an_exception_is_described_and_the_process_goes_on(stack: Stack) -> None:
    function = stack.function("""
        def handler(event, context):
            if event == "fail":
                raise ValueError("no such order")
            return event
    """)
    answer = stack.client("lambda").invoke(FunctionName=function, Payload=b'"fail"')
    assert answer["FunctionError"] == "Unhandled"
    failure = json.load(answer["Payload"])
    assert (failure["errorType"], failure["errorMessage"]) == ("ValueError", "no such order")
    assert any("handlers.py" in line for line in failure["stackTrace"])
    assert stack.invoke(function, "well") == "well"


def test_a_function_that_takes_too_long_is_killed(stack: Stack) -> None:
    function = stack.function("""
        import time

        def handler(event, context):
            while event == "forever":
                time.sleep(0.1)
            return event
    """, Timeout=1)  # fmt: skip
    answer = stack.client("lambda").invoke(FunctionName=function, Payload=b'"forever"')
    stack.client("lambda").update_function_configuration(FunctionName=function, Timeout=60)
    assert "Task timed out after 1.00 seconds" in json.load(answer["Payload"])["errorMessage"]
    assert stack.invoke(function, "well") == "well"


def test_a_process_that_exits_and_a_handler_that_is_not_there_are_errors_with_a_name(stack: Stack) -> None:
    def error_of(function: str) -> str:
        answer = stack.client("lambda").invoke(FunctionName=function)
        assert answer["FunctionError"] == "Unhandled"
        return str(json.load(answer["Payload"])["errorType"])

    exits = stack.function("""
        import os

        def handler(event, context):
            os._exit(3)
    """)
    assert error_of(exits) == "Runtime.ExitError"
    assert error_of(stack.function(ECHO, handler="handlers.other")) == "Runtime.HandlerNotFound"
    assert error_of(stack.function(ECHO, handler="nowhere.handler")) == "Runtime.ImportModuleError"


def test_what_a_function_prints_is_in_its_log_group_and_in_the_answers_tail(stack: Stack) -> None:
    function = stack.function("""
        import sys
        print("at the start")

        def handler(event, context):
            print("to the log")
            print("of errors", file=sys.stderr)
            return context.aws_request_id
    """)
    answer = stack.client("lambda").invoke(FunctionName=function, LogType="Tail")
    request_id = json.load(answer["Payload"])
    lines = logged(stack, f"/aws/lambda/{function}")
    assert lines[:2] == ["at the start", f"START RequestId: {request_id} Version: $LATEST"]
    assert sorted(lines[2:4]) == ["of errors", "to the log"]
    assert lines[4] == f"END RequestId: {request_id}"
    assert lines[5].startswith(f"REPORT RequestId: {request_id}\tDuration: ")
    assert "to the log" in base64.b64decode(answer["LogResult"]).decode().splitlines()


def test_a_function_logs_to_the_group_that_it_was_given(stack: Stack) -> None:
    group = f"/own/{stack.name('group')}"
    stack.client("logs").create_log_group(logGroupName=group)
    function = stack.function("""
        def handler(event, context):
            print("here")
    """, LoggingConfig={"LogFormat": "JSON", "LogGroup": group})  # fmt: skip
    stack.invoke(function)
    assert "here" in logged(stack, group)
    configuration = stack.client("lambda").get_function_configuration(FunctionName=function)
    assert configuration["LoggingConfig"] == {
        "LogFormat": "JSON", "LogGroup": group, "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO",
    }  # fmt: skip


def test_metrics_that_are_printed_in_embedded_format_are_in_cloudwatch(stack: Stack) -> None:
    namespace = stack.name("Namespace")
    function = stack.function(
        """
        from aws_lambda_powertools import Metrics
        from aws_lambda_powertools.metrics import MetricUnit
        metrics = Metrics(namespace="NAMESPACE", service="orders")

        @metrics.log_metrics
        def handler(event, context):
            metrics.add_metric(name="Deviations", unit=MetricUnit.Count, value=2)
            metrics.add_metric(name="Deviations", unit=MetricUnit.Count, value=3)
    """.replace("NAMESPACE", namespace)
    )
    stack.invoke(function)
    statistics = stack.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName="Deviations",
        Dimensions=[{"Name": "service", "Value": "orders"}],
        StartTime=time.time() - 300,
        EndTime=time.time() + 300,
        Period=3600,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert [(point["Sum"], point["SampleCount"], point["Unit"]) for point in statistics] == [(5.0, 2.0, "Count")]


def test_an_event_invocation_does_not_wait(stack: Stack, tmp_path: Path) -> None:
    seen, answered = stack.queue(), tmp_path / "answered"
    function = stack.function("""
        import boto3, os, time

        def handler(event, context):
            while not os.path.exists(os.environ["ANSWERED"]):
                time.sleep(0.01)
            boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=event["say"])
    """, Environment={"Variables": {"SEEN": seen, "ANSWERED": str(answered)}}, Timeout=60)  # fmt: skip
    answer = stack.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=b'{"say": "hi"}')
    assert answer["StatusCode"] == 202
    answered.touch()
    assert stack.received(seen) == ["hi"]


def test_a_mapping_whose_queue_hides_messages_for_less_than_the_functions_timeout_is_refused(stack: Stack) -> None:
    function = stack.function(ECHO, Timeout=60)
    queue = stack.queue(VisibilityTimeout=30)
    refusal = "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
    with pytest.raises(ClientError, match=refusal):
        stack.map(stack.queue_arn(queue), function)
    assert stack.client("lambda").list_event_source_mappings(FunctionName=function)["EventSourceMappings"] == []
