"""A function's output in CloudWatch Logs, and the metrics it prints there in embedded metric format."""

import json
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.models import logs_backends

from choreography_insights.local.clock import clock
from choreography_insights.local.functions.package import Deployed

# moto keeps the streams of a group in a plain dictionary.
_writing = threading.Lock()


class LogStream:
    """The log stream of one process of a function."""

    def __init__(self, function: Deployed) -> None:
        day = clock.now().strftime("%Y/%m/%d")
        self.name = f"{day}/[{function.version}]{uuid.uuid4().hex}"
        self._function = function

    def write(self, line: str) -> None:
        """Append *line*, making the group if it is not there, as Lambda does, and put the metrics that it holds."""
        backend = logs_backends[self._function.account][self._function.region]
        with _writing:
            backend.ensure_log_group(self._function.log_group)
            backend.ensure_log_stream(self._function.log_group, self.name)
            backend.put_log_events(
                self._function.log_group, self.name, [{"timestamp": int(clock.time() * 1000), "message": line}]
            )
        if line.startswith("{") and '"CloudWatchMetrics"' in line:
            put_embedded_metrics(line, self._function)


def put_embedded_metrics(line: str, function: Deployed) -> None:
    """Put the metrics that *line* holds in embedded metric format into CloudWatch; other lines are left alone."""
    try:
        document = json.loads(line)
        directives = document["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return
    backend = cloudwatch_backends[function.account][function.region]
    for directive in directives:
        data = [
            datum
            for names in directive["Dimensions"] or [[]]
            for metric in directive["Metrics"]
            for datum in _data(document, metric, names)
        ]
        if data:
            backend.put_metric_data(directive["Namespace"], data)


def _data(document: dict[str, Any], metric: dict[str, Any], dimensions: list[str]) -> list[dict[str, Any]]:
    value = document.get(metric["Name"])
    if value is None:
        return []
    return [
        {
            "MetricName": metric["Name"],
            "Dimensions": [{"Name": name, "Value": str(document[name])} for name in dimensions],
            "Unit": metric.get("Unit", "None"),
            "Timestamp": datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, tz=UTC).replace(tzinfo=None),
            "Value": float(one),
        }
        for one in (value if isinstance(value, list) else [value])
    ]
