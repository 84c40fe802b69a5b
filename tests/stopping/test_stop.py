"""`choreography stop`, on the embedded AWS and on a clock that only the test turns."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from choreography_insights.cli import main as cli
from choreography_insights.cli import stop
from choreography_insights.local import EmbeddedAws, embedded_aws

WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86_400, "End": True}}}
RULES = ("order-start", "order-events", "order-events-2", "order-2-start")
_NUMBERS = count()


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as running:
        yield running


class Shop:
    """Insights with the choreography ``order`` and, beside it, ``order-2``."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.prefix = f"shop{next(_NUMBERS)}"
        self.events, self.stepfunctions = aws.client("events"), aws.client("stepfunctions")
        self.events.create_event_bus(Name=self.prefix)
        for rule in RULES:
            pattern = json.dumps({"source": [self.prefix]})
            self.events.put_rule(Name=f"{self.prefix}-{rule}", EventBusName=self.prefix, EventPattern=pattern)
        machine = self.stepfunctions.create_state_machine(
            name=f"{self.prefix}-order", definition=json.dumps(WAITING), roleArn="arn:aws:iam::123456789012:role/r"
        )
        self.arn: str = machine["stateMachineArn"]
        told = {"event_bus_name": self.prefix, "state_machine_arn_prefix": self.arn.removesuffix("order")}
        aws.client("ssm").put_parameter(
            Name=f"/choreography-insights/{self.prefix}", Value=json.dumps(told), Type="String"
        )

    def begin(self) -> str:
        arn: str = self.stepfunctions.start_execution(stateMachineArn=self.arn)["executionArn"]
        return arn

    def statuses(self) -> list[str]:
        found = self.stepfunctions.list_executions(stateMachineArn=self.arn)["executions"]
        return sorted(execution["status"] for execution in found)

    def resting(self) -> list[str]:
        rules = self.events.list_rules(EventBusName=self.prefix)["Rules"]
        return sorted(one["Name"].removeprefix(f"{self.prefix}-") for one in rules if one["State"] == "DISABLED")


@pytest.fixture
def shop(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return Shop(aws)


class Clock:
    """Time passes only while somebody sleeps; *during* says what happens meanwhile."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.slept = 0.0
        self.during: Any = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.slept += seconds
        assert self.slept < 3600, "it waits for ever"
        self.during()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(stop, "_now", lambda: turned.now)
    monkeypatch.setattr(stop, "_sleep", turned.sleep)
    return turned


def run(shop: Shop, *options: str) -> int:
    return cli.main(["stop", "order", "--prefix", shop.prefix, *options])


def test_a_dry_run_changes_nothing_and_says_what_there_is(
    shop: Shop, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.begin()
    assert run(shop, "--abort", "--dry-run") == 1
    assert shop.resting() == []
    assert shop.statuses() == ["RUNNING"]
    told = capsys.readouterr().out
    assert "would stop 1 journey\n" in told
    assert "order: 1 journey running, 0 of 3 rules resting\n" in told
    assert clock.slept == 0


def test_no_journey_begins_any_more_and_those_that_run_go_on(
    shop: Shop, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = shop.begin()
    assert run(shop) == 1
    assert shop.resting() == ["order-start"]
    assert shop.statuses() == ["RUNNING"]
    assert arn in capsys.readouterr().out
    assert clock.slept == 0


def test_abort_lets_all_rules_rest_and_ends_what_runs_also_what_begins_late(shop: Shop, clock: Clock) -> None:
    shop.begin()
    late = [shop.begin]
    clock.during = lambda: late and late.pop()()
    assert run(shop, "--abort") == 0
    assert shop.resting() == ["order-events", "order-events-2", "order-start"]
    assert shop.statuses() == ["ABORTED", "ABORTED"]
    assert clock.slept >= 60


def test_abort_looks_a_minute_longer_also_where_the_rules_have_rested_before(shop: Shop, clock: Clock) -> None:
    shop.begin()
    assert run(shop) == 1
    assert run(shop, "--abort") == 0
    assert clock.slept >= 60


def test_wait_stays_until_the_last_journey_has_ended_and_then_all_rules_rest(
    shop: Shop, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = iter([shop.begin(), None, shop.begin()])

    def during() -> None:
        assert "order-events" not in shop.resting() or not any(status == "RUNNING" for status in shop.statuses())
        if arn := next(ends, None):
            shop.stepfunctions.stop_execution(executionArn=arn)

    clock.during = during
    assert run(shop, "--wait") == 0
    assert shop.resting() == ["order-events", "order-events-2", "order-start"]
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if line.startswith("waiting")] == [
        "waiting for 2 journeys to end",
        "waiting for 1 journey to end",
    ]
    assert told[-1] == "safe: the block of order can be removed and applied"


def test_a_choreography_that_has_ended_is_said_to_have(
    shop: Shop, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shop) == 0
    capsys.readouterr()
    clock.slept = 0
    assert run(shop, "--wait") == 0
    assert clock.slept == 0
    assert capsys.readouterr().out.splitlines() == [
        "order: 0 journeys running, 3 of 3 rules resting",
        "safe: the block of order can be removed and applied",
    ]


def test_what_is_not_there_is_named_with_where_it_was_looked_for(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["stop", "order", "--prefix", "market"]) == 2
    assert "there is no parameter /choreography-insights/market in " in capsys.readouterr().err
    assert cli.main(["stop", "parcel", "--prefix", shop.prefix]) == 2
    assert f"stateMachine:{shop.prefix}-parcel; is it 'parcel' that is deployed?" in capsys.readouterr().err
    assert run(shop, "--bus", "nowhere") == 2


def test_without_boto3_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert cli.main(["stop", "order"]) == 2
    assert capsys.readouterr().err == "stopping needs boto3; run: pip install boto3\n"
