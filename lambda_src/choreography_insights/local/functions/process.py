"""One process of a function: started once, then invoked many times, one event at a time."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from choreography_insights.local.clock import clock
from choreography_insights.local.functions import runtime
from choreography_insights.local.functions.package import Deployed

OWN_PACKAGE = "choreography_insights"
# A cold start may take long on a busy machine; Lambda itself gives ten seconds.
START_SECONDS = 60.0

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended: the JSON text of the result, or of the error's description, and its log.

    One that was *dropped* never began: it was one too many in a loop.
    """

    payload: str
    failed: bool = False
    dropped: bool = False
    request_id: str = ""
    log: str = ""


class FunctionProcess:
    """A warm process of *function*, which may take *patience* times as long. Not for use by two threads at a time."""

    def __init__(
        self, function: Deployed, folder: Path, environment: Mapping[str, str], log: Log, patience: float = 1
    ) -> None:
        self.function = function
        self._patience = patience
        self._log = log
        self._end_of_log = threading.Event()
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        root = function.unpack(folder)
        reader, writer = os.pipe()
        self._process = subprocess.Popen(  # noqa: S603  # this Python, and a script of ours
            [
                *(sys.executable, "-I", "-u", runtime.__file__),
                *(str(writer), str(root), function.handler, OWN_PACKAGE, str(patience)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[writer],
            env=_environment(function, root, environment),
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C is for the server, which ends its functions itself
        )
        os.close(writer)
        threading.Thread(target=self._read_log, daemon=True).start()
        threading.Thread(target=self._read_answers, args=[reader], daemon=True).start()
        self._failure = self._started()

    @property
    def is_alive(self) -> bool:
        """Whether the process can take an event."""
        return self._failure is None and self._process.poll() is None

    def invoke(self, event: str, request_id: str, trace: str) -> Outcome:
        """Hand *event* to the handler and wait for its result, no longer than the function's timeout.

        *trace* is the header that the function's own calls hand on.
        """
        if self._failure is not None:
            return Outcome(json.dumps(self._failure), failed=True)
        timeout = self.function.timeout_seconds
        request = {
            "requestId": request_id,
            "functionArn": self.function.arn,
            "timeoutSeconds": timeout,
            "patience": self._patience,
            "clockAhead": clock.ahead,
            "clockStoppedAt": clock.stopped_at,
            "trace": trace,
            "event": event,
        }
        self._end_of_log.clear()
        try:
            assert self._process.stdin is not None  # noqa: S101  # it is a pipe
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = self._answers.get(timeout=timeout * self._patience)
        except (queue.Empty, TimeoutError):
            return self._timed_out(request_id)
        except OSError:
            answer = None
        if answer is None:
            return self._exited(request_id)
        self._end_of_log.wait(timeout=5)
        if "error" in answer:
            return Outcome(json.dumps(answer["error"]), failed=True)
        return Outcome(answer["result"])

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()

    def _started(self) -> dict[str, Any] | None:
        """Wait until the handler is loaded; return why it could not be."""
        try:
            answer = self._answers.get(timeout=START_SECONDS)
        except queue.Empty:
            answer = {
                "error": {"errorType": "Sandbox.Timedout", "errorMessage": f"Init took over {START_SECONDS:.0f} s"}
            }
        self._end_of_log.wait(timeout=5)
        if answer and answer.get("ready"):
            return None
        self.end()
        return (answer or {}).get("error") or {
            "errorType": "Runtime.ExitError",
            "errorMessage": "Runtime exited at start",
        }

    def _timed_out(self, request_id: str) -> Outcome:
        self.end()
        message = f"RequestId: {request_id} Error: Task timed out after {self.function.timeout_seconds:.2f} seconds"
        self._log(f"{clock.now():%Y-%m-%dT%H:%M:%SZ} {message}")
        return Outcome(json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": message}), failed=True)

    def _exited(self, request_id: str) -> Outcome:
        self._process.wait()
        message = f"RequestId: {request_id} Error: Runtime exited with error: exit status {self._process.returncode}"
        self._log(message)
        return Outcome(json.dumps({"errorType": "Runtime.ExitError", "errorMessage": message}), failed=True)

    def _read_log(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  # it is a pipe
        for line in self._process.stdout:
            if line.startswith(runtime.END_OF_LOG):
                self._end_of_log.set()
            else:
                self._log(line.rstrip("\n"))
        self._end_of_log.set()

    def _read_answers(self, reader: int) -> None:
        with os.fdopen(reader, encoding="utf-8") as answers:
            for line in answers:
                self._answers.put(json.loads(line))
        self._answers.put(None)


def _environment(function: Deployed, root: Path, aws: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "PYTHONUTF8": "1",
        "TZ": ":UTC",
        "AWS_EC2_METADATA_DISABLED": "true",
        **dict(function.environment),
        **aws,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": aws.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
        "LAMBDA_TASK_ROOT": str(root),
        "_HANDLER": function.handler,
    }
