"""Amazon's own DynamoDB takes every read, and gives what the table in memory gives."""

import pytest

from benchmarks.table_schema import journeys_table
from choreography_insights.insights.reading import Reading
from choreography_insights.views.known import Period
from choreography_insights.views.words import Clock
from fake_aws import FakeAws
from fake_aws.choreographies import compiled
from fake_aws.clock import EPOCH
from insights.pictures import picture_row
from insights.played import reading, rows_of
from support.aws_client import AwsClient
from support.definitions import EXAMPLES, GOOD, read

pytestmark = pytest.mark.usefixtures("no_log")

CAR = read(next(folder for folder in EXAMPLES if folder.name == "car-dealer"))
EACH = read(next(folder for folder in GOOD if folder.name == "each-within-each"))


def test_the_reads_are_such_as_dynamodb_takes(dynamodb_local: str, aws_client: AwsClient) -> None:
    aws = FakeAws(compiled(CAR))
    for number in range(8):
        aws.publish("Car Announced", f"car {number}", time=float(number), delay=float(number))
        aws.publish("Inspection Completed", f"car {number}", {"result": "Success"}, time=10.0, delay=10.0)
        aws.publish("Car Cleaned", f"car {number}", time=20.0, delay=20.0)
    aws.publish("Car Clean", "car 1", time=21.0, delay=21.0)
    aws.run(seconds=300.0)
    client = aws_client("dynamodb", dynamodb_local)
    client.create_table(**journeys_table().creation("looked-at"))
    for row in [picture_row(CAR), picture_row(EACH, is_current=False), *rows_of(aws)]:
        client.put_item(TableName="looked-at", Item=row)
    in_memory, period = reading(aws, CAR), Period(EPOCH, aws.clock.now)
    stored = Reading(client, "looked-at", Clock(aws.clock.now), in_memory.machines)
    assert [one.name for one in stored.choreographies()] == ["car-dealer"]
    assert stored.overview(period) == in_memory.overview(period)
    known = stored.state("car-dealer", "InPreparation.Clean", period)
    assert known == in_memory.state("car-dealer", "InPreparation.Clean", period)
    assert known is not None
    assert (known.state("InPreparation").waiting, known.deviations) == (7, 1)
    assert stored.state("car-dealer", "InPreparation", period) == in_memory.state("car-dealer", "InPreparation", period)
    assert stored.journeys("car-dealer", period) == in_memory.journeys("car-dealer", period)
    assert stored.find("car 1") == in_memory.find("car 1")
    assert stored.standing("car-dealer", 5) == in_memory.standing("car-dealer", 5)
    assert len(stored.standing("car-dealer", 5)[0]) == 5
    assert stored.flow("car-dealer") == in_memory.flow("car-dealer")
    for entity in ("car 0", "car 1"):
        journey = stored.journey("car-dealer", entity)
        assert journey == in_memory.journey("car-dealer", entity)
        assert journey is not None
        assert journey.events == 3
