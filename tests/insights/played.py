"""Journeys that the functions have played in the AWS in memory, as those who look read them."""

from typing import Any

from choreography_insights.insights.reading import Reading
from choreography_insights.model.workflow import Workflow
from choreography_insights.views.words import Clock
from fake_aws import FakeAws
from fake_aws.choreographies import MACHINE_ARN_PREFIX
from insights.pictures import picture_row
from insights.store import Store


def rows_of(aws: FakeAws) -> list[dict[str, Any]]:
    """All rows of the table."""
    return [dict(item) for items in aws.table.partitions.values() for item in items.values()]


def reading(aws: FakeAws, *workflows: Workflow, more: list[dict[str, Any]] | None = None) -> Reading:
    """A reading of the table as it is, with the pictures of *workflows*."""
    store = Store([*map(picture_row, workflows), *rows_of(aws), *(more or ())])
    return Reading(store, store.name, Clock(aws.clock.now), MACHINE_ARN_PREFIX)
