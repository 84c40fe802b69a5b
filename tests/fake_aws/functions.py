"""The deployed functions: environments that handle one invocation at a time, in one go or call by call."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from choreography_insights.runtime import resume, start
from choreography_insights.runtime.metrics import Metrics
from choreography_insights.runtime.ports import ports_from
from fake_aws.gates import Died, Gated, Gatekeeper

FUNCTIONS = {"start": start.make_handler, "resume": resume.make_handler}


class Counted(Metrics):
    """Metrics that are added up in the test instead of being written to the log."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, float] = {}

    def write(self) -> None:
        """Add up what was counted for the whole."""
        for (metric, _), values in self.taken().get((), {}).items():
            self.counts[metric] = self.counts.get(metric, 0) + sum(values)


class Environment:
    """One execution environment of a function: its own clients and ports. *step* is set while it goes call by call."""

    def __init__(
        self,
        function: str,
        settings: Mapping[str, str],
        clients: Mapping[str, Any],
        keeper: Gatekeeper,
        clock: Callable[[], float],
        metrics: Metrics | None,
    ) -> None:
        self.function, self.keeper = function, keeper
        self.stepper: Stepper | None = None
        self._goes_on = self._has_died = False
        ports = ports_from(
            settings,
            lambda service: Gated(service, clients[service], self._gate),
            clock=clock,
            sleep=lambda _: None,
            metrics=metrics,
            at_once=1,
        )
        self.handler = FUNCTIONS[function](ports)

    def _gate(self, service: str, operation: str, do: Callable[[], Any], parameters: dict[str, Any]) -> Any:
        if self.stepper is not None:
            self.stepper.stop_before(service, operation)
        if self._has_died:  # all its threads at once
            raise Died
        first, self._goes_on = not self._goes_on, False
        try:
            answer = self.keeper.pass_through(self.function, service, operation, do, parameters, first=first)
        except Died:
            self._has_died = True
            raise
        self._goes_on = True
        return answer

    def invoke(self, event: Mapping[str, Any]) -> set[str] | None:
        """Run the handler; the ids of the items that failed, or None if it died."""
        self._goes_on = False
        try:
            answer = self.handler(json.loads(json.dumps(event)) if self.keeper.watching else event, None)
        except Died:
            return None
        return {str(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]}


class Stepper:
    """Runs an invocation in a thread that stops before every AWS call until it is told to go on.

    *waiting_for*: the service and the operation that it stands before. *is_over*: it has returned or died.
    """

    def __init__(self, environment: Environment, event: Mapping[str, Any]) -> None:
        self.environment, self.event = environment, event
        self.is_over = False
        self.waiting_for: tuple[str, str] | None = None
        self.failed: set[str] | None = None
        self.error: BaseException | None = None
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        environment.stepper = self
        threading.Thread(target=self._run, daemon=True).start()
        self._stopped.acquire()

    def step(self) -> None:
        """Let it make the call it stands before, and run on to the next."""
        self._go.release()
        self._stopped.acquire()
        if self.error is not None:
            raise self.error

    def stop_before(self, service: str, operation: str) -> None:
        """Called in the handler's thread: wait for `step`."""
        self.waiting_for = service, operation
        self._stopped.release()
        self._go.acquire()

    def _run(self) -> None:
        try:
            self.failed = self.environment.invoke(self.event)
        except BaseException as error:  # noqa: BLE001 - raised again by `step`, in the test's own thread
            self.error = error
        finally:
            self.waiting_for, self.is_over = None, True
            self.environment.stepper = None
            self._stopped.release()
