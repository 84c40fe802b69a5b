"""Makes moto's executions fast enough for hundreds of journeys at once: it parses quickly, and connects once."""

import functools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
from antlr4.atn.PredictionMode import PredictionMode  # type: ignore[import-untyped]
from botocore.config import Config
from jsonpath_ng.jsonpath import Index
from moto.stepfunctions.parser import models
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.parse import asl_parser
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException
from moto.stepfunctions.parser.asl.utils import boto_client, json_path
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from choreography_insights.local.patches.source_digests import patch, require

#: Spaces beside a mark of JSON; the first group is a text, which is left as it is.
_SPACES = re.compile(r'("(?:[^"\\]|\\.)*")|(?<=[\[{:,])\s+|\s+(?=[\[\]{}:,"])')

_parsing = threading.Lock()


def install() -> None:
    """Parse each definition and each JSONPath once, and make each boto3 client once."""
    _parse_once()
    _read_paths_once()
    _connect_once()


def parsed(definition: str) -> Any:
    """Return the program that moto's parser makes of *definition*, made once; raise what that raises."""
    with _parsing:  # a program keeps nothing of its executions: those are in their environments
        return _parsed(definition)


@functools.lru_cache(maxsize=256)
def _parsed(definition: str) -> Any:
    try:
        with _quickly():
            return AmazonStateLanguageParser.parse(_SPACES.sub(r"\1", definition))[0]
    except ASLParserException:  # which tells lines of the definition itself, if it is wrong
        return AmazonStateLanguageParser.parse(definition)[0]


def _parse_once() -> None:
    require(AmazonStateLanguageParser.parse, source_digest="a59a7d18760f")

    @patch(ExecutionWorker, "_get_evaluation_entrypoint", source_digest="2b25949ae855")
    def get_evaluation_entrypoint(_: Any, self: ExecutionWorker) -> Any:
        return parsed(self._evaluation_details.state_machine_details.definition)

    # It asks only whether that succeeds.
    require(models.StepFunctionsParserBackend._validate_definition, source_digest="a5921e3d3b46")  # noqa: SLF001
    models.AmazonStateLanguageParser = SimpleNamespace(parse=parsed)  # type: ignore[assignment,attr-defined]


@contextmanager
def _quickly() -> Iterator[None]:
    """Parse in ANTLR's mode that looks ahead less: what it can parse comes out as otherwise."""

    def parser(tokens: Any) -> ASLParser:
        made = ASLParser(tokens)
        made._interp.predictionMode = PredictionMode.SLL  # noqa: SLF001  # there is no other name for it
        return made

    asl_parser.ASLParser = parser  # type: ignore[assignment,attr-defined]
    try:
        yield
    finally:
        asl_parser.ASLParser = ASLParser  # type: ignore[attr-defined]


def _read_paths_once() -> None:
    require(json_path.extract_json, source_digest="932245247973")
    json_path.parse = functools.lru_cache(maxsize=4096)(_with_lists(json_path.parse))  # type: ignore[attr-defined]


def _with_lists(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return *parse*, by which a path with a wildcard finds a list of one where moto takes the one for the list."""

    def parsed(path: str) -> Any:
        expression = parse(path)
        if "[*]" not in path:
            return expression
        return SimpleNamespace(find=lambda data: [_as_element(found) for found in expression.find(data)])

    return parsed


def _as_element(found: Any) -> Any:
    return SimpleNamespace(value=found.value, path=Index(0))


def _connect_once() -> None:
    require(boto_client.boto_client_for, source_digest="1f44dc2ac8aa")
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
                    endpoint_url=endpoint_url.replace("localhost", "127.0.0.1"),  # where the server listens
                    config=wide,
                    **credentials,
                )
            return clients[key]

    # The function is imported by name in a dozen modules: what it calls is the one place to replace.
    boto_client.boto3 = SimpleNamespace(client=client)  # type: ignore[assignment,attr-defined]
