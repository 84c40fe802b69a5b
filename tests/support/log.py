"""The functions' log, silenced."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_log() -> Iterator[None]:
    """The functions log nothing: for tests of many runs, which take longer for it."""
    from choreography_insights.runtime.log import logger  # noqa: PLC0415 - only once this process is isolated

    level = logger.log_level
    logger.setLevel("CRITICAL")
    try:
        yield
    finally:
        logger.setLevel(level)
