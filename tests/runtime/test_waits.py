"""Which events a wait accepts, what is remembered of them, and what a state says of unexpected ones."""

from typing import Any

import pytest

from choreography_insights.runtime.decision import decide, grace_seconds
from choreography_insights.runtime.event import Event, first_memory, output
from choreography_insights.runtime.journey import RUNNING, AcceptedEvent, EventRow, Journey, OpenWait, Snapshot, Status
from choreography_insights.runtime.messages import settings_from
from choreography_insights.runtime.steps import Asked, ClaimFailure, ClaimReport, Question

from .samples import event_in

SETTINGS: dict[str, Any] = {
    "name": "delivery",
    "stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:x-delivery",
    "entity": "$.detail.id",
    "earlySeconds": 60,
    "settleSeconds": 2,
    "timeoutSeconds": 1000,
}
DELIVERY = settings_from(SETTINGS)


def event(source: str = "shop", **detail: Any) -> Event:
    envelope = {
        "id": "e-1",
        "detail-type": "Parcel Delivered",
        "source": source,
        "time": "2026-01-01T00:00:00Z",
        "detail": {"id": "1", **detail},
    }
    return event_in(envelope, DELIVERY)


def wait(*variants: AcceptedEvent, **settings: Any) -> OpenWait:
    return OpenWait(settings.pop("state", "OnTheWay"), "token", variants, 0.0, **settings)


@pytest.mark.parametrize(
    ("parcel", "accepted"), [("7", True), (7, True), (7.0, True), ("8", False), (True, False), (None, False)]
)
def test_a_wait_for_an_item_accepts_events_that_carry_its_key(parcel: Any, accepted: bool) -> None:
    waiting = wait(AcceptedEvent("Parcel Delivered", items=(("$.detail.parcel", "7"),)))
    assert (waiting.variant_of(event(parcel=parcel)) == 0) is accepted


def test_a_wait_for_an_item_does_not_accept_events_without_a_key() -> None:
    waiting = wait(AcceptedEvent("Parcel Delivered", items=(("$.detail.parcel", ""),)))
    assert waiting.variant_of(event(parcel="")) == 0
    assert waiting.variant_of(event(parcel="x")) is None


def test_an_event_with_sources_of_its_own_is_not_accepted_from_others() -> None:
    waiting = wait(AcceptedEvent("Parcel Delivered", sources=("carrier", "post")))
    assert waiting.variant_of(event(source="post")) == 0
    assert waiting.variant_of(event(source="shop")) is None


def test_what_is_remembered_decides_between_variants_and_grows_by_what_comes() -> None:
    dear = AcceptedEvent(
        "Parcel Delivered", remembered={"price": [{"numeric": [">", 5]}]}, remember={"by": "$.detail.by"}
    )
    waiting = wait(dear, AcceptedEvent("Parcel Delivered"), memory={"price": 9})
    assert waiting.variant_of(event()) == 0
    assert waiting.memory_after(event(by={"name": "Ann"}), 0) == {"price": 9, "by": {"name": "Ann"}}
    assert waiting.memory_after(event(), 0) == {"price": 9}
    assert wait(dear, AcceptedEvent("Parcel Delivered"), memory={"price": 5}).variant_of(event()) == 1
    assert wait(AcceptedEvent("Parcel Delivered")).memory_after(event(), 0) is None


def test_the_memory_travels_with_the_event_only_where_something_is_remembered() -> None:
    assert output(event(), {}, DELIVERY) == event().payload
    assert output(event(), {"remembered": {"price": 9}}, DELIVERY) == {**event().payload, "remembered": {"price": 9}}
    assert first_memory(event(price=9), DELIVERY) is None
    remembering = settings_from({**SETTINGS, "remember": {"price": "$.detail.price", "x": "$.detail.x"}})
    assert first_memory(event(price=9), remembering) == {"price": 9}
    assert settings_from(remembering.to_message()) == remembering


def test_a_memory_that_makes_an_event_too_large_has_its_detail_cut_down() -> None:
    big = event(text="x" * 250_000)
    assert output(big, {"remembered": {"note": "y" * 10_000}}, DELIVERY)["detailOmitted"] is True


def question(*waits: OpenWait, unexpected: str = "fail") -> Question:
    choreography = settings_from({**SETTINGS, "unexpected": unexpected})
    late = event()
    row = EventRow("e-1", Status.KEPT, late.name, late.time, 0.0, 180.0, payload=late.payload)
    journey = Journey("delivery#1", "1", RUNNING, waits, {"e-1": row.as_kept})
    snapshot = Snapshot(journey, {"e-1": row}, frozenset({"e-1"}), is_whole=True)
    return Question("deadline", late, choreography, snapshot, now=180.0, asked=Asked(), redelivery_seconds=120.0)


def test_the_state_says_what_becomes_of_an_unexpected_event_before_the_choreography_does() -> None:
    other = AcceptedEvent("Other")
    ignoring, failing = wait(other, unexpected="report"), wait(other, state="Strict", unexpected="fail")
    silent = wait(other, state="Silent")
    assert isinstance(decide(question(ignoring)), ClaimReport)
    assert isinstance(decide(question(silent, unexpected="report")), ClaimReport)
    step = decide(question(ignoring, failing, unexpected="report"))
    assert isinstance(step, ClaimFailure)
    assert (step.wait, step.deviation.policy) == (failing, "fail")


def grace_of(*waits: OpenWait) -> float:
    return grace_seconds(question(), waits)


def test_an_event_is_kept_as_long_as_the_most_patient_open_wait_says() -> None:
    other = AcceptedEvent("Other")
    assert grace_of() == 60 + 120  # what may be older has twice its visibility timeout to come again
    assert grace_of(wait(other, early_seconds=5.0)) == 5 + 120
    assert grace_of(wait(other, early_seconds=5.0), wait(other, state="Silent")) == 60 + 120
    assert grace_of(wait(other, early_seconds=300.0), wait(other, state="Silent")) == 300 + 120


def test_the_deviation_names_the_grace_period_as_the_user_set_it() -> None:
    step = decide(question(wait(AcceptedEvent("Other"))))
    assert isinstance(step, ClaimFailure)
    assert "within 60 s:" in step.deviation.cause


def test_the_name_alone_decides_only_where_the_first_variant_of_that_name_takes_any() -> None:
    one, any_other = AcceptedEvent("Other"), AcceptedEvent("Parcel Delivered")
    picky = any_other._replace(when={"id": ["1"]})
    assert wait(one, any_other).by_name("Parcel Delivered") == 1
    assert wait(one, picky, any_other).by_name("Parcel Delivered") is None
    assert wait(any_other, picky).by_name("Parcel Delivered") == 0
    assert wait(one).by_name("Parcel Delivered") is None
    asks: list[dict[str, Any]] = [{"remembered": {}}, {"sources": ("s",)}, {"items": (("$.detail.id", "1"),)}]
    for asking in asks:
        assert wait(any_other._replace(**asking)).by_name("Parcel Delivered") is None
