"""Fires rules of EventBridge that have a schedule, as the embedded AWS's clock goes."""

import logging
import threading
from datetime import UTC, datetime
from typing import Any

from moto.events.models import Rule, events_backends

from choreography_insights.local.clock import Alarm, clock
from choreography_insights.local.cron import Cron, rate
from choreography_insights.local.patches.event_delivery import fire
from choreography_insights.local.patches.source_digests import patch

log = logging.getLogger(__name__)

# Rules come and go with calls; the shortest schedule is a minute.
LOOK_EVERY_SECONDS = 1.0


class Schedules:
    """Fires what is due, until it is ended.

    A schedule counts from when its rule was put or enabled. Where the clock is turned over several of its times, it
    fires once.
    """

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self._ended = Alarm()

    def start(self) -> None:
        """Begin to fire."""
        _remember_since_when()
        clock.when_turned(self.look)
        threading.Thread(target=self._run, daemon=True, name="schedules").start()

    def end(self) -> None:
        """Fire no more."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_SECONDS):
            self.look()

    def look(self) -> None:
        """Fire each rule whose time has come."""
        with self._looking:
            for rule in _scheduled():
                if rule.state != "ENABLED" or self._ended.is_set():
                    continue
                due = last_due(str(rule.scheduled_expression), float(rule.__dict__["since"]), clock.time())
                if due is not None:
                    rule.__dict__["since"] = due
                    fire(rule)


def _remember_since_when() -> None:
    @patch(Rule, "__init__", source_digest="3cc076697d15")
    def init(original: Any, self: Rule, *rest: Any, **named: Any) -> None:
        original(self, *rest, **named)
        self.__dict__["since"] = clock.time()

    @patch(Rule, "enable", source_digest="7dffd073901e")
    def enable(original: Any, self: Rule) -> None:
        if self.state != "ENABLED":
            self.__dict__["since"] = clock.time()
        original(self)


def _scheduled() -> list[Rule]:
    return [
        rule
        for account in list(events_backends.values())
        for backend in list(account.values())
        for bus in list(backend.event_buses.values())
        for rule in list(bus.rules.values())
        if rule.scheduled_expression
    ]


def last_due(expression: str, since: float, now: float) -> float | None:
    """Return when a schedule that counts from *since* was last due by *now*; None if it has not been."""
    try:
        if expression.startswith("rate("):
            period = rate(expression).total_seconds()
            times = (now - since) // period
            return since + times * period if times >= 1 else None
        first = Cron.read(expression).after(datetime.fromtimestamp(since, tz=UTC))
    except ValueError as error:
        log.warning("schedule %s never fires here: %s", expression, error)
        return None
    return now if first and first.timestamp() <= now else None
