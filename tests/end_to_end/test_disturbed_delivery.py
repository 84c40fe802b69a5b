"""Journeys whose events come early, late, twice and in another order, on the deployed example."""

from collections import Counter
from random import Random

import pytest

from benchmarks.disturbances import DISTURBANCES
from benchmarks.end_to_end import Disturbed, disturbed_journeys, ended, key_of, play, verdict
from demonstration.deployment import Stage

from .conftest import dead_letters, messages_on, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

OF_EACH_KIND = 9


@pytest.fixture(scope="module")
def journeys(stage: Stage) -> list[Disturbed]:
    """Journeys under every kind of disturbance, played to their ends; deadlines of a minute are not waited for.

    The clock is turned for what comes again after a pause only when no journey runs that could be late by it.
    """
    played = disturbed_journeys(OF_EACH_KIND, Random(3))  # noqa: S311 - to be repeated, not to be secret
    play(stage, played)
    keys = {key_of(journey) for journey in played}
    until(lambda: keys <= ended(stage), lambda: keys - ended(stage))
    urls = stage.outputs["queue_urls"].values()
    until(
        lambda: not any(messages_on(stage.aws, url, ("", "NotVisible")) for url in urls),
        lambda: [messages_on(stage.aws, url) for url in urls],
        aws=stage.aws,
        turn=5,
    )
    return played


def test_every_disturbed_journey_ends_where_it_should_moved_by_each_of_its_events_once(
    stage: Stage, journeys: list[Disturbed]
) -> None:
    verdicts = Counter((journey.disturbance, verdict(stage, journey)) for journey in journeys)
    assert verdicts == Counter({(name, "right"): OF_EACH_KIND for name in DISTURBANCES})


def test_every_event_is_done_however_often_it_came(stage: Stage, journeys: list[Disturbed]) -> None:
    rows = {(row["journey"]["S"], row["item"]["S"]): row for row in stage.rows()}
    for journey in journeys:
        key = f"{journey.series.choreography}#{journey.entity_id}"
        items = {item: row["status"]["S"] for (owner, item), row in rows.items() if owner == key}
        assert items == {"JOURNEY": "SUCCEEDED"} | {f"EVENT#{one}": "DONE" for one in journey.ids.values()}
        assert "kept" not in rows[key, "JOURNEY"]


def test_no_disturbed_event_becomes_a_dead_letter(stage: Stage, journeys: list[Disturbed]) -> None:
    assert journeys
    assert dead_letters(stage) == {}
