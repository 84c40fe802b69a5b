"""An embedded AWS for the length of a ``with`` block: for tests, and for the demo."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from choreography_insights.local.environment import environment
from choreography_insights.local.server import READY


@dataclass(frozen=True, slots=True)
class Rest:
    """An embedded AWS at a moment: whether it *rests*, so that nothing happens before its clock moves.

    *due*: in how many seconds on its clock something will, but for the schedules of rules; None: never.
    """

    now: float
    rests: bool
    due: float | None


@dataclass(frozen=True, slots=True)
class EmbeddedAws:
    """An embedded AWS that is ready."""

    url: str
    environment: dict[str, str]

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client of *service* that talks to this AWS."""
        import boto3  # noqa: PLC0415  # only who asks for a client waits for boto3
        from botocore.config import Config  # noqa: PLC0415

        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.url,
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            config=options.pop("config", Config(retries={"total_max_attempts": 1}, max_pool_connections=50)),
            **options,
        )

    def time(self) -> float:
        """Return what this AWS's clock shows, in seconds since 1970."""
        return float(self._clock()["now"])

    def turn_clock(self, seconds: float) -> float:
        """Turn this AWS's clock forward and return what it shows then.

        Delays, waits and timeouts that are over by then end; a schedule that was due meanwhile has fired, once.
        """
        return float(self._clock({"turn": seconds})["now"])

    def rest(self, patience: float, *, after_turning: float = 0.0) -> Rest:
        """Wait until nothing moves before the clock does, at most *patience* seconds; turn the clock before that."""
        found = self._clock({"turn": after_turning, "rest": patience} if after_turning else {"rest": patience})
        return Rest(found["now"], found["rests"], found["due"])

    def _clock(self, command: Mapping[str, float] | None = None) -> Any:
        body = json.dumps(command).encode() if command else None
        with urllib.request.urlopen(f"{self.url}/embedded-aws/clock", body) as answer:  # noqa: S310  # loopback
            return json.load(answer)


@contextmanager
def embedded_aws(
    port: int | None = None,
    *,
    verbose: bool = False,
    retry_after_seconds: float | None = None,
    patience: float = 1,
    clock_stands: bool = False,
) -> Iterator[EmbeddedAws]:
    """Run an embedded AWS in a process of its own; it ends with the block, and with this process, whatever happens.

    With *patience* functions, and their calls, may take so many times as long: for what must pass on any machine. With
    *clock_stands* time passes only where somebody turns the clock. It is a process of its own because moto keeps one
    AWS per process, and patching it is for good.
    """
    command = [sys.executable, "-m", "choreography_insights.local", "--while-stdin"]
    command += ["--port", str(port)] if port else []
    command += ["--verbose"] if verbose else []
    command += ["--retry-after", str(retry_after_seconds)] if retry_after_seconds is not None else []
    command += ["--patience", str(patience)] if patience != 1 else []
    command += ["--clock-stands"] if clock_stands else []
    server = subprocess.Popen(  # noqa: S603  # this Python, and a module of ours
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": _python_path()},
    )
    try:
        yield _ready(server)
    finally:
        assert server.stdin is not None  # noqa: S101  # it is a pipe
        server.stdin.close()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        assert server.stdout is not None  # noqa: S101  # it is a pipe
        server.stdout.close()


def _python_path() -> str:
    """Let the child find this very package, installed or not."""
    source = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])


def _ready(server: "subprocess.Popen[str]") -> EmbeddedAws:
    """Wait for the server's word that it is ready."""
    assert server.stdout is not None  # noqa: S101  # it is a pipe
    for line in server.stdout:
        if line.startswith(READY):
            url = line.removeprefix(READY).strip().strip("'")
            return EmbeddedAws(url, environment(int(url.rpartition(":")[2])))
    raise RuntimeError(
        f"the embedded AWS ended before it was ready (exit code {server.wait()}); see its messages above"
    )
