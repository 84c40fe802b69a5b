"""What is read of the table: how many wait where, what moved nothing, who has a journey; never what events hold."""

import json
from collections import Counter
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from choreography_insights.insights.counter_rows import begin_of
from choreography_insights.insights.counts import Counts
from choreography_insights.insights.reading import Reading
from choreography_insights.insights.rows import written_moment
from choreography_insights.insights.waiting import Limits, Shard
from choreography_insights.model.flow import flow_of
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.known import Period
from choreography_insights.views.words import Clock
from devtools.places import ROOT
from fake_aws import FakeAws
from fake_aws.choreographies import compiled
from fake_aws.clock import EPOCH
from insights.pictures import picture_row
from insights.played import reading, rows_of
from insights.store import Store
from support.definitions import EXAMPLES, read, workflow_of
from support.reported import HOSTILE

pytestmark = pytest.mark.usefixtures("no_log")

CAR = read(next(folder for folder in EXAMPLES if folder.name == "car-dealer"))
ORDER = read(next(folder for folder in EXAMPLES if folder.name == "order"))
NOW = EPOCH + 40 * 86_400
WEEK = Period(NOW - 7 * 86_400, NOW)


def waiting(name: str, entity: str, state: str, since: float, shard: int) -> dict[str, Any]:
    """The row of a journey that waits."""
    return {
        "journey": {"S": f"{name}#{entity}"},
        "item": {"S": "JOURNEY"},
        "execution": {"S": f"{entity}-0123456789ab"},
        "status": {"S": "RUNNING"},
        "startedAt": {"N": repr(since - 60)},
        "at": {"S": f"{name}#{shard}"},
        "since": {"S": f"{state}#{written_moment(since)}"},
        "version": {"S": "0123456789ab"},
        "waits": {"M": {}},
    }


def look(store: Store) -> Reading:
    return Reading(store, store.name, Clock(NOW), "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-")


# ---- who waits where --------


@given(
    held=st.lists(st.tuples(st.sampled_from(["A", "B", "A#1", "A ", "É"]), st.integers(0, 400)), max_size=60),
    first=st.integers(1, 70),
    late=st.none() | st.integers(0, 400),
    overdue=st.none() | st.integers(0, 400),
)
@example(held=[("A", 1), ("A", 2)], first=1, late=1, overdue=1)  # just as long as the limit
def test_a_shard_is_counted_as_if_all_of_it_were_read_however_little_is_read_at_once(
    held: list[tuple[str, int]], first: int, late: int | None, overdue: int | None
) -> None:
    rows = [waiting("c", str(number), state, NOW - waited, 0) for number, (state, waited) in enumerate(held)]
    store = Store(rows)
    shard = Shard(store.query, store.name, "c#0", NOW, {state: Limits(late, overdue) for state, _ in held})
    found = shard.held(first)
    assert {state: one.waiting for state, one in found.items()} == Counter(state for state, _ in held)
    for state, one in found.items():
        waits = sorted((waited for name, waited in held if name == state), reverse=True)
        assert not one.uncounted
        assert one.rows[0][0] == NOW - waits[0]
        assert one.late == sum(late is not None and waited > late for waited in waits)
        assert one.overdue == sum(overdue is not None and waited > overdue for waited in waits)


def _many(waiting_in_each: int) -> list[dict[str, Any]]:
    states = ["Announced", "ReadyForSale", "OnSale", "Reserved"]
    return [
        waiting("car-dealer", f"{state}-{number}", state, NOW - 3_600 - number, number % 16)
        for state in states
        for number in range(waiting_in_each)
    ]


def test_how_many_calls_a_look_takes_does_not_depend_on_how_many_wait() -> None:
    calls = []
    for many in (5_000, 8_000):
        store = Store([picture_row(CAR), *_many(many)])
        known = look(store).choreography("car-dealer", WEEK)
        assert known is not None
        assert known.running == 4 * many
        assert known.state("OnSale").waiting == many
        calls.append(store.calls)
    assert calls[0] == calls[1]
    assert calls[0].total() < 16 * 4 * 3 + 30


