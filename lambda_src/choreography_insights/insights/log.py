"""The log of the functions that count and show: JSON lines with the names of things, never with what rows hold.

An exception's own text is never written: AWS's answers and Python's errors quote what they complain about.
"""

import re
from traceback import extract_tb

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,100}\Z")

logger = Logger()


def reason_of(error: BaseException) -> str:
    """Why something failed, as far as the log may say it."""
    if isinstance(error, ClientError):
        return f"AWS answered {code_of(error)} to {error.operation_name}"
    return type(error).__name__


def code_of(error: ClientError) -> str:
    """The code that AWS gave, if it looks like one."""
    code = error.response.get("Error", {}).get("Code")
    return code if isinstance(code, str) and _CODE.match(code) else "something without a name"


def places_of(error: BaseException) -> list[str]:
    """Where the exception came by, innermost last: files, lines and functions."""
    return [f"{place.filename}:{place.lineno} in {place.name}" for place in extract_tb(error.__traceback__)]
