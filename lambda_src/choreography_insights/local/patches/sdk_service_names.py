"""Tells moto's Step Functions the services that the AWS SDK integrations name otherwise than boto3 does."""

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService

from choreography_insights.local.patches.source_digests import MotoChangedError

# Name in the state's resource: boto3's name, and the name in the errors that the state can catch.
_NAMES = {"eventbridge": ("events", "EventBridge"), "cloudwatchlogs": ("logs", "CloudWatchLogs")}


def install() -> None:
    """Add the names."""
    boto3_names = StateTaskService.__dict__.get("_SERVICE_NAME_SFN_TO_BOTO_OVERRIDES")
    error_names = getattr(state_task_service_aws_sdk, "_SERVICE_ERROR_NAMES", None)
    if not isinstance(boto3_names, dict) or not isinstance(error_names, dict):
        raise MotoChangedError("moto keeps the names of SDK integrations elsewhere now: read StateTaskService again.")
    for name, (boto3_name, error_name) in _NAMES.items():
        boto3_names[name] = boto3_name
        error_names[name] = error_name