def test_who_is_not_counted_is_said_to_be_there() -> None:
    store = Store([picture_row(CAR), *_many(4_000)], page_bytes=10_000)
    (known,) = look(store).overview(WEEK)
    assert known.uncounted
    assert 0 < known.running < 16_000
    assert known.state("OnSale").uncounted


def test_those_who_wait_longest_are_read_with_the_version_that_they_run_and_the_others_counted() -> None:
    reading = look(Store([picture_row(CAR), *_many(100)], page_bytes=1_000))
    found, more = reading.standing("car-dealer", 12)
    assert ({one.entity for one in found}, more) == (
        {
            f"{state}-{number}"
            for state in ("Announced", "ReadyForSale", "OnSale", "Reserved")
            for number in (97, 98, 99)
        },
        388,
    )
    assert {one.version for one in found} == {"0123456789ab"}
    everybody, more = reading.standing("car-dealer", 1_000)
    assert (len(everybody), more) == (400, 0)
    assert reading.standing("nowhere", 1_000) == ([], 0)


def test_the_flow_of_each_version_is_found_as_long_as_its_picture_is_there() -> None:
    reading = look(Store([picture_row(CAR), picture_row(ORDER, version="older", is_current=False)]))
    found = [reading.flow("car-dealer"), reading.flow(ORDER.name.text, "older")]
    assert [flow and flow.version for flow in found] == [flow_of(CAR).version, flow_of(ORDER).version]
    assert reading.flow(ORDER.name.text) is None
    assert reading.flow("car-dealer", "") is None


def test_a_small_choreography_takes_a_call_for_each_shard() -> None:
    store = Store([picture_row(CAR), *_many(10)])
    (known,) = look(store).overview(WEEK)
    assert (known.running, known.uncounted) == (40, False)
    assert store.calls == {"Query": 1 + 1 + 16}  # the pictures, the counters, the shards


def test_what_waits_longer_than_others_did_is_late_and_what_waits_longer_than_it_should_is_overdue() -> None:
    states = {"A": {"await": {"X": "End"}}, "End": "succeed"}
    workflow = workflow_of(states, choreography="c")
    spent = Histogram()
    spent.add(60.0, 100)
    counts = Counts(spent={"A": spent})
    rows = [waiting("c", str(hours), "A", NOW - hours * 3_600 + 30, hours) for hours in range(1, 5)]
    rows.append(waiting("c", "new", "A", NOW - 10, 7))
    store = Store([picture_row(workflow, expected={"A": 7_200.0}), _counted("c", "day#2026-02-10", counts), *rows])
    known = look(store).choreography("c", WEEK)
    assert known is not None
    a = known.state("A")
    assert (a.waiting, a.late, a.overdue, a.expected) == (5, 4, 2, 7_200)
    assert known.overdue == 2
    assert known.oldest == a


def test_who_waits_longest_in_a_state_is_named_with_what_is_waited_for() -> None:
    aws = FakeAws(compiled(CAR))
    for number in range(30):
        aws.publish("Car Announced", f"car-{number}", time=float(number), delay=float(number))
        aws.publish("Inspection Completed", f"car-{number}", {"result": "Success"}, time=40.0, delay=40.0)
    aws.publish("Car Cleaned", "car-29", time=50.0, delay=50.0)
    aws.run(seconds=100.0)
    period = Period(EPOCH, aws.clock.now)
    known = reading(aws, CAR).state("car-dealer", "InPreparation", period)
    assert known is not None
    longest = known.state("InPreparation").longest
    assert len(longest) == 20
    assert {(one.entity == "car-29", one.accepts) for one in longest} <= {
        (False, ("Car Cleaned", "Car Repaired", "Car Priced")),
        (True, ("Car Repaired", "Car Priced")),
    }
    inner = reading(aws, CAR).state("car-dealer", "InPreparation.Clean", period)
    assert inner is not None
    assert inner.state("InPreparation.Clean").waiting == 29
    assert inner.state("InPreparation.Repair").waiting == 30
    assert inner.state("InPreparation.Clean").longest[0].accepts == ("Car Cleaned",)


