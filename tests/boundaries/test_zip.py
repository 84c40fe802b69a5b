"""The functions run from their zip alone: each handler is imported from it, with no other source of the project."""

import subprocess
import sys
from pathlib import Path

import pytest

import build_lambda
from devtools.places import ROOT


@pytest.mark.parametrize("handler", ["runtime.start", "runtime.resume", "insights.widget", "insights.statistics"])
def test_a_handler_is_imported_from_the_zip_alone(handler: str, tmp_path: Path) -> None:
    archive = tmp_path / "functions.zip"
    archive.write_bytes(build_lambda.zip_bytes())
    script = f"""
import sys
sys.path[:] = [{str(archive)!r}, *(place for place in sys.path if not place.startswith({str(ROOT / "lambda_src")!r}))]
from choreography_insights.{handler} import handler
assert callable(handler)
elsewhere = [
    name for name, module in sys.modules.items()
    if name.startswith("choreography_insights") and not module.__file__.startswith({str(archive)!r})
]
assert not elsewhere, elsewhere
"""
    environment = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "JOURNEYS_TABLE": "journeys",
        "START_QUEUE_URL": "http://127.0.0.1/start",
        "EVENT_QUEUE_URL": "http://127.0.0.1/events",
        "EVENT_BUS_NAME": "orders",
        "POWERTOOLS_SERVICE_NAME": "choreography-insights",
        "POWERTOOLS_METRICS_NAMESPACE": "ChoreographyInsights",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
