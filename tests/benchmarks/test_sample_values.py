"""The stand-ins' values are as long as AWS's: what a figure says of prices hangs on them."""

import re

from benchmarks.sample_values import ENTITY
from benchmarks.workloads import COMPARISONS, Workload
from fake_aws import FakeAws


def played(workload: Workload) -> FakeAws:
    return workload.run()


def test_a_task_token_is_as_long_as_those_of_aws() -> None:
    tokens = played(COMPARISONS["awaited, in an order"].workload).stepfunctions.tokens
    assert len(tokens) == 2
    assert {len(token) for token in tokens} == {700}


def test_an_execution_is_named_as_the_modules_name_it() -> None:
    (execution,) = played(COMPARISONS["awaited, in an order"].workload).executions
    pattern = rf"arn:aws:states:eu-west-1:\d{{12}}:execution:tests-order:{ENTITY}-[0-9a-f]{{12}}"
    assert re.fullmatch(pattern, execution.arn)


def test_entities_and_events_have_uuids() -> None:
    rows = played(COMPARISONS["awaited, in an order"].workload).table.partition(f"order#{ENTITY}")
    events = [row["item"]["S"].removeprefix("EVENT#") for row in rows if row["item"]["S"] != "JOURNEY"]
    assert [len(one) for one in (ENTITY, *events)] == [36, 36, 36]