def test_who_is_in_the_lines_of_an_each_is_counted_by_the_rows_of_its_waits() -> None:
    lines = {
        "Packed": {"await": {"Sent": "OnTheWay"}},
        "OnTheWay": {"await": {"Arrived": "There"}},
        "There": "succeed",
    }
    each = {"items": "$.detail.parcels", "item": "$.detail.parcel", "states": lines}
    parcels = workflow_of({"Parcels": {"each": each, "next": "End"}, "End": "succeed"}, choreography="c")
    aws = FakeAws(compiled(parcels))
    for entity, items in (("1", ["a", "b]["]), ("2", ["x"])):
        aws.publish("Begun", entity, {"parcels": items})
    aws.publish("Sent", "1", {"parcel": "b]["}, time=5.0, delay=5.0)
    aws.run(seconds=20.0)
    known = reading(aws, parcels).choreography("c", Period(EPOCH, aws.clock.now))
    assert known is not None
    counts = {name: state.waiting for name, state in known.states.items() if state.waiting}
    assert counts == {"Parcels": 2, "Packed": 2, "OnTheWay": 1}
    journey = reading(aws, parcels).journey("c", "1")
    assert journey is not None
    assert sorted(wait.state for wait in journey.waits) == ["OnTheWay[b][]", "Packed[a]"]
    assert journey.trace.here == ("Packed[a]", "OnTheWay[b][]")


def _counted(name: str, item: str, counts: Counts) -> dict[str, Any]:
    return {
        "journey": {"S": f"#counts#{name}"},
        "item": {"S": f"{item}#shardId-1"},
        "counts": {"S": counts.as_text()},
        "last": {"S": "1"},
    }


# ---- a journey --------


def _cars(*entities: str) -> FakeAws:
    """Cars that were reserved twice; an event came that nobody knows, and one came early."""
    aws = FakeAws(compiled(CAR))
    for entity in entities:
        for at, name, more in (
            (0.0, "Car Announced", {}),
            (10.0, "Inspection Completed", {"result": "Success", "canary": "a secret"}),
            (20.0, "Car Cleaned", {"canary": "a secret"}),
            (30.0, "Car Repaired", {}),
            (40.0, "Car Published", {"canary": "a secret"}),
            (50.0, "Car Priced", {}),
            (60.0, "Car Reserved", {}),
            (65.0, "Car Reservd", {"canary": "a secret"}),
        ):
            aws.publish(name, entity, more, time=at, delay=at)
    aws.run(seconds=100.0)
    return aws


def test_a_journey_is_told_by_its_rows() -> None:
    aws = _cars("4711")
    journey = reading(aws, CAR).journey("car-dealer", "4711")
    assert journey is not None
    assert [(one.what, one.state, one.next, one.event, one.marks) for one in journey.story] == [
        ("began", "", "Announced", "Car Announced", ()),
        ("moved", "Announced", "InPreparation", "Inspection Completed", ()),
        ("moved", "InPreparation.Clean", "InPreparation.Clean", "Car Cleaned", ()),
        ("moved", "InPreparation.Repair", "InPreparation.Repair", "Car Repaired", ()),
        ("moved", "InPreparation.Evaluate", "ReadyForSale", "Car Priced", ()),
        ("moved", "ReadyForSale", "OnSale", "Car Published", ("early",)),
        ("moved", "OnSale", "Reserved", "Car Reserved", ("contested",)),
    ]
    assert [round(one.at - EPOCH) for one in journey.story] == [0, 10, 20, 30, 50, 50, 62]
    assert (journey.status, journey.state, journey.events) == ("RUNNING", "Reserved", 7)
    assert [(wait.state, wait.accepts) for wait in journey.waits] == [("Reserved", ("Car Unreserved", "Car Sold"))]
    assert journey.trace.exits == {"InPreparation": 1}
    (execution,) = aws.executions
    assert journey.elsewhere == (
        (
            "The execution in Step Functions",
            "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/"
            + execution.arn,
        ),
        (
            "What the log says of it",
            (
                "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/"
                "$252Faws$252Flambda$252Ftests-resume/log-events$3FfilterPattern$3D"
                "$257B$2520$2524.entity_id$2520$253D$2520$25224711$2522$2520$257D"
            ),
        ),
    )


