"""Serves the embedded AWS in the foreground."""

import gc
import logging
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable

from choreography_insights.local.clock import clock
from choreography_insights.local.environment import environment

log = logging.getLogger("choreography_insights.local")

#: The line that says where the server is begins like this; it is printed once everything is ready.
READY = "export AWS_ENDPOINT_URL="

#: So many more objects than went, and Python looks for cycles: parsing one state machine makes a hundred thousand.
_BETWEEN_COLLECTIONS = 50_000


def serve(
    port: int | None = None,
    *,
    verbose: bool = False,
    retry_after_seconds: float | None = None,
    patience: float = 1,
    clock_stands: bool = False,
    until: threading.Event | None = None,
) -> int:
    """Serve until Ctrl-C, SIGTERM or *until*, and return the exit code: 0.

    Listens on 127.0.0.1, on *port* or a free one, and prints the environment to use once it is ready. *verbose* shows
    requests and what moto logs. *retry_after_seconds* brings failed SQS messages back sooner than their queue's
    visibility timeout would. Functions, and their calls, may take *patience* times as long. With *clock_stands* time
    passes only where somebody turns the clock.
    """
    ended = until or threading.Event()
    _end_on_signals(ended.set)
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(asctime)s %(name)s: %(message)s")
    log.setLevel(logging.INFO if verbose else logging.WARNING)
    if clock_stands:
        clock.stop()
    stop = _start(port, verbose=verbose, retry_after_seconds=retry_after_seconds, patience=patience)
    try:
        ended.wait()
    finally:
        stop()
    return 0


def _start(
    port: int | None, *, verbose: bool, retry_after_seconds: float | None, patience: float
) -> Callable[[], None]:
    # moto takes seconds to import, and patching it is for good: not before it is asked for.
    from moto.core.config import default_user_config  # noqa: PLC0415

    from choreography_insights.local.import_speed import import_step_functions_without_batch  # noqa: PLC0415

    import_step_functions_without_batch()
    from choreography_insights.local import patches  # noqa: PLC0415
    from choreography_insights.local.event_sources.supervisor import Supervisor  # noqa: PLC0415
    from choreography_insights.local.functions.pool import FunctionPool  # noqa: PLC0415
    from choreography_insights.local.http import HttpServer  # noqa: PLC0415
    from choreography_insights.local.schedules import Schedules  # noqa: PLC0415

    if not verbose:
        logging.getLogger("moto").setLevel(logging.CRITICAL)
    http = HttpServer(port, verbose=verbose)
    variables = environment(http.port)
    os.environ["MOTO_PORT"] = str(http.port)  # where moto's executions find the other services
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    pool = FunctionPool(variables, patience=patience)
    patches.install(pool)
    supervisor = Supervisor(pool, retry_after_seconds=retry_after_seconds)
    schedules = Schedules()
    supervisor.start()
    schedules.start()
    http.start()
    gc.freeze()  # what is there by now stays: moto alone is some million objects
    gc.set_threshold(_BETWEEN_COLLECTIONS)
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")  # noqa: T201  # what the caller is to evaluate
    sys.stdout.flush()

    def stop() -> None:
        schedules.end()
        supervisor.end()
        http.end()
        pool.end()

    return stop


def _end_on_signals(end: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end())
