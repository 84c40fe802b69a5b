"""Import and client set-up of each handler, over a bare boto3 with the two clients that both need."""

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.sample_values import FUNCTION_ENVIRONMENT
from build_lambda import zip_bytes
from documents.markdown import figures

_ROUNDS = 15
_BARE = "import boto3; boto3.client('dynamodb'); boto3.client('stepfunctions')"
_OUR_CLIENTS = (
    "from choreography_insights.runtime.clients import client_factory; "
    "make = client_factory(); make('dynamodb'); make('stepfunctions')"
)
_LOGGER_AND_METRICS = "; from aws_lambda_powertools import Logger, Metrics"
_HANDLER = "import choreography_insights.runtime.{}"
_CPU_SECONDS = (
    "; import resource; used = resource.getrusage(resource.RUSAGE_SELF); print(used.ru_utime + used.ru_stime)"
)

_SETTINGS = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_LAMBDA_FUNCTION_NAME": "measured",  # so that importing a handler sets it up, as in Lambda
    **FUNCTION_ENVIRONMENT,
    "POWERTOOLS_SERVICE_NAME": "insights",
    "POWERTOOLS_METRICS_NAMESPACE": "ChoreographyInsights",
}


def measure() -> str:
    """Medians of alternating runs, each in a process of its own; user and system CPU time."""
    with tempfile.TemporaryDirectory() as folder:
        as_deployed, with_bytecode = Path(folder, "as-deployed"), Path(folder, "with-bytecode")
        for place in (as_deployed, with_bytecode):
            zipfile.ZipFile(io.BytesIO(zip_bytes())).extractall(place)
        subprocess.run([sys.executable, "-m", "compileall", "-q", with_bytecode], check=True)
        programs = {
            "bare boto3 with clients of DynamoDB and Step Functions": (as_deployed, _BARE),
            "**start** handler, as deployed": (as_deployed, _HANDLER.format("start")),
            "**resume** handler, as deployed": (as_deployed, _HANDLER.format("resume")),
            "start handler, its bytecode there already": (with_bytecode, _HANDLER.format("start")),
            "resume handler, its bytecode there already": (with_bytecode, _HANDLER.format("resume")),
            "of these: our two clients": (with_bytecode, _OUR_CLIENTS),
            "the same and Powertools' Logger and Metrics": (with_bytecode, _OUR_CLIENTS + _LOGGER_AND_METRICS),
        }
        seconds: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(_ROUNDS):
            for name, (place, program) in programs.items():
                seconds[name].append(_cpu_seconds(place, program))
    bare, *_ = (median(times) for times in seconds.values())
    return figures(
        ("", "CPU time over bare boto3"),
        [(name, f"{median(times) / bare:.2f}") for name, times in seconds.items()],
    )


def _cpu_seconds(place: Path, program: str) -> float:
    environment: Mapping[str, str] = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(place),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_CONFIG_FILE": str(place / "no-such-file"),
        **_SETTINGS,
    }
    done = subprocess.run(
        [sys.executable, "-c", program + _CPU_SECONDS], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout)
