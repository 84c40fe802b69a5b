"""boto3 clients for servers on this machine."""

from typing import Any, Protocol

import boto3
from botocore.config import Config

from support.isolation import CREDENTIALS, REGION

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})


class AwsClient(Protocol):
    """Makes boto3 clients with dummy credentials; *account* keeps tests apart where the server knows access keys."""

    def __call__(self, service: str, endpoint_url: str | None = None, *, account: str = ...) -> Any:
        """Return a client of *service*, for the server at *endpoint_url* if given."""


def aws_client(
    service: str, endpoint_url: str | None = None, *, account: str = CREDENTIALS["AWS_ACCESS_KEY_ID"]
) -> Any:
    """Return a client of *service*; tries again what fails on the way, but not for long."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=account,
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=_CONFIG,
    )
