"""The functions' log: JSON lines with the names of things, never with a task token or an event's payload."""

from aws_lambda_powertools import Logger

logger = Logger()
