"""One event about several entities moves each of their journeys once, and none of them waits for another."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, replay
from choreography_insights.replay.envelopes import UnusableEventError, events_of
from choreography_insights.runtime.errors import InvalidMessage
from choreography_insights.runtime.messages import MOST_ENTITIES, EventMessage, NotMeant, SeveralEntities, parse
from correlation.playing import nothing_is_left
from fake_aws import FakeAws, deployable
from fake_aws.gates import Fault, FaultKind, differs
from replay.played import envelope
from support.definitions import GOOD, read

_FOLDER = next(folder for folder in GOOD if folder.name == "several-entities")
_CHOREOGRAPHY = deployable((_FOLDER / "workflow.yaml").read_text(encoding="utf-8"))
KINDS: tuple[FaultKind, ...] = ("die before", "die after", "fail before", "fail after", "conflict")


def _numbers(*numbers: Any) -> dict[str, Any]:
    return {"claims": [{"number": number} for number in numbers]}


def _published(aws: FakeAws, name: str, detail: dict[str, Any], at: float) -> None:
    aws.publish_detail(name, detail, source="insurance", time=at, delay=at)


def _played(*numbers: Any, checked: Sequence[str] = ("1", "2", "3"), fault: Fault | None = None) -> FakeAws:
    aws = FakeAws(_CHOREOGRAPHY, visibility_timeout=1.0, max_receives=12, watching=True, fault=fault)
    _published(aws, "Claims Registered", _numbers(*numbers), 0)
    for position, number in enumerate(checked):
        _published(aws, "Claim Checked", {"id": number}, 5.0 + position)
    _published(aws, "Claims Paid Out", _numbers(*numbers), 20)
    aws.run(seconds=7_200)
    return aws


def test_each_journey_moves_once() -> None:
    aws = _played("1", 2, "3", "2", 1)
    assert {number: aws.journeys(number) for number in "123"} == {key: [("SUCCEEDED", "PaidOut")] for key in "123"}
    assert set(aws.moved().values()) == {1}
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_goes_wrong_each_journey_moves_once(kind: FaultKind) -> None:
    undisturbed = _played("1", "2", checked="12")
    for call in undisturbed.keeper.calls:
        if differs(kind, call):
            aws = _played("1", "2", checked="12", fault=Fault(call.number, kind))
            assert aws.outcome() == undisturbed.outcome(), f"{kind} at {call}"
            assert nothing_is_left(aws)


@pytest.mark.usefixtures("no_log")
def test_one_that_cannot_be_read_or_deviates_delays_no_other() -> None:
    aws = _played("1", None, "2", {}, "1", checked="1")
    assert aws.journeys("1") == [("SUCCEEDED", "PaidOut")]
    assert aws.journeys("2") == [("FAILED", "UnexpectedEvent")]
    dead = [json.loads(body)["choreography"]["entity"] for body in aws.outcome().dead_letters]
    assert sorted(dead) == [f"$.detail.claims[{index}].number" for index in (1, 1, 3, 3)]


def test_of_what_does_not_fit_a_like_only_the_others_move() -> None:
    aws = FakeAws(_CHOREOGRAPHY)
    _published(aws, "Claims Registered", _numbers("7"), 0)
    _published(aws, "Claim Checked", {"id": "7"}, 5)
    _published(aws, "Claims Paid Out", {"by": "cheque", "cheques": ["refunds/1", "claims/7", "claims/7"]}, 10)
    aws.run()
    assert aws.journeys("7") == [("SUCCEEDED", "PaidOut")]
    assert nothing_is_left(aws)


def _read(detail: dict[str, Any]) -> Any:
    (start, *_) = _CHOREOGRAPHY.rules
    event = envelope("Claims Registered", "", source="insurance", detail=detail)
    return parse(json.dumps({"choreography": json.loads(start.settings), "event": event}))


def test_a_message_is_sent_about_each_and_none_where_it_is_one_or_nobody() -> None:
    several = _read(_numbers("1", "2"))
    assert isinstance(several, SeveralEntities)
    assert [parse(one).journey_key for one in several.messages] == ["claim#1", "claim#2"]
    one = _read(_numbers("1", "1"))
    assert isinstance(one, EventMessage)
    assert one.journey_key == "claim#1"
    assert _read(_numbers()) == NotMeant(unrelated_to="claim")


def test_more_than_a_function_can_hand_out_are_refused_with_their_number() -> None:
    assert len(_read(_numbers(*range(MOST_ENTITIES))).messages) == MOST_ENTITIES
    with pytest.raises(InvalidMessage, match="is about 101 entities; at most 100 fit"):
        _read(_numbers(*range(MOST_ENTITIES + 1)))


@pytest.mark.parametrize("detail", [{}, {"claims": None}, {"claims": {"number": 1}}, {"claims": "1"}])
def test_where_there_is_no_list_the_path_to_it_is_named(detail: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage, match=r"\$\.detail\.claims\[\*\]\.number"):
        _read(detail)


def test_replay_sees_the_same() -> None:
    choreography = Automaton.of(read(_FOLDER))
    recorded = [
        ("Claims Registered", _numbers("1", 2, "1", None)),
        ("Claim Checked", {"id": "2"}),
        ("Claims Paid Out", {"by": "cheque", "cheques": ["refunds/1", "claims/2"]}),
        ("Claims Paid Out", _numbers(*range(101))),
        ("Claims Paid Out", {}),
        ("Claims Paid Out", _numbers()),
    ]
    found = [
        one
        for position, (name, detail) in enumerate(recorded)
        for one in events_of(
            envelope(name, position, f"2026-01-01T00:00:0{position}Z", source="insurance", detail=detail),
            choreography,
            position,
        )
    ]
    said = [str(one) for one in found if isinstance(one, UnusableEventError)]
    assert [one.partition(";")[0] for one in said] == [
        "its entity id at $.detail.claims[3].number is missing",
        "it is about more than 100 entities",
        "its entity id at $.detail.claims[*].number is missing",
    ]
    journeys, alone = replay(choreography, InOrder(10)(one for one in found if not isinstance(one, UnusableEventError)))
    assert sorted((one.entity, one.status, one.state) for one in journeys) == [
        ("1", "RUNNING", "Registered"),
        ("2", "SUCCEEDED", "PaidOut"),
    ]
    assert alone == []
