"""What runs inside a function's process: a small Lambda runtime. It is started as a script and imports nothing of ours.

Requests come as lines of JSON on standard input, answers go to the file descriptor named first; standard output and
standard error are the function's log, where a line that begins with a null byte marks the end of the start, and of
each invocation.
"""

import importlib
import importlib.abc
import importlib.machinery
import json
import os
import queue
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any

END_OF_LOG = "\0end"


class ForeignCode(importlib.abc.MetaPathFinder):
    """Refuses what AWS would not have: the project's own package comes from the zip or not at all."""

    def __init__(self, package: str, task_root: str) -> None:
        self._package, self._task_root = package, task_root

    def find_spec(
        self,
        name: str,
        path: Any = None,  # noqa: ARG002  # Python calls it with these
        target: Any = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the package in the zip alone; leave its modules, and all else, to Python."""
        if name != self._package:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, [self._task_root])
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return spec


class Context:
    """The context object of an invocation, as Lambda's Python runtime makes it."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.aws_request_id = request["requestId"]
        self.invoked_function_arn = request["functionArn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = None
        self.identity = None
        self._patience = request["patience"]
        self._deadline = time.monotonic() + request["timeoutSeconds"] * self._patience

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still run, on a machine that were not slow."""
        return max(0, int((self._deadline - time.monotonic()) / self._patience * 1000))


class Clock:
    """What ``time.time`` tells the function: the time of the embedded AWS, which may be ahead of the machine's."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.stopped_at: float | None = None

    def replace_time(self) -> None:
        """Let ``time.time`` and ``time.time_ns`` go by this clock."""
        running, running_ns = time.time, time.time_ns

        def seconds() -> float:
            return self.ahead + (running() if self.stopped_at is None else self.stopped_at)

        def nanoseconds() -> int:
            if self.stopped_at is None:
                return running_ns() + int(self.ahead * 1_000_000_000)
            return int(seconds() * 1_000_000_000)

        time.time, time.time_ns = seconds, nanoseconds


def main(answers_fd: str, task_root: str, handler_name: str, own_package: str, patience: str) -> None:
    """Load the handler, then answer requests until standard input ends: that is, until the server ends."""
    answers = os.fdopen(int(answers_fd), "w", encoding="utf-8")

    def answer(**what: Any) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    use_only_deployed_code(task_root, own_package)
    clock = Clock()
    clock.replace_time()
    if float(patience) != 1:
        be_patient(float(patience))
    try:
        handler = load(handler_name)
    except BaseException as error:
        traceback.print_exc()
        answer(error=described_import(error, handler_name))
        raise SystemExit(1) from error
    mark_end_of_log()
    answer(ready=True)
    for request in requests():
        clock.ahead, clock.stopped_at = request["clockAhead"], request["clockStoppedAt"]
        os.environ["_X_AMZN_TRACE_ID"] = request["trace"]  # which botocore hands on with every call
        try:
            outcome: dict[str, Any] = {"result": json.dumps(handler(json.loads(request["event"]), Context(request)))}
        except Exception as error:  # noqa: BLE001  # whatever a handler raises is its answer
            sys.stdout.write(f"[ERROR] {type(error).__name__}: {error}\n{traceback.format_exc()}")
            outcome = {"error": described(error, request["requestId"])}
        mark_end_of_log()
        answer(**outcome)


def be_patient(patience: float) -> None:
    """Let the function's calls take so many times as long: a slow machine answers late, and is not AWS."""
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415  # what is not patient need not wait for it

    original: Any = URLLib3Session.__init__

    def init(self: URLLib3Session, *rest: Any, timeout: Any = None, **named: Any) -> None:
        if isinstance(timeout, int | float):
            timeout *= patience
        elif timeout:
            timeout = tuple(one and one * patience for one in timeout)
        original(self, *rest, timeout=timeout, **named)

    URLLib3Session.__init__ = init  # type: ignore[method-assign]


def mark_end_of_log() -> None:
    """Write what tells the server that it has seen the log so far."""
    sys.stderr.flush()
    sys.stdout.write(f"{END_OF_LOG}\n")
    sys.stdout.flush()


def use_only_deployed_code(task_root: str, own_package: str) -> None:
    """Let Python find the zip's code first, then the standard library and installed packages: nothing editable."""
    installed = {os.path.realpath(path) for path in sysconfig.get_paths().values()}
    is_installed = {path for path in sys.path if os.path.realpath(path) in installed or "lib-dynload" in path}
    sys.path[:] = [task_root, *(path for path in sys.path if path in is_installed)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in getattr(finder, "__module__", "")]
    sys.meta_path.insert(0, ForeignCode(own_package, task_root))
    os.chdir(task_root)


def load(name: str) -> Any:
    """Return the function that a handler name like ``package.module.function`` means."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), function)


def requests() -> Iterator[dict[str, Any]]:
    """Yield requests. A thread reads them, so that the process ends with the server even while a handler runs."""
    waiting: queue.Queue[dict[str, Any]] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            waiting.put(json.loads(line))
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield waiting.get()


def described_import(error: BaseException, handler_name: str) -> dict[str, Any]:
    """Describe why the handler could not be loaded, as Lambda does."""
    module, _, function = handler_name.rpartition(".")
    if isinstance(error, ImportError):
        return {
            "errorType": "Runtime.ImportModuleError",
            "errorMessage": f"Unable to import module '{module}': {error}",
            "stackTrace": [],
        }
    if isinstance(error, AttributeError) and function in str(error):
        return {
            "errorType": "Runtime.HandlerNotFound",
            "errorMessage": f"Handler '{function}' missing on module '{module}'",
            "stackTrace": [],
        }
    return described(error, None)


def described(error: BaseException, request_id: str | None) -> dict[str, Any]:
    """Describe an exception as Lambda does."""
    what: dict[str, Any] = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_list(traceback.extract_tb(error.__traceback__)[1:]),
    }
    return what | ({"requestId": request_id} if request_id else {})


if __name__ == "__main__":
    main(*sys.argv[1:])
