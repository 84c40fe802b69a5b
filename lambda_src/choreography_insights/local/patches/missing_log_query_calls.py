"""Adds the saved queries of CloudWatch Logs Insights, which moto lacks and Terraform makes."""

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.logs.responses import LogsResponse

from choreography_insights.local.clock import clock
from choreography_insights.local.patches.source_digests import MotoChangedError


def install() -> None:
    """Add PutQueryDefinition, DescribeQueryDefinitions and DeleteQueryDefinition."""
    for call in (put_query_definition, describe_query_definitions, delete_query_definition):
        if hasattr(LogsResponse, call.__name__):
            raise MotoChangedError(f"moto has {call.__name__} of its own now: use that one, and drop this patch.")
        setattr(LogsResponse, call.__name__, call)


def put_query_definition(self: LogsResponse) -> ActionResult:
    """Save a query, in place of the one with its id if it has one."""
    identifier = self._get_param("queryDefinitionId") or str(uuid.uuid4())
    _saved(self)[identifier] = {
        "queryDefinitionId": identifier,
        "name": self._get_param("name"),
        "queryString": self._get_param("queryString"),
        "logGroupNames": self._get_param("logGroupNames") or [],
        "lastModified": int(clock.time() * 1000),
    }
    return ActionResult({"queryDefinitionId": identifier})


def describe_query_definitions(self: LogsResponse) -> ActionResult:
    """List the saved queries whose names begin as asked for."""
    prefix = self._get_param("queryDefinitionNamePrefix") or ""
    return ActionResult({"queryDefinitions": [q for q in _saved(self).values() if q["name"].startswith(prefix)]})


def delete_query_definition(self: LogsResponse) -> ActionResult:
    """Delete a saved query, and say whether it was there."""
    return ActionResult({"success": _saved(self).pop(self._get_param("queryDefinitionId"), None) is not None})


def _saved(self: LogsResponse) -> dict[str, dict[str, Any]]:
    # On moto's own backend: one per account and Region, and emptied with everything else when moto is reset.
    saved: dict[str, dict[str, Any]] = self.logs_backend.__dict__.setdefault("query_definitions", {})
    return saved
