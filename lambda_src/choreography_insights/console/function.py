"""Calls the function, with the AWS credentials of whoever started the console."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)

from choreography_insights.console.trouble import Trouble, failed, refused, unreachable, without_credentials

Call = Callable[[Mapping[str, Any]], Any]
"""Takes an event and returns the function's answer, or raises Trouble."""

_PATIENCE_SECONDS = 60
_CONFIG = Config(
    connect_timeout=5, read_timeout=_PATIENCE_SECONDS, retries={"mode": "standard", "total_max_attempts": 3}
)
_WITHOUT_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    SSOError,
    TokenRetrievalError,
)
_UNREACHABLE = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function, and what calls it."""

    name: str
    """Its name or ARN."""
    region: str
    call: Call

    def is_at(self, endpoint: str) -> bool:
        """Whether *endpoint*, an ARN, is of this function, in any version."""
        parts = endpoint.split(":")
        if self.name.startswith("arn:"):
            return parts[:7] == self.name.split(":")[:7]
        return len(parts) >= 7 and parts[3] == self.region and parts[5:7] == ["function", self.name.split(":")[0]]


def deployed(name: str, *, profile: str | None, region: str | None) -> Function:
    """Return the function *name*, by the usual AWS environment; ask nothing of AWS yet.

    Raises BotoCoreError where the profile or the Region is missing.
    """
    region = name.split(":")[3] if name.startswith("arn:") else region
    client = boto3.Session(profile_name=profile, region_name=region).client("lambda", config=_CONFIG)
    found = client.meta.region_name
    where = f"{name} in {found}" + (f" with profile {profile}" if profile else "")
    return Function(name, found, lambda event: _called(client, name, event, where))


def _called(client: Any, name: str, event: Mapping[str, Any], where: str) -> Any:
    try:
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event))
        payload = answer["Payload"].read()
    except ClientError as error:
        told = error.response.get("Error", {})
        raise refused(told.get("Code", ""), told.get("Message", ""), where) from error
    except _WITHOUT_CREDENTIALS as error:
        raise without_credentials(error, where) from error
    except _UNREACHABLE as error:
        raise unreachable(error, where) from error
    except ReadTimeoutError as error:
        raise Trouble(
            f"The function has not answered within {_PATIENCE_SECONDS} s.", where, "look at its log and its timeout"
        ) from error
    except BotoCoreError as error:
        raise Trouble(f"The call could not be made. {error}", where, "mend what it says, and try again") from error
    try:
        value = json.loads(payload or b"null")
    except ValueError as error:
        raise Trouble(
            "The function's answer is no JSON.", where, "see whether it is the function of a widget"
        ) from error
    if "FunctionError" in answer:
        raise _failure(value, name, where)
    return value


def _failure(told: Any, name: str, where: str) -> Trouble:
    """Return what Lambda says of a function that raised, ran out of time or was killed."""
    found = told if isinstance(told, dict) else {}
    plain_name = name.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]
    kind, message = (str(found.get(key, "")) for key in ("errorType", "errorMessage"))
    return failed(kind or "Error", message or "it says nothing more", where, f"/aws/lambda/{plain_name}")
