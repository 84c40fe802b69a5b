"""Disturbed journeys, as those see them who look: who waits where at rest, and in the end what happened."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random

import pytest

from benchmarks.disturbances import APART_SECONDS
from benchmarks.end_to_end import Disturbed, disturbed_journeys, play
from choreography_insights.insights.reading import Reading
from choreography_insights.model.workflow import Workflow
from choreography_insights.project.definitions import load
from choreography_insights.views.known import ChoreographyKnown, Period
from choreography_insights.views.words import Clock
from demonstration.deployment import Stage
from demonstration.journeys import stays
from support.reported import gathered

from .conftest import ROOT, messages_on, until

OF_EACH_KIND = int(os.environ.get("DISTURBED_JOURNEYS_OF_EACH_KIND", "3"))
"""Of seven kinds. 43 are 301 journeys."""

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600 * max(1, OF_EACH_KIND // 3))]

DAY = 86_400.0
WORKFLOWS: Mapping[str, Workflow] = {name: load(ROOT / "examples" / name / name) for name in ("order", "car-dealer")}


def shown(stage: Stage, choreography: str) -> ChoreographyKnown:
    """What a look at the map reads of the table."""
    now = stage.aws.time()
    reading = Reading(stage.dynamodb, stage.outputs["journeys_table_name"], Clock(now))
    found = reading.choreography(choreography, Period(now - 2 * DAY, now + DAY))
    assert found is not None
    return found


def waiting(stage: Stage, choreography: str) -> Counter[str]:
    """How many are shown to wait in each state, and for each of the events of an `all`."""
    return Counter({name: one.waiting for name, one in shown(stage, choreography).states.items() if one.waiting})


def executions(stage: Stage, choreography: str, status: str) -> list[str]:
    """The ARNs of its executions of this status."""
    (machine,) = (arn for arn in stage.outputs["state_machine_arns"].values() if arn.endswith(f"-{choreography}"))
    pages = stage.states.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter=status)
    return [one["executionArn"] for page in pages for one in page["executions"]]


def running(stage: Stage, choreography: str) -> Counter[str]:
    """How many executions are in each of the author's states, and each branch of an `all`, as Step Functions says."""
    names = set(shown(stage, choreography).owners)
    found: Counter[str] = Counter()
    for arn in executions(stage, choreography, "RUNNING"):
        pages = stage.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        history = [event for page in pages for event in page["events"]]
        found.update(stay.state for stay in stays(history) if stay.left is None and stay.state in names)
    return found


def happened(known: ChoreographyKnown) -> Counter[tuple[object, ...]]:
    """What was counted: transitions, how journeys ended, how many stays in each state did."""
    found: Counter[tuple[object, ...]] = Counter()
    found.update({("transition", *transition): times for transition, times in known.transitions.items()})
    found.update({("outcome", *outcome): times for outcome, times in known.outcomes.items()})
    found.update({("stays", name): one.spent.count for name, one in known.states.items()})
    return +found


def settled(stage: Stage, choreography: str) -> Counter[tuple[object, ...]]:
    """What was counted once all that has ended is counted: the clock is turned until it is."""

    def is_counted() -> bool:
        ended = {status: len(executions(stage, choreography, status)) for status in ("SUCCEEDED", "FAILED")}
        known = shown(stage, choreography)
        return all(known.ended(status) == times for status, times in ended.items())  # type: ignore[arg-type]

    until(is_counted, lambda: shown(stage, choreography).outcomes, aws=stage.aws, turn=60)
    return happened(shown(stage, choreography))


def at_rest(stage: Stage) -> None:
    """Return when no message is on its way, and nothing is at work."""
    urls = stage.outputs["queue_urls"].values()
    until(
        # With little patience: `until` pauses three times as long as a look takes.
        lambda: stage.aws.rest(1).rests and not any(messages_on(stage.aws, url, ("", "NotVisible")) for url in urls),
        lambda: [messages_on(stage.aws, url) for url in urls],
    )


def recorded(journeys: Iterable[Disturbed], choreography: str) -> list[str]:
    """The events of its *journeys*, in the order in which they happened, as they are recorded."""
    return [
        json.dumps(
            {
                "id": f"{journey.entity_id}-{position}",
                "detail-type": name,
                "source": journey.series.source,
                "time": 1_000_000_000 + position * APART_SECONDS,
                "detail": {"id": journey.entity_id, **detail},
            }
        )
        for journey in journeys
        if journey.series.choreography == choreography
        for position, (name, detail) in enumerate(journey.series.events)
    ]


def test_counts_say_what_step_functions_says_and_in_the_end_what_replay_says(stage: Stage) -> None:
    before = {name: settled(stage, name) for name in WORKFLOWS}
    journeys = disturbed_journeys(OF_EACH_KIND, Random(11))  # noqa: S311 - to be repeated, not to be secret
    for journey in journeys:
        journey.entity_id = f"shown, {journey.entity_id}"
    whole = {journey.entity_id: journey.deliveries for journey in journeys}
    for journey in journeys:  # at first those of its first half
        journey.deliveries = [one for one in journey.deliveries if one.position < len(journey.series.events) // 2]
    play(stage, journeys)
    at_rest(stage)
    for name in WORKFLOWS:
        until(
            lambda name=name: waiting(stage, name) == running(stage, name),  # type: ignore[misc]
            lambda name=name: (waiting(stage, name), running(stage, name)),  # type: ignore[misc]
        )
    assert sum(len(executions(stage, name, "RUNNING")) for name in WORKFLOWS) > len(journeys) / 2

    for journey in journeys:
        middle = len(journey.series.events) // 2
        journey.deliveries = [one for one in whole[journey.entity_id] if one.position >= middle]
    play(stage, journeys)
    at_rest(stage)
    for name, workflow in WORKFLOWS.items():
        after = settled(stage, name)
        assert after - before[name] == happened(gathered(workflow, recorded(journeys, name)).known)
        assert waiting(stage, name) == running(stage, name)
