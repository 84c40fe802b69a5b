"""The functions' log: JSON lines with the names of things, never with a task token or an event's payload."""

from __future__ import annotations

from aws_lambda_powertools import Logger

logger = Logger()
