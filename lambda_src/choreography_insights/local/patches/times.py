"""Lets moto tell the time by the embedded AWS's clock, and wait by it.

moto 5.2.5 reads the machine's clock in many places, and lets the threads of its executions sleep. Besides, it writes
``$$.State.EnteredTime`` with a fraction of six digits and ``+00:00``. AWS writes milliseconds and ``Z``, and leaves
the fraction out where it is nought (reported by AWS's support: https://zenn.dev/hr0k/articles/a663524f5ec88e).
"""

import sys
import threading
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from moto.core import utils
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import inline_iteration_component, job
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branch_worker, branches_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval import environment
from moto.stepfunctions.parser.asl.eval.callback import callback
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.backend import execution_worker
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from choreography_insights.local.clock import Alarm, clock
from choreography_insights.local.patches.source_digests import patch, require


def install() -> None:
    """Replace what reads the time and what waits."""
    _read_the_time()
    _date_executions()
    _wait_in_executions()
    _work_in_executions()
    clock.when_turned(_show_queues)


def text(moment: datetime) -> str:
    """Return *moment* as Step Functions writes it."""
    precision = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _read_the_time() -> None:
    original = utils.utcnow
    require(original, source_digest="7b8bb404c4f6")

    def utcnow() -> datetime:
        return clock.now().replace(tzinfo=None)

    # Imported by name nearly everywhere, also by what was imported before this.
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("moto.") and vars(module).get("utcnow") is original:
            module.utcnow = utcnow  # type: ignore[attr-defined]


def _date_executions() -> None:
    @patch(EventManager, "_get_current_timestamp", source_digest="d1359f286147")
    def get_current_timestamp(_: Any) -> datetime:
        return clock.now()

    require(state.CommonStateField._eval_body, source_digest="035f80caae12")  # noqa: SLF001
    # The function asks for the fields of a state by these names.
    state.StateData = lambda Name, EnteredTime: {  # type: ignore[assignment,misc,attr-defined]  # noqa: N803, ARG005
        "EnteredTime": text(clock.now()),
        "Name": Name,
    }


def _wait_in_executions() -> None:
    @patch(WaitFunction, "_wait_interval", source_digest="8f954dee8037")
    def wait_interval(_: Any, __: WaitFunction, env: Environment, wait_seconds: float) -> None:
        due = clock.monotonic() + wait_seconds
        while env.is_running() and (left := due - clock.monotonic()) > 0:
            if not env.program_state_event.wait(left):
                return

    @patch(Program, "eval", source_digest="6d701880064a")
    def evaluate(_: Any, self: Program, env: Environment) -> None:
        env.next_state_name = self.start_at.start_at_name
        ended = Alarm()

        def work() -> None:
            try:
                EvalComponent.eval(self, env)
            finally:
                ended.set()

        clock.thread(target=work, daemon=True).start()
        if not ended.wait(self.timeout_seconds.timeout_seconds if self.timeout_seconds else None):
            env.set_timed_out()

    require(timestamp.Timestamp._get_wait_seconds, source_digest="611d040940ad")  # noqa: SLF001
    timestamp.datetime = SimpleNamespace(  # type: ignore[assignment,attr-defined]
        datetime=SimpleNamespace(strptime=datetime.strptime, now=lambda: clock.now().replace(tzinfo=None))
    )
    require(retrier_decl.RetrierDecl._eval_body, source_digest="48463fff19ce")  # noqa: SLF001
    retrier_decl.time = SimpleNamespace(sleep=clock.sleep)  # type: ignore[assignment,attr-defined]
    require(execute_state.ExecutionState._evaluate_with_timeout, source_digest="c56deda08a42")  # noqa: SLF001
    execute_state.threading = SimpleNamespace(Event=Alarm)  # type: ignore[assignment,attr-defined]
    require(callback.CallbackEndpoint.__init__, source_digest="7a550442a6a5")
    require(callback.HeartbeatEndpoint.__init__, source_digest="d981f6c6fcf3")
    callback.Event = Alarm  # type: ignore[assignment,attr-defined]
    require(environment.Environment.__init__, source_digest="aa71d1e8d70e")
    environment.threading = SimpleNamespace(RLock=threading.RLock, Event=Alarm)  # type: ignore[assignment,attr-defined]


def _work_in_executions() -> None:
    """Let the clock know of every thread of an execution, and of what it waits for."""
    require(ExecutionWorker.start, source_digest="0b502dd3a4e5")
    execution_worker.Thread = clock.thread  # type: ignore[assignment,attr-defined]
    require(execute_state.ExecutionState._evaluate_with_timeout, source_digest="c56deda08a42")  # noqa: SLF001
    execute_state.Thread = clock.thread  # type: ignore[assignment,attr-defined]
    require(branch_worker.BranchWorker.start, source_digest="30f9035b0a7b")
    branch_worker.threading = SimpleNamespace(Thread=clock.thread)  # type: ignore[assignment,attr-defined]
    require(branches_decl.BranchWorkerPool.__init__, source_digest="141d498cff16")
    branches_decl.threading = SimpleNamespace(Lock=threading.Lock, Event=Alarm)  # type: ignore[assignment,attr-defined]
    require(inline_iteration_component.InlineIterationComponent._launch_worker, source_digest="49be28469a82")  # noqa: SLF001
    inline_iteration_component.threading = SimpleNamespace(Thread=clock.thread)  # type: ignore[assignment,attr-defined]
    require(job.JobPool.__init__, source_digest="b6d6e9c09811")
    job.threading = SimpleNamespace(Lock=threading.Lock, Event=Alarm)  # type: ignore[assignment,attr-defined]


def _show_queues() -> None:
    """Let whoever waits for messages see those that have come into sight."""
    for account in list(sqs_backends.values()):
        for backend in list(account.values()):
            for queue in list(backend.queues.values()):
                with queue._messages_lock:  # noqa: SLF001  # see queue_receives
                    queue._messages_lock.notify_all()  # noqa: SLF001
