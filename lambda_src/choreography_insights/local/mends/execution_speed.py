"""Makes moto's executions fast enough for hundreds of journeys at once: it parses and connects once, not each time."""

import functools
import threading
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from choreography_insights.local.mends.fitting import MotoDoesNotFitError, digest, mend


def install() -> None:
    """Parse each definition once and make each boto3 client once."""
    _parse_once()
    _connect_once()


def _parse_once() -> None:
    parsing = threading.Lock()

    @functools.lru_cache(maxsize=256)
    def parsed(definition: str) -> Any:
        return AmazonStateLanguageParser.parse(definition)[0]

    @mend(ExecutionWorker, "_get_evaluation_entrypoint", fits="2b25949ae855")
    def get_evaluation_entrypoint(_: Any, self: ExecutionWorker) -> Any:
        with parsing:  # a program keeps nothing of its executions: those are in their environments
            return parsed(self._evaluation_details.state_machine_details.definition)


def _connect_once() -> None:
    if digest(boto_client.boto_client_for) != "1f44dc2ac8aa":
        raise MotoDoesNotFitError(
            "moto.stepfunctions.parser.asl.utils.boto_client.boto_client_for: another source than in moto 5.2.5; "
            "install that version, or read the new source and write the mend anew."
        )
    making = threading.Lock()
    clients: dict[tuple[str, str, str], Any] = {}

    def client(*, service_name: str, region_name: str, endpoint_url: str, config: Any, **credentials: str) -> Any:
        key = (service_name, region_name, endpoint_url)
        with making:
            if key not in clients:
                # Executions wait for each other where they are more than the pool of connections.
                wide = config.merge(Config(max_pool_connections=64))
                clients[key] = boto3.client(  # type: ignore[call-overload]
                    service_name=service_name,
                    region_name=region_name,
                    endpoint_url=endpoint_url,
                    config=wide,
                    **credentials,
                )
            return clients[key]

    # The function is imported by name in a dozen modules: what it calls is the one place to replace.
    boto_client.boto3 = SimpleNamespace(client=client)  # type: ignore[assignment,attr-defined]
