"""The functions' log: JSON lines with the names of things, never with a task token or an event's content.

An exception's own text is never written, whoever logs it and however: AWS's answers and Python's errors quote what
they complain about. Written are its type, AWS's error code and the operation, the places in the code that it passed,
and the words of our own faults, which hold no content (`faults`).
"""

import re
from collections.abc import Iterator
from logging import LogRecord

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from botocore.exceptions import ClientError

from .errors import InvalidMessage, RetryLater

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,100}\Z")


def reason_of(error: BaseException) -> str:
    """Why something failed, as far as the log may say it."""
    if isinstance(error, InvalidMessage | RetryLater):
        return str(error)
    if isinstance(error, ClientError):
        return f"AWS answered {' '.join(_codes(error))} to {code_of(error.operation_name)}"
    return type(error).__name__


def _codes(error: ClientError) -> Iterator[str]:
    yield code_of(error.response.get("Error", {}).get("Code"))
    if reasons := error.response.get("CancellationReasons"):
        yield f"({', '.join(code_of(reason.get('Code')) for reason in reasons)})"


def code_of(text: object) -> str:
    """A code that AWS gave, if it looks like one."""
    return text if isinstance(text, str) and _CODE.match(text) else "something without a name"


def _places(error: BaseException) -> str:
    """Where the exception came by, innermost last: files, lines and functions."""
    found, step = [], error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        found.append(f"{code.co_filename}:{step.tb_lineno} in {code.co_name}")
        step = step.tb_next
    return "\n".join(found)


class _WithoutContent(LambdaPowertoolsFormatter):  # type: ignore[misc, unused-ignore]
    """Writes of an exception what the log may hold."""

    def format(self, record: LogRecord) -> str:
        """One line of JSON."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.__dict__.setdefault("reason", reason_of(error))
            record.__dict__["exception_name"] = type(error).__name__
            record.__dict__["exception"] = _places(error)
        record.exc_info = record.exc_text = record.stack_info = None
        return str(super().format(record))


logger = Logger(logger_formatter=_WithoutContent())
