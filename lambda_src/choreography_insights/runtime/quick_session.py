"""A botocore session that makes the functions' clients quickly: reading its data is what a cold start mostly does.

This leans on botocore's insides, which Lambda's runtime brings in whatever version it likes. So whoever makes a client
this way makes it plainly where that fails (`clients`), and tests hold both ways against each other in old versions and
new.
"""

import gzip
import json
from typing import Any

from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

SERVICES = ["dynamodb", "events", "sqs", "stepfunctions"]
_NAMES_IN_EVENTS = {*SERVICES, "eventbridge", "sfn", "*"}  # botocore calls two of them by their service ids as well


def quick_session() -> Session:
    """A session for clients of `SERVICES`. botocore's own session imports far less than boto3's."""
    session = _OurSession()
    session.register_component("data_loader", _OurServices(file_loader=_PlainJson()))
    return session


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
        return SERVICES

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