def test_what_moved_nothing_fails_a_journey_and_is_told_with_the_event_that_may_be_meant() -> None:
    aws = _cars("4711")
    aws.run(seconds=400.0)
    seen = reading(aws, CAR)
    journey = seen.journey("car-dealer", "4711")
    assert journey is not None
    assert (journey.status, journey.state, journey.error) == ("FAILED", "Reserved", "UnexpectedEvent")
    assert [one.what for one in journey.story[-2:]] == ["unexpected", "ended"]
    (deviation,) = journey.deviations
    assert (deviation.event, deviation.nearest, deviation.reason) == ("Car Reservd", "Car Reserved", "UnexpectedEvent")
    assert deviation.states == (("Reserved", ("Car Unreserved", "Car Sold")),)
    known = seen.choreography("car-dealer", Period(EPOCH, aws.clock.now))
    assert known is not None
    assert [(one.event, one.state, one.count, one.examples[0].key) for one in known.groups] == [
        ("Car Reservd", "Reserved", 1, "4711")
    ]
    assert known.deviations == 1
    (row,) = seen.journeys("car-dealer", Period(EPOCH, aws.clock.now))
    assert (row.entity, row.status, row.deviations, row.state) == ("4711", "FAILED", 1, "")


def test_the_next_journey_of_an_entity_is_told_without_the_events_of_the_last() -> None:
    aws = FakeAws(compiled(CAR))
    for at, name, more in (
        (0.0, "Car Announced", {}),
        (5.0, "Inspection Completed", {"result": "Rejected"}),
        (20.0, "Car Announced", {}),
    ):
        aws.publish(name, "1", more, time=at, delay=at)
    aws.run(seconds=30.0)
    journey = reading(aws, CAR).journey("car-dealer", "1")
    assert journey is not None
    assert [(one.what, round(one.at - EPOCH)) for one in journey.story] == [("began", 20)]
    assert journey.state == "Announced"


def test_no_payload_and_no_token_leaves_the_table() -> None:
    aws = _cars("4711", "4712")
    aws.publish("Car Sold", "4711", {"canary": "a secret"}, time=105.0, delay=5.0)
    aws.run(seconds=6.0)  # it is kept: its row has its payload, the token of the wait that it is held for
    rows = json.dumps(rows_of(aws))
    assert "a secret" in rows
    assert any(token in rows for token in aws.stepfunctions.tokens)
    seen = reading(aws, CAR)
    period = Period(EPOCH, aws.clock.now)
    seen.overview(period)
    seen.choreography("car-dealer", period)
    seen.state("car-dealer", "Reserved", period)
    seen.journeys("car-dealer", period)
    seen.find("4711")
    assert seen.journey("car-dealer", "4711") is not None
    fetched = repr(seen.client.fetched)
    assert "4711" in fetched
    assert "a secret" not in fetched
    assert not [token for token in aws.stepfunctions.tokens if token in fetched]


@pytest.mark.parametrize("entity", HOSTILE)
def test_any_text_is_an_entity_id(entity: str) -> None:
    aws = _cars(entity)
    seen = reading(aws, CAR, ORDER)
    assert [(name, row.entity, row.key, row.state) for name, row in seen.find(entity)] == [
        ("car-dealer", entity, entity, "Reserved")
    ]
    journey = seen.journey("car-dealer", entity)
    assert journey is not None
    assert (journey.entity, journey.state) == (entity, "Reserved")
    assert seen.journey("order", entity) is None
    assert seen.journey("nothing", entity) is None


@pytest.mark.parametrize("text", ["", "x" * 3_000, "é" * 1_000])
def test_what_dynamodb_refuses_to_look_for_is_not_there(text: str) -> None:
    seen = reading(_cars(), CAR)
    assert seen.find(text) == []
    assert seen.journey("car-dealer", text) is None
    assert seen.choreography(text, WEEK) is None
    assert seen.state(text, "OnSale", WEEK) is None
    assert seen.journeys(text, WEEK) == []
    assert seen.journey(text, "1") is None


