"""The stand-ins' values are as long as AWS's: what a figure says of prices hangs on them."""

import re

from benchmarks.sample_values import ENTITY
from benchmarks.workloads import SCENES, Play
from fake_aws import FakeAws


def played(play: Play) -> FakeAws:
    return play.run()


def test_a_task_token_is_as_long_as_those_of_aws() -> None:
    tokens = played(SCENES["awaited, in an order"].play).stepfunctions.tokens
    assert len(tokens) == 2
    assert {len(token) for token in tokens} == {700}


def test_an_execution_is_named_as_the_modules_name_it() -> None:
    (execution,) = played(SCENES["awaited, in an order"].play).executions
    pattern = rf"arn:aws:states:eu-west-1:\d{{12}}:execution:tests-order:{ENTITY}-[0-9a-f]{{12}}"
    assert re.fullmatch(pattern, execution.arn)


def test_entities_and_events_have_uuids() -> None:
    rows = played(SCENES["awaited, in an order"].play).table.partition(f"order#{ENTITY}")
    events = [row["item"]["S"].removeprefix("EVENT#") for row in rows if row["item"]["S"] != "JOURNEY"]
    assert [len(one) for one in (ENTITY, *events)] == [36, 36, 36]
