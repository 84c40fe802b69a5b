"""Does what is planned, look by look, until there is nothing left to wait for."""

from collections.abc import Callable
from datetime import datetime, timedelta

from choreography_insights.stopping.deployed import Deployed
from choreography_insights.stopping.planning import Sight, Way, counted, is_over, to_disable, to_stop

EVERY = timedelta(seconds=10)
"""How often to look: ListExecutions is to be had a few times a second in the whole account."""


def stop(
    deployed: Deployed,
    way: Way,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    tell: Callable[[str], None],
) -> Sight:
    """Bring the choreography to its end in the given *way*; return what is to be seen then.

    It may be broken off and begun again at any time: what rests stays so, what has ended too.
    """
    rested_at: datetime | None = None
    told: int | None = None
    while True:
        sight = deployed.seen(now(), rested_at)
        rules, journeys = to_disable(sight, way), to_stop(sight, way)
        for rule in rules:
            deployed.disable(rule)
            tell(f"disabled the rule {rule.name}")
        for journey in journeys:
            deployed.stop(journey)
        if journeys:
            tell(f"stopped {counted(len(journeys))}")
        if journeys or any(rule.kind == "start" for rule in rules):
            rested_at = now()
        if rules or journeys:
            sight = deployed.seen(now(), rested_at)
        if not to_disable(sight, way) and is_over(sight, way):
            return sight
        if sight.journeys and way == "wait" and len(sight.journeys) != told:
            told = len(sight.journeys)
            tell(f"waiting for {counted(told)} to end")
        sleep(EVERY.total_seconds())
