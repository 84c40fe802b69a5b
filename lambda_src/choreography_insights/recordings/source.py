"""A file or an object that recorded events may lie in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

S3 = "s3://"

Connect = Callable[[], Any]
"""Gives boto3's client of S3, with the user's credentials."""


class NotReadError(Exception):
    """What is named cannot be read; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file or an object with its bytes. *name*: what it is called below the folder or the prefix."""

    name: str
    open: Callable[[], AbstractContextManager[BufferedReader]]
