"""The processes of all functions: warm ones are used again, and a function has only so many."""

import tempfile
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from choreography_insights.local.functions.logs import LogStream
from choreography_insights.local.functions.package import Deployed
from choreography_insights.local.functions.process import FunctionProcess, Outcome

#: How many invocations of one function run at a time.
PROCESSES = 4


class PoolEndedError(RuntimeError):
    """Nothing can be invoked any more: the embedded AWS is ending."""


class FunctionPool:
    """Invokes functions. An invocation waits while all processes of its function are busy.

    Functions, and their calls, may take *patience* times as long as they are told.
    """

    def __init__(self, environment: Mapping[str, str], processes: int = PROCESSES, patience: float = 1) -> None:
        self.processes = processes
        self._patience = patience
        self._environment = dict(environment)
        self._folder = tempfile.TemporaryDirectory(prefix="embedded-aws-")
        self._changed = threading.Condition()
        self._unpacking = threading.Lock()
        self._idle: dict[str, list[_Warm]] = {}
        self._count: dict[str, int] = {}
        self._all: set[_Warm] = set()
        self._ended = False

    def invoke(self, function: Deployed, event: str, trace: str) -> Outcome:
        """Run *function* on the JSON text *event*; its own calls hand the header *trace* on."""
        warm = self._take(function)
        try:
            return warm.invoke(event, trace)
        finally:
            self._give_back(warm)

    def end(self) -> None:
        """End all processes and remove the unpacked code. What is being invoked fails."""
        with self._changed:
            self._ended = True
            processes = list(self._all)
            self._changed.notify_all()
        for warm in processes:
            warm.process.end()
        self._folder.cleanup()

    def _take(self, function: Deployed) -> "_Warm":
        with self._changed:
            while not self._ended:
                idle = self._idle.setdefault(function.arn, [])
                while idle:
                    warm = idle.pop()
                    if warm.process.function == function and warm.process.is_alive:
                        return warm
                    self._forget(warm)  # updated since, or ended
                if self._count.get(function.arn, 0) < self.processes:
                    self._count[function.arn] = self._count.get(function.arn, 0) + 1
                    break
                self._changed.wait()
            if self._ended:
                raise PoolEndedError(f"{function.arn}: not invoked, the embedded AWS is ending")
        return self._start(function)

    def _start(self, function: Deployed) -> "_Warm":
        try:
            with self._unpacking:
                function.unpack(Path(self._folder.name))
            warm = _Warm(function, Path(self._folder.name), self._environment, self._patience)
        except BaseException:
            with self._changed:
                self._count[function.arn] -= 1
                self._changed.notify_all()
            raise
        with self._changed:
            self._all.add(warm)
            if self._ended:
                warm.process.end()
        return warm

    def _give_back(self, warm: "_Warm") -> None:
        with self._changed:
            if warm.process.is_alive and not self._ended:
                self._idle.setdefault(warm.process.function.arn, []).append(warm)
            else:
                self._forget(warm)
            self._changed.notify_all()

    def _forget(self, warm: "_Warm") -> None:
        warm.process.end()
        self._all.discard(warm)
        self._count[warm.process.function.arn] -= 1


class _Warm:
    """A process with its log stream."""

    def __init__(self, function: Deployed, folder: Path, environment: Mapping[str, str], patience: float) -> None:
        self._stream = LogStream(function)
        self._tail: list[str] = []
        aws = {**environment, "AWS_LAMBDA_LOG_STREAM_NAME": self._stream.name}
        self.process = FunctionProcess(function, folder, aws, self._log, patience)

    def invoke(self, event: str, trace: str) -> Outcome:
        """Invoke the process, with the lines that Lambda itself writes to the log."""
        request_id = str(uuid.uuid4())
        function = self.process.function
        self._tail.clear()
        self._log(f"START RequestId: {request_id} Version: {function.version}")
        started = time.monotonic()
        outcome = self.process.invoke(event, request_id, trace)
        took = (time.monotonic() - started) * 1000
        self._log(f"END RequestId: {request_id}")
        self._log(
            f"REPORT RequestId: {request_id}\tDuration: {took:.2f} ms\tBilled Duration: {int(took) + 1} ms\t"
            f"Memory Size: {function.memory_size} MB\t"
        )
        return Outcome(outcome.payload, failed=outcome.failed, request_id=request_id, log="\n".join(self._tail))

    def _log(self, line: str) -> None:
        self._tail.append(line)
        self._stream.write(line)