def test_a_journey_of_an_older_definition_is_told_by_that_one() -> None:
    old = workflow_of({"A": {"await": {"X": "Gone"}}, "Gone": {"await": {"Y": "End"}}, "End": "succeed"})
    new = workflow_of({"A": {"await": {"X": "End"}}, "End": "succeed"})
    aws = FakeAws(compiled(old))
    aws.publish("Begun", "1")
    aws.publish("X", "1", time=5.0, delay=5.0)
    aws.run(seconds=20.0)
    older = picture_row(old, is_current=False)
    seen = reading(aws, new, more=[older])
    journey = seen.journey("test", "1")
    assert journey is not None
    assert (journey.state, [one.state for one in journey.waits]) == ("Gone", ["Gone"])
    assert journey.layout is not None
    assert [one.name for one in seen.choreographies()] == ["test"]  # the older one is none of its own
    current = reading(aws, old).journey("test", "1")
    assert current is not None
    assert current.layout is None


@pytest.mark.parametrize(
    ("partition", "region", "address"),
    [
        ("aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/"),
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ],
)
def test_links_lead_to_the_console_of_the_partition(partition: str, region: str, address: str) -> None:
    store = Store([picture_row(CAR), waiting("car-dealer", "1", "Announced", NOW - 60, 3)])
    machines = f"arn:{partition}:states:{region}:111122223333:stateMachine:shop-"
    journey = Reading(store, store.name, Clock(NOW), machines).journey("car-dealer", "1")
    assert journey is not None
    (_, link), (_, log) = journey.elsewhere
    assert link.startswith(address)
    assert log.startswith(f"{address}cloudwatch/")
    assert link.endswith(f"arn:{partition}:states:{region}:111122223333:execution:shop-car-dealer:1-0123456789ab")


def test_an_id_is_a_text_in_the_pattern_that_the_log_is_filtered_by() -> None:
    hostile = '1" || $.level = "'
    store = Store([picture_row(CAR), waiting("car-dealer", hostile, "Announced", NOW - 60, 3)])
    machines = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-"
    journey = Reading(store, store.name, Clock(NOW), machines).journey("car-dealer", hostile)
    assert journey is not None
    pattern = unquote(unquote(journey.elsewhere[1][1].partition("filterPattern$3D")[2].replace("$", "%")))
    assert pattern == r'{ $.entity_id = "1\" || $.level = \"" }'


def test_events_that_could_not_be_read_are_said_to_be_missing() -> None:
    rows: list[dict[str, Any]] = [
        {
            "journey": {"S": "car-dealer#1"},
            "item": {"S": f"EVENT#{number}"},
            "status": {"S": "REPORTED"},
            "payload": {"S": "x" * 400},
        }
        for number in range(40)
    ]
    store = Store([picture_row(CAR), waiting("car-dealer", "1", "Announced", NOW - 60, 3), *rows], page_bytes=2_000)
    journey = look(store).journey("car-dealer", "1")
    assert journey is not None
    assert journey.untold
    assert store.calls["Query"] == 8 + 1  # its names


# ---- what was counted --------


def test_counters_of_hours_make_a_curve_of_up_to_four_days_and_those_of_days_one_of_more() -> None:
    rows = [picture_row(ORDER)]
    for hour in range(24 * 9):
        at = NOW - 9 * 86_400 + hour * 3_600
        counts = Counts()
        counts.transitions["(begin)", "Order Placed", "WaitForConfirmation"] += 1
        counts.outcomes["SUCCEEDED", "OrderCompleted"] += 2
        rows.append(_counted("order", f"hour#{written_moment(at)[:13]}", counts))
        if hour % 24 == 0:
            day = Counts()
            for _ in range(24):
                day.merge(counts)
            rows.append(_counted("order", f"day#{written_moment(at)[:10]}", day))
    seen = look(Store(rows))
    for days, step, started, points in ((2, 3_600, 48, 49), (6.5, 86_400, 156, 8)):
        known = seen.choreography("order", Period(NOW - days * 86_400, NOW))
        assert known is not None
        assert known.curve is not None
        assert (known.started, known.curve.step, len(known.curve.points)) == (started, step, points)
        assert known.outcomes == {("SUCCEEDED", "OrderCompleted"): 2 * started}
        assert sum(point.started for point in known.curve.points) == started
    past = seen.choreography("order", Period(NOW - 8.5 * 86_400, NOW - 1.25 * 86_400))
    assert past is not None
    assert past.started == 7.25 * 24 + 1  # the hour in which it ends is counted whole


