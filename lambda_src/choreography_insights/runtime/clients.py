"""botocore clients, made quickly: reading its data is what a cold start mostly does."""

import gzip
import json
from collections.abc import Callable
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

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
_SERVICES = ["dynamodb", "events", "sqs", "stepfunctions"]
_NAMES_IN_EVENTS = {*_SERVICES, "eventbridge", "sfn", "*"}  # botocore calls two of them by their service ids as well

NewClient = Callable[[str], Any]


def client_factory(config: Config = _CONFIG) -> NewClient:
    """What makes a client for a service's name. botocore's own session imports far less than boto3's."""
    session = _OurSession()
    session.register_component("data_loader", _OurServices(file_loader=_PlainJson()))
    return lambda service: session.create_client(service, config=config)


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


class _OurSession(Session):
    """Leaves out botocore's special cases for other services, and for writing documentation: 117 of 127."""

    def register(self, event_name: str, *arguments: Any, **named: Any) -> None:
        kind, _, rest = event_name.partition(".")
        if kind != "docs" and (not rest or rest.partition(".")[0] in _NAMES_IN_EVENTS):
            super().register(event_name, *arguments, **named)


class _OurServices(Loader):
    """Leaves out what botocore would read before it makes a client, and these services' clients do not use.

    That is: the names of all services' folders, and ``endpoints.json``, a megabyte of endpoints of every service,
    which each service's own rule set has replaced. A service that is not in there gets the same client.
    """

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002
        return _SERVICES

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        if name == "endpoints":
            return {"partitions": []}, self.BUILTIN_DATA_PATH
        data, path = super().load_data_with_path(name)
        return data, path


class _PlainJson(JSONFileLoader):
    """Reads JSON into dictionaries, which keep their order too, at half the cost of botocore's OrderedDict."""

    def load_file(self, file_path: str) -> Any:
        for path, open_file in ((f"{file_path}.json", open), (f"{file_path}.json.gz", gzip.open)):
            try:
                with open_file(path, "rb") as file:
                    return json.load(file)
            except FileNotFoundError:
                continue
        return None
