"""One call that dies or fails does a healthy journey no harm, with the modules' own defaults, however close its events.

The next event comes seconds after the one whose call went wrong, and its grace period is a minute.
"""

import re

import pytest

from correlation.definitions import ORDER
from correlation.playing import nothing_is_left
from devtools.places import ROOT
from fake_aws import FakeAws
from fake_aws.gates import Fault, FaultKind, differs

pytestmark = pytest.mark.usefixtures("no_log")

SERIES = ["Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered"]
KINDS: list[FaultKind] = ["die before", "die after", "fail before", "fail after"]


def default(name: str) -> int:
    """What the modules' queues have if nobody says otherwise."""
    text = (ROOT / "modules" / "insights" / "variables.tf").read_text(encoding="utf-8")
    found = re.findall(rf"^\s*{name}\s*=\s*optional\(number, (\d+)\)$", text, re.MULTILINE)
    assert len(found) == 1
    return int(found[0])


def played(apart: float, fault: Fault | None = None) -> FakeAws:
    aws = FakeAws(
        ORDER,
        visibility_timeout=default("visibility_timeout_seconds"),
        max_receives=default("max_receive_count"),
        watching=fault is None,
        fault=fault,
    )
    for number, name in enumerate(SERIES):
        aws.publish(name, "1", source="order", time=number * apart, delay=number * apart)
    aws.run()
    return aws


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("apart", [0.0, 1.0, 5.0, 50.0])
def test_a_journey_ends_as_ever_whatever_call_goes_wrong(apart: float, kind: FaultKind) -> None:
    undisturbed = played(apart)
    assert undisturbed.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert len(undisturbed.keeper.calls) > 15
    for call in (call for call in undisturbed.keeper.calls if differs(kind, call)):
        aws = played(apart, Fault(call.number, kind))
        assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")], f"{kind} at {call}"
        assert aws.deviations() == [], f"{kind} at {call}"
        assert nothing_is_left(aws)


@pytest.mark.parametrize("kind", KINDS)
def test_so_it_does_where_the_event_is_met_by_a_second_fault_when_it_comes_again(kind: FaultKind) -> None:
    for call in (call for call in played(5.0).keeper.calls if differs(kind, call)):
        aws = FakeAws(ORDER, fault=Fault(call.number, kind))
        for number, name in enumerate(SERIES):
            aws.publish(name, "1", source="order", time=number * 5.0, delay=number * 5.0)
        aws.run(seconds=59)
        aws.keeper.fault = Fault(aws.keeper.count, kind)  # the next call of all
        aws.run()
        assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")], f"twice {kind}, first at {call}"
        assert aws.deviations() == []