def test_how_often_states_were_entered_follows_from_the_ways_that_were_taken() -> None:
    counts = Counts()
    counts.transitions.update(
        {
            ("(begin)", "Car Announced", "Announced"): 9,
            ("Announced", "Inspection Completed", "InPreparation"): 7,
            ("InPreparation", "Car Cleaned", "ReadyForSale"): 6,
            ("InPreparation", "Car Repaired", "ReadyForSale"): 5,
            ("InPreparation", "Car Priced", "ReadyForSale"): 5,
            ("ReadyForSale", "(timeout)", "Stale"): 1,
        }
    )
    for _ in range(4):
        counts.stayed("InPreparation", 60.0)
    counts.outcomes["FAILED", "Stale"] += 1
    known = look(Store([picture_row(CAR), _counted("car-dealer", "day#2026-02-09", counts)])).choreography(
        "car-dealer", WEEK
    )
    assert known is not None
    entered = {name: state.entered for name, state in known.states.items() if state.entered}
    assert entered == {"Announced": 9, "InPreparation": 7, "ReadyForSale": 4, "Stale": 1}
    assert known.exits == {"InPreparation": 4}
    assert (known.started, known.state("Stale").ended) == (9, 1)


def test_of_a_range_with_too_many_rows_the_newest_are_counted_and_the_period_says_from_when_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = Counts()
    counts.transitions["(begin)", "Order Placed", "WaitForConfirmation"] += 1
    days = [f"day#2026-02-{day:02}" for day in range(1, 9)]
    rows = [_counted("order", f"{day}#shard-{shard}", counts) for day in days for shard in range(2)]
    monkeypatch.setattr("choreography_insights.insights.reading.MOST_PAGES_OF_COUNTS", 5)
    store = Store([picture_row(ORDER), *rows], page_bytes=1)  # of one row each
    known = look(store).choreography("order", Period(NOW - 30 * 86_400.0, NOW))
    assert known is not None
    assert known.period is not None
    assert (known.started, known.period.start) == (4, begin_of("day#2026-02-07#any"))


CLAIM = read(ROOT / "tests/definitions/good/ids-that-change")


def _claim() -> FakeAws:
    aws = FakeAws(compiled(CLAIM))
    for at, name, source, detail in (
        (0.0, "Damage Reported", "portal", {"report": "R-1"}),
        (5.0, "Claim Opened", "claims", {"report": "R-1", "number": "C-7"}),
        (10.0, "Claim Assessed", "claims", {"claim": {"number": "C-7"}}),
        (15.0, "Payment Ordered", "claims", {"claim": "C-7", "reference": "pay/9"}),
    ):
        aws.publish(name, "?", detail, source=source, time=at, delay=at)
    aws.run(seconds=30.0)
    return aws


def test_a_story_says_under_which_other_names_the_entity_is_known() -> None:
    journey = reading(_claim(), CLAIM).journey("claim", "R-1")
    assert journey is not None
    assert journey.names == (("claim", "C-7"), ("payment", "9"))
    assert [one.event for one in journey.story] == [
        "Damage Reported",
        "Claim Opened",
        "Claim Assessed",
        "Payment Ordered",
    ]


@pytest.mark.parametrize("name", ["R-1", "C-7", "9"])
def test_a_journey_is_found_by_each_of_its_names(name: str) -> None:
    seen = reading(_claim(), CLAIM, CAR)
    assert [(where, row.entity, row.state) for where, row in seen.find(name)] == [("claim", "R-1", "Paying")]


def test_an_event_under_a_name_that_nobody_taught_is_listed_among_what_moved_nothing() -> None:
    aws = FakeAws(compiled(CLAIM))
    aws.publish("Payment Bounced", "9", source="bank")
    aws.run(seconds=300.0)
    known = reading(aws, CLAIM).choreography("claim", Period(EPOCH, EPOCH + 3600))
    assert known is not None
    shown = [(one.entity, one.event, one.reason) for group in known.groups for one in group.examples]
    assert shown == [("9", "Payment Bounced", "NoJourney")]
