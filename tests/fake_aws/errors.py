"""Errors as botocore raises them, and the loud one for what this AWS does not know."""

from typing import Any

from botocore.exceptions import ClientError


class Unmodelled(BaseException):
    """The code under test asked for something that this AWS does not model. Not an Exception: nobody swallows it."""


def client_error(code: str, message: str, operation: str, **more: Any) -> ClientError:
    """The `ClientError` that botocore makes of AWS's answer *code*; *more* are further keys of the response."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 0},
        **more,
    }
    return ClientError(response, operation)
