"""The last of the end-to-end tests: nothing of what the others used stays behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from choreography_insights.local.embedded import EmbeddedAws
from demonstration.deployment import Stage, Workspace

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]


def stop_what_runs(aws: EmbeddedAws) -> None:
    """Stop all executions: a state machine is deleted only when none of its executions runs."""
    steps = aws.client("stepfunctions")
    for machine in steps.list_state_machines()["stateMachines"]:
        pages = steps.get_paginator("list_executions").paginate(
            stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
        )
        for execution in [execution for page in pages for execution in page["executions"]]:
            steps.stop_execution(executionArn=execution["executionArn"])


def test_destroy_leaves_nothing(
    workspace: Workspace,
    platform: Workspace,
    teams: Workspace,
    stage: Stage,
    ingest_workspace: Workspace,
    shop_order_workspace: Workspace,
) -> None:
    aws = stage.aws
    stop_what_runs(aws)
    with ThreadPoolExecutor() as pool:
        examples = [pool.submit(one.destroy) for one in (workspace, ingest_workspace, shop_order_workspace)]
        teams.destroy()
        platform.destroy()
        for example in examples:
            example.result()
    assert aws.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    assert aws.client("sqs").list_queues().get("QueueUrls", []) == []
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
    assert aws.client("logs").describe_log_groups()["logGroups"] == []
    assert aws.client("iam").list_roles()["Roles"] == []
    assert aws.client("iam").list_policies(Scope="Local")["Policies"] == []
    assert aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert aws.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert aws.client("ssm").describe_parameters()["Parameters"] == []
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert aws.client("events").list_rules()["Rules"] == []
    assert [bus["Name"] for bus in aws.client("events").list_event_buses()["EventBuses"]] == ["default"]
