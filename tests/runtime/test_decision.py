"""Decisions that the simplest promises do not show: values in, one step out."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from choreography_insights.runtime.deadline import pause
from choreography_insights.runtime.decision import MOST_KEPT_BYTES, decide
from choreography_insights.runtime.event import Event
from choreography_insights.runtime.journey import (
    AcceptedEvent,
    EventRow,
    Journey,
    KeptEvent,
    OpenWait,
    Snapshot,
    Status,
)
from choreography_insights.runtime.start_decision import decide_start
from choreography_insights.runtime.steps import (
    Asked,
    AskExecution,
    AskWaits,
    Claim,
    ClaimFailure,
    ClaimReport,
    ComeBack,
    Drop,
    ExecutionState,
    HandToStart,
    Keep,
    Kind,
    Question,
    ReadAll,
    ReadRows,
    SendTimers,
)
from choreography_insights.runtime.turn import next_in_turn

from .samples import EXECUTION, NOW, ORDER, event

GRACE = 60 + 2 * 60
WAIT = OpenWait("WaitForConfirmation", "token-1", (AcceptedEvent("Order Confirmed"),), NOW)
SECOND_START = event("Order Placed", "e-9")
ROW = EventRow("e-9", Status.KEPT, "Order Placed", NOW, NOW, NOW + GRACE, is_start=True, payload=SECOND_START.payload)
RUNNING = Journey("order#o-1", EXECUTION, "RUNNING", (WAIT,), starts={"e-9": ROW.as_kept})


def asked(row: EventRow, kind: Kind = "deadline", journey: Journey = RUNNING, now: float = NOW + GRACE) -> Question:
    return Question(kind, SECOND_START, ORDER, known(journey, row, whole=True), now, redelivery_seconds=120.0)


def known(journey: Journey, *rows: EventRow, whole: bool = False) -> Snapshot:
    """A snapshot in which these rows were read."""
    return Snapshot(journey, is_whole=whole).with_rows(rows, [row.event_id for row in rows])


@pytest.mark.parametrize("kind", ["deadline", "settle", "finish"])
def test_a_start_that_somebody_died_over_is_finished_by_any_message_about_it(kind: Kind) -> None:
    journey = RUNNING._replace(status="SUCCEEDED")
    assert decide(asked(ROW._replace(status=Status.STARTING), kind, journey)) == HandToStart()


def test_a_second_start_begins_the_next_journey_if_the_first_has_ended() -> None:
    assert decide(asked(ROW, journey=RUNNING._replace(status="SUCCEEDED"))) == HandToStart()


def test_a_second_start_fails_the_journey_only_if_step_functions_says_that_it_waits() -> None:
    assert decide(asked(ROW)) == AskWaits(stored=False)
    step = decide(asked(ROW)._replace(asked=Asked()))
    assert isinstance(step, ClaimFailure)
    assert (step.wait, step.deviation.reason) == (WAIT, "SecondStart")


def test_a_second_start_that_finds_no_wait_goes_by_what_step_functions_says_of_the_execution() -> None:
    nowhere = asked(ROW, journey=RUNNING._replace(waits=()))
    assert decide(nowhere) == AskExecution()
    assert decide(nowhere._replace(execution=ExecutionState.ENDED)) == HandToStart()
    assert isinstance(decide(nowhere._replace(execution=ExecutionState.RUNNING)), ComeBack)


@pytest.mark.parametrize("goes", [False, True])
def test_an_event_that_contests_itself_goes_only_when_an_older_one_of_another_line_is_recorded(*, goes: bool) -> None:
    """Its failure might reach the journey before the older one does, whose wait is gone already."""
    wait = WAIT._replace(accepts=(AcceptedEvent("Order Rejected", contested_by=(0,)),))
    rejected = event("Order Rejected", "e-2")
    own = row_of(rejected)
    older = KeptEvent("e-1", rejected.time - 1, NOW, NOW + GRACE, "Order Confirmed")
    journey = RUNNING._replace(
        waits=(wait,), starts={}, kept={"e-2": own.as_kept}, claimed={} if goes else {"e-1": older}
    )
    question = Question("settle", rejected, ORDER, known(journey, own), NOW + 3)
    assert decide(question) == (Claim(rejected, wait, 0, own) if goes else SendTimers(None, NOW + 6))


def test_an_event_that_was_early_is_not_held_for_as_long_again_as_it_was_there() -> None:
    entered = NOW + 50
    wait = WAIT._replace(accepts=(AcceptedEvent("Order Rejected", contested_by=(0,)),), entered_at=entered)
    rejected = event("Order Rejected", "e-2")
    own = row_of(rejected)
    older = KeptEvent("e-1", rejected.time - 1, NOW, NOW + GRACE, "Order Confirmed")
    journey = RUNNING._replace(waits=(wait,), starts={}, kept={"e-2": own.as_kept}, claimed={"e-1": older})
    question = Question("settle", rejected, ORDER, known(journey, own), entered)
    assert decide(question) == SendTimers(None, entered + 1)
    assert decide(question._replace(now=entered + 3)) == SendTimers(None, entered + 6)


# ---- whose turn it is --------


def row_of(one: Event, arrived_at: float = NOW, deadline: float = NOW + GRACE) -> EventRow:
    """The row of an event that is kept."""
    return EventRow(
        one.event_id, Status.KEPT, one.name, one.time, arrived_at, deadline, payload=one.payload, choreography={}
    )


def kept(event_id: str, time: float = 0.0, name: str = "Order Confirmed", **more: Any) -> KeptEvent:
    return KeptEvent(event_id, time, more.get("arrived_at", NOW), more.get("deadline", NOW + GRACE), name)


def journey_with(*those: KeptEvent, wait: OpenWait = WAIT, started_at: float = 0.0) -> Snapshot:
    journey = Journey("order#o-1", EXECUTION, "RUNNING", (wait,), {one.event_id: one for one in those})
    return Snapshot(journey._replace(started_at=started_at))


def detailed(event_id: str, result: str, name: str = "Order Confirmed") -> Event:
    return event(name, event_id, detail={"id": "o-1", "result": result})


PICKY = WAIT._replace(accepts=(AcceptedEvent("Order Confirmed", when={"result": ["Success"]}),))


def test_the_oldest_goes_first_and_nothing_is_read_where_the_name_tells_all() -> None:
    assert next_in_turn(WAIT, journey_with(kept("e-2", 2.0), kept("e-1", 1.0), kept("e-3", 3.0))) == "e-1"


def test_what_the_wait_does_not_name_is_neither_read_nor_in_the_way() -> None:
    assert next_in_turn(PICKY, journey_with(kept("e-1", 1.0, "Order Canceled"))) is None
    assert next_in_turn(WAIT, journey_with(kept("e-1", 1.0, "Order Canceled"), kept("e-2", 2.0))) == "e-2"


def test_rows_are_read_from_the_first_that_has_to_be_looked_into_a_few_at_a_time() -> None:
    many = journey_with(*(kept(f"e-{number}", float(number)) for number in range(10, 99)), wait=PICKY)
    assert next_in_turn(PICKY, many) == ReadRows(tuple(f"e-{number}" for number in range(10, 15)))
    others = [row_of(detailed(f"e-{number}", "Failure")) for number in range(10, 30)]
    read = many.with_rows(others, [row.event_id for row in others])
    assert next_in_turn(PICKY, read) == ReadRows(tuple(f"e-{number}" for number in range(30, 50)))  # as many again
    others = [row_of(detailed(f"e-{number}", "Failure")) for number in range(10, 80)]
    read = many.with_rows(others, [row.event_id for row in others])
    assert next_in_turn(PICKY, read) == ReadRows(tuple(f"e-{number}" for number in range(80, 99)))
    fits = [row_of(detailed("e-12", "Success"))]
    read = many.with_rows([*others[:2], *fits], ["e-10", "e-11", "e-12"])
    assert next_in_turn(PICKY, read) == "e-12"


def test_never_more_than_fifty_rows_are_read_at_once() -> None:
    many = journey_with(*(kept(f"e-{number}", float(number)) for number in range(100, 300)), wait=PICKY)
    read = many.with_rows([], [f"e-{number}" for number in range(100, 180)])  # none of which is there any more
    assert next_in_turn(PICKY, read) == ReadRows(tuple(f"e-{number}" for number in range(180, 230)))


def test_what_is_kept_no_more_or_has_no_payload_is_passed_over() -> None:
    gone, claimed, idle, good = (row_of(detailed(f"e-{number}", "Success")) for number in range(4))
    snapshot = journey_with(*(kept(row.event_id, float(row.event_id[2:])) for row in (gone, claimed, idle, good)))
    rows = [claimed._replace(status=Status.CLAIMED), idle._replace(payload=None), good]
    assert next_in_turn(PICKY, snapshot.with_rows(rows, ["e-0", "e-1", "e-2", "e-3"])) == "e-3"


def test_the_event_in_question_takes_its_place_among_the_kept_without_being_read() -> None:
    own = kept("e-2", 2.0)
    assert next_in_turn(PICKY, journey_with(), own, 0) == "e-2"
    assert next_in_turn(PICKY, journey_with(own, kept("e-3", 3.0)), own, 0) == "e-2"
    assert next_in_turn(PICKY, journey_with(kept("e-1", 1.0)), own, 0) == ReadRows(("e-1",))
    assert next_in_turn(WAIT, journey_with(kept("e-1", 1.0)), own, 0) == "e-1"
    assert next_in_turn(PICKY, journey_with(), own, PICKY.variant_of(detailed("e-2", "Failure"))) is None


def test_of_the_same_time_the_one_that_arrived_first_goes_first() -> None:
    snapshot = journey_with(kept("e-1", arrived_at=NOW + 2), kept("e-2", arrived_at=NOW + 1))
    assert next_in_turn(WAIT, snapshot) == "e-2"


@pytest.mark.parametrize(
    ("accepts", "first"),
    [
        ((AcceptedEvent("Order Confirmed", contested_by=(1,)), AcceptedEvent("Order Canceled")), "canceled"),
        ((AcceptedEvent("Order Confirmed"), AcceptedEvent("Order Canceled", contested_by=(0,))), "confirmed"),
        (
            (AcceptedEvent("Order Confirmed", contested_by=(1,)), AcceptedEvent("Order Canceled", contested_by=(0,))),
            "early",
        ),
    ],
)
@pytest.mark.parametrize("early", ["confirmed", "canceled"])
def test_of_the_same_time_the_one_after_which_the_other_could_come_goes_first(
    accepts: tuple[AcceptedEvent, ...], first: str, early: str
) -> None:
    names = {"confirmed": "Order Confirmed", "canceled": "Order Canceled"}
    wait = WAIT._replace(accepts=accepts)
    rows = [row_of(event(name, event_id), NOW + (event_id != early)) for event_id, name in names.items()]
    snapshot = journey_with(*(row.as_kept for row in rows), wait=wait).with_rows(rows, names)
    assert next_in_turn(wait, snapshot) == (early if first == "early" else first)


def test_two_that_could_each_come_after_the_other_both_go_before_a_third_that_comes_after_one() -> None:
    names = ("Order Confirmed", "Order Canceled", "Order Rejected")
    wait = WAIT._replace(
        accepts=tuple(AcceptedEvent(one, contested_by=by) for one, by in zip(names, ((1,), (0,), (0,)), strict=True))
    )
    rows = [row_of(event(name, f"e-{number}"), NOW - number) for number, name in enumerate(names)]
    snapshot = journey_with(*(row.as_kept for row in rows), wait=wait).with_rows(rows, [row.event_id for row in rows])
    assert next_in_turn(wait, snapshot) == "e-1"  # and not e-2, which arrived first of all


def test_an_event_belongs_to_the_journey_that_ran_before_its_deadline() -> None:
    long_ago = kept("e-1", 1.0, deadline=NOW - 0.1)
    assert next_in_turn(WAIT, journey_with(long_ago, started_at=NOW)) is None
    assert next_in_turn(WAIT, journey_with(long_ago, started_at=NOW - 0.1)) == "e-1"


def judged(one: Event, *, started_at: float = 0.0, wait: OpenWait = WAIT, **how: Any) -> Question:
    row = row_of(one)
    journey = Journey("order#o-1", EXECUTION, "RUNNING", (wait,), {one.event_id: row.as_kept}, started_at=started_at)
    snapshot = known(journey._replace(lives=2), row, whole=how.pop("whole", True))
    return Question("deadline", one, ORDER, snapshot, NOW + GRACE, **{"redelivery_seconds": 120.0, **how})


def test_a_journey_that_began_after_an_events_deadline_neither_uses_it_nor_fails_by_it() -> None:
    for one in (event(), event("Order Canceled")):
        step = decide(judged(one, started_at=NOW + GRACE + 1))
        assert isinstance(step, ClaimReport)
        assert step.deviation.reason == "JourneyEnded"
    assert isinstance(decide(judged(event(), started_at=NOW + GRACE)), Claim)


def test_a_journey_fails_only_by_one_who_knows_all_its_rows() -> None:
    assert decide(judged(event("Order Canceled"), whole=False)) == ReadAll()


def test_a_deadline_that_had_to_come_again_gives_the_others_time_to_come_again_too() -> None:
    step = decide(judged(event("Order Canceled"), redelivered=True))
    assert isinstance(step, ComeBack)
    assert step.at == NOW + GRACE + 120


def test_beside_other_lines_a_wait_that_is_not_stored_yet_is_waited_for() -> None:
    beside = WAIT._replace(beside=True)
    question = judged(event("Order Canceled"), wait=beside)
    assert decide(question) == decide(question._replace(asked=Asked())) == AskWaits(stored=True)
    assert isinstance(decide(question._replace(asked=Asked(all_stored=False))), ComeBack)
    assert isinstance(decide(question._replace(asked=Asked(all_stored=True))), ClaimFailure)


# ---- keeping --------


def test_only_what_a_wait_could_ask_for_is_listed() -> None:
    journey = Journey("order#o-1", EXECUTION, "RUNNING", (WAIT,))
    for name, listed in (("Order Canceled", True), ("Order Painted", False)):
        step = decide(Question("event", event(name), ORDER, Snapshot(journey), NOW))
        assert step == Keep(listed=listed)


def test_an_event_too_many_is_reported_if_the_row_would_have_to_name_it() -> None:
    full = {f"k-{number}": kept(f"k-{number}", name="Order Canceled") for number in range(1000)}
    for those, listed in ((full, False), (dict(list(full.items())[1:]), True)):
        journey = Journey("order#o-1", EXECUTION, "RUNNING", (), those)
        step = decide(Question("event", event(), ORDER, Snapshot(journey), NOW))
        assert step == Keep() if listed else isinstance(step, ClaimReport) and step.deviation.reason == "TooManyKept"
        painted = Question("event", event("Order Painted"), ORDER, Snapshot(journey), NOW)
        assert decide(painted) == Keep(listed=False)


def test_events_with_long_names_are_too_many_sooner() -> None:
    wide = {f"k-{number}": kept(f"k-{number}", name="🚚" * 128) for number in range(MOST_KEPT_BYTES // 600)}
    for those, fits in (
        (wide, True),
        ({**wide, **{f"l-{n}": kept(f"l-{n}", name="🚚" * 128) for n in range(50)}}, False),
    ):
        for journey in (Journey("order#o-1", EXECUTION, "RUNNING", (), those), _with_starts(those)):
            assert isinstance(decide(Question("event", event(), ORDER, Snapshot(journey), NOW)), Keep) is fits


def _with_starts(those: Mapping[str, KeptEvent]) -> Journey:
    return Journey("order#o-1", EXECUTION, "RUNNING", (), {}, starts=those)


def test_a_start_event_too_many_is_reported_too() -> None:
    full = {f"s-{number}": kept(f"s-{number}", name="Order Placed") for number in range(1000)}
    second = event("Order Placed", "e-2")
    for journey, execution in (
        (_with_starts(full), ExecutionState.RUNNING),
        (_with_starts(full), ExecutionState.ENDED),
    ):
        step = decide_start(Question("event", second, ORDER, Snapshot(journey), NOW, execution=execution))
        assert isinstance(step, ClaimReport)
        assert (step.is_start, step.deviation.reason) == (True, "TooManyKept")
        assert "1000 events" in step.deviation.cause


def test_a_start_event_that_waits_holds_what_is_younger_until_it_has_settled() -> None:
    one = event()
    journey = RUNNING._replace(starts={"e-9": kept("e-9", one.time, "Order Placed")})
    assert decide(Question("event", one, ORDER, Snapshot(journey), NOW)) == Keep(NOW + 2, "token-1")
    journey = RUNNING._replace(starts={"e-9": kept("e-9", one.time + 1, "Order Placed")})
    assert decide(Question("event", one, ORDER, Snapshot(journey), NOW)) == Claim(one, WAIT, 0)


def test_behind_a_start_event_only_an_older_one_whose_turn_it_is_holds_the_next() -> None:
    """Else both would wait for ever: what is unexpected is judged only when nothing is about to move the journey."""
    one, wait = detailed("e-2", "Success"), PICKY
    own = row_of(one, deadline=NOW + GRACE + 5)
    start = kept("e-9", one.time - 2, "Order Placed")
    for result, step in (("Success", Drop()), ("Failure", Claim(one, wait, 0, own))):
        older = row_of(detailed("e-1", result))._replace(time=one.time - 1)
        journey = RUNNING._replace(
            waits=(wait,), starts={"e-9": start}, kept={"e-1": older.as_kept, "e-2": own.as_kept}
        )
        assert decide(Question("settle", one, ORDER, known(journey, older, own), NOW + 9)) == step


def test_behind_a_start_event_an_older_ones_turn_at_another_wait_holds_the_next_until_its_grace_is_over() -> None:
    one, other = event(event_id="e-2"), OpenWait("Beside", "token-2", (AcceptedEvent("Order Canceled"),), NOW)
    own = row_of(one, deadline=NOW + GRACE + 60)
    older = row_of(event("Order Canceled", "e-1"))._replace(time=one.time - 1)
    journey = RUNNING._replace(
        waits=(WAIT, other),
        starts={"e-9": kept("e-9", one.time - 2, "Order Placed")},
        kept={"e-1": older.as_kept, "e-2": own.as_kept},
    )
    question = Question("settle", one, ORDER, known(journey, older, own), NOW + 9)
    assert decide(question) == SendTimers(None, NOW + 18)
    assert decide(question._replace(now=NOW + GRACE)) == Claim(one, WAIT, 0, own)


# ---- looking again --------


def test_less_than_a_dozen_looks_lead_to_where_the_sweep_takes_over() -> None:
    """Lambda stops a chain of messages from a function to its own queue after some 16."""
    moments = itertools.takewhile(lambda pair: pair[1] < 900, looks())
    assert 3 < sum(1 for _ in itertools.islice(moments, 20)) < 12


def test_pauses_never_shrink_and_are_six_hours_at_most() -> None:
    pauses = [pause(float(overdue)) for overdue in range(0, 14 * 86_400, 60)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (1.0, 6 * 3600.0)
    of_two_weeks = itertools.takewhile(lambda pair: pair[0] < 14 * 86_400, looks())
    assert sum(1 for _ in itertools.islice(of_two_weeks, 100)) < 80


def looks() -> Iterator[tuple[float, float]]:
    """So long after its deadline an event is looked at, and the pause that follows."""
    overdue = 0.0
    while True:
        seconds = pause(overdue)
        yield overdue, seconds
        overdue += seconds
