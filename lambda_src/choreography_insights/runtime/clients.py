"""botocore clients, made quickly where botocore lets us."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import botocore
from botocore.config import Config
from botocore.session import Session

from .log import logger, reason_of

#: One attempt waits so long for a connection, and so long for an answer's next bytes; nothing that we ask takes a
#: second. Between two attempts botocore pauses for a second at the most. So a call that nobody answers is given up
#: while its function (10 s) still lives, and only its message must come again.
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 1, 2, 2
LONGEST_CALL_SECONDS = _ATTEMPTS * _READ_SECONDS + (_ATTEMPTS - 1)

#: Journeys of a batch are handled at the same time, so as many connections are wanted as a batch has messages.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    max_pool_connections=25,
    connect_timeout=_CONNECT_SECONDS,
    read_timeout=_READ_SECONDS,
)

NewClient = Callable[[str], Any]


def client_factory(config: Config = _CONFIG) -> NewClient:
    """What makes a client for a service's name: quickly, and plainly where botocore's insides are not as expected."""
    quick = _quick_session()

    def make(service: str) -> Any:
        nonlocal quick
        if quick is not None:
            try:
                return quick.create_client(service, config=config)
            except Exception as error:  # noqa: BLE001 - whatever it is: the plain way works, or says why not
                _say_that_shortcuts_fail(error)
                quick = None
        return Session().create_client(service, config=config)

    return make


def _quick_session() -> Session | None:
    try:
        from .quick_session import quick_session  # noqa: PLC0415 - what it imports may not be there

        return quick_session()
    except Exception as error:  # noqa: BLE001 - whatever it is
        _say_that_shortcuts_fail(error)
        return None


def _say_that_shortcuts_fail(error: Exception) -> None:
    logger.warning(
        "botocore is not as expected: clients are made without shortcuts, and cold starts are slower",
        botocore=botocore.__version__,
        reason=reason_of(error),
    )


class OnFirstUse:
    """A client that is made when it is first used, by any thread: most cold starts never need it."""

    _making = Lock()  # a session makes one client at a time

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._client: Any = None

    def __getattr__(self, name: str) -> Any:
        with self._making:
            if self._client is None:
                self._client = self._make()
        return getattr(self._client, name)
