"""Fixtures for the proof of the correlation."""

import io
import logging
from collections.abc import Iterator

import pytest

from choreography_insights.runtime.log import logger


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """Everything that the functions log during the test, and nothing of it on the screen."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logger.registered_formatter)
    under = logging.getLogger(logger.name)
    others = list(under.handlers)
    for other in others:
        under.removeHandler(other)
    under.addHandler(handler)
    yield text
    under.removeHandler(handler)
    for other in others:
        under.addHandler(other)
