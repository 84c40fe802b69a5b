"""The fixture `choreography`, as a project that only installed the package has it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from choreography_insights.testing import Choreography, event
from choreography_insights.testing.event_series import published
from devtools.places import ROOT
from support.definitions import workflow_of

CAR = ROOT / "examples" / "car-dealer" / "car-dealer"
SUCCESS = event("Inspection Completed", result="Success")
PREPARED = ("Car Cleaned", "Car Repaired", "Car Priced")

Find = Callable[..., Choreography]


@pytest.fixture
def car(choreography: Find) -> Choreography:
    return choreography(CAR)


def run(folder: Path, test: str) -> str:
    """Run pytest on *test* in a project of its own and return what it says."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "test_it.py").write_text(dedent(test), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "-q", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False).stdout


def test_a_failing_test_shows_where_its_journey_went(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        f"""
        def test_it(choreography):
            journey = choreography("{CAR}/workflow.yaml").play(
                "Car Announced", "Inspection Completed", entity="car-9"
            )
            assert journey.waits_in("OnSale")
        """,
    )
    assert said.splitlines()[-1].startswith("1 failed")
    assert "<journey of car-9: FAILED in Announced>" in said
    begin = said.index("car-dealer, car-9: FAILED\n")
    assert said[begin:].splitlines()[:5] == [
        "car-dealer, car-9: FAILED",
        "events: Car Announced, Inspection Completed",
        "  (begin)  -- Car Announced -->  Announced",
        "  ended in Announced",
        "  unexpected: Inspection Completed",
    ]


def test_a_passing_test_says_nothing_of_its_journeys(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        f"""
        def test_it(choreography):
            assert choreography("{CAR}/").play("Car Announced").waits_in("Announced")
        """,
    )
    assert said.splitlines()[-1].startswith("1 passed")
    assert "car-dealer-1" not in said


def test_a_choreography_is_found_by_its_name_from_its_own_folder_and_from_above(tmp_path: Path) -> None:
    for name in ("lamp", "door"):
        folder = tmp_path / "somewhere" / f"the-{name}"
        folder.mkdir(parents=True)
        (folder / "workflow.yaml").write_text(
            f"choreography: {name}\nsource: s\nstart: Begun\nstates:\n  A: {{await: {{Done: B}}}}\n  B: succeed\n",
            encoding="utf-8",
        )
    inner = tmp_path / "somewhere" / "the-lamp" / "test_inner.py"
    inner.write_text(
        "def test_own(choreography):\n    assert choreography().play('Begun', 'Done').ended_in('B')\n"
        "def test_other(choreography):\n    assert choreography('door').play('Begun').waits_in('A')\n",
        encoding="utf-8",
    )
    said = run(
        tmp_path,
        """
        import pytest

        def test_it(choreography):
            assert choreography("door").play("Begun").waits_in("A")
            assert choreography("somewhere/the-lamp").workflow.name.text == "lamp"
            with pytest.raises(LookupError, match="defines a choreography 'dor'; did you mean 'door'"):
                choreography("dor")
        """,
    )
    assert said.splitlines()[-1].startswith("3 passed"), said


def test_a_name_that_the_choreography_does_not_have_is_refused(car: Choreography) -> None:
    with pytest.raises(ValueError, match="car-dealer knows no event 'Car Anounced'; did you mean 'Car Announced'"):
        car.play("Car Anounced")
    journey = car.play("Car Announced")
    with pytest.raises(ValueError, match="car-dealer has no 'Anounced'; did you mean 'Announced'"):
        journey.waits_in("Anounced")
    with pytest.raises(ValueError, match=r"has no 'InPreparation\.OnSale'; did you mean 'OnSale'"):
        journey.waits_in("InPreparation.OnSale")
    with pytest.raises(ValueError, match="car-dealer has no 'Announced'; its ends are"):
        journey.ended_in("Announced")
    with pytest.raises(ValueError, match="'a while' is no duration"):
        car.play("Car Announced", then_wait="a while")


def test_a_retired_event_is_none_that_a_test_may_not_name() -> None:
    states = {"A": {"await": {"a": "Done"}}, "Done": "succeed"}
    workflow = workflow_of(states, events={"Old": {"retired": True}})
    assert [one.name for one in published(workflow, ["Begun", "Old", "a"], "1")] == ["Begun", "Old", "a"]


def test_waits_in_knows_a_state_its_branches_and_several_at_once(car: Choreography) -> None:
    journey = car.play("Car Announced", SUCCESS, "Car Cleaned")
    assert journey.waits_in("InPreparation")
    assert journey.waits_in("InPreparation.Repair", "InPreparation.Evaluate")
    assert not journey.waits_in("InPreparation.Clean")
    assert not journey.waits_in("Announced")
    assert journey.went_through("Announced", "InPreparation")


def test_an_unexpected_event_fails_the_journey_where_it_was_but_that_is_no_end_of_it(car: Choreography) -> None:
    journey = car.play("Car Announced", "Car Sold", event("Car Bought Back", unknown=True))
    assert journey.status == "FAILED"
    assert journey.deviated()
    assert journey.deviated("Car Sold")
    assert not journey.deviated("Car Announced")
    assert not journey.ended_in("Rejected")
    assert not journey.waits_in("Announced")


def test_time_passes_only_as_the_test_says(car: Choreography) -> None:
    ready = ("Car Announced", SUCCESS, *PREPARED)
    assert car.play(*ready).waits_in("ReadyForSale")
    assert car.play(*ready, event("Car Published", after="13d")).waits_in("OnSale")
    assert car.play(*ready, then_wait="15d").ended_in("Stale")
    assert car.play("Car Announced", then_wait="91d").status == "TIMED_OUT"


def test_events_without_a_start_begin_no_journey(car: Choreography) -> None:
    journey = car.play("Car Sold")
    assert journey.status == "NOT BEGUN"
    assert journey.deviated("Car Sold")
    assert not journey.waits_in("Announced")
    assert journey.picture().splitlines()[0] == "car-dealer, car-dealer-1: NOT BEGUN"


def test_the_last_journey_of_an_entity_counts(car: Choreography) -> None:
    rejected = event("Inspection Completed", result="Rejected")
    journey = car.play("Car Announced", rejected, "Car Announced", SUCCESS, entity="car-3")
    assert journey.waits_in("InPreparation")
    assert journey.trace.entity == "car-3"


KINDS = """
choreography: delivery
source: shop
start:
  Order Placed:
    when: {channel: [web]}
    remember: {express: detail.express}
events:
  Invoice Paid: {source: billing, entity: $.detail.order}
states:
  Paying:
    await: {Invoice Paid: Packing}
  Packing:
    parallel:
      Goods:
        states:
          Picking: {await: {Goods Picked: Picked, Goods Missing: SoldOut}}
          Picked: succeed
          SoldOut: fail
      Papers:
        states:
          Printing: {all: {Label: Label Printed, Slip: Slip Printed}, next: Printed}
          Printed: succeed
    next: Packed
    timeout: {after: 5d, next: Late}
  Packed: {pass: Parcels}
  Parcels:
    await: {Parcels Counted: Delivering}
  Delivering:
    each:
      items: $.detail.parcels
      item: $.detail.parcel
      states:
        OnTheWay: {await: {Parcel Delivered: Delivered}}
        Delivered: succeed
    next: How
  How:
    choose:
      - remembered: {express: [true]}
        next: Done
      - otherwise: CoolingOff
  CoolingOff: {wait: 14d, next: Done}
  Done: succeed
  Late: fail
"""


@pytest.fixture
def delivery(choreography: Find, tmp_path: Path) -> Choreography:
    (tmp_path / "workflow.yaml").write_text(KINDS, encoding="utf-8")
    return choreography(tmp_path)


def test_every_kind_of_state_can_be_asked_about(delivery: Choreography) -> None:
    paid = (event("Order Placed", channel="web"), "Invoice Paid")
    journey = delivery.play(*paid, "Goods Picked", "Slip Printed")
    assert journey.waits_in("Packing", "Printing", "Printing.Label")
    assert not journey.waits_in("Picking")
    assert journey.went_through("Paying", "Picking", "Picked")
    assert not journey.went_through("Printed")
    assert delivery.play(*paid, "Goods Missing").ended_in("SoldOut")
    assert delivery.play(*paid, "Goods Picked", then_wait="6d").ended_in("Late")

    packed = (*paid, "Goods Picked", "Slip Printed", "Label Printed")
    counted = (*packed, event("Parcels Counted", parcels=["a", "b"]), event("Parcel Delivered", parcel="b"))
    journey = delivery.play(*counted)
    assert journey.waits_in("Delivering", "OnTheWay", "OnTheWay[a]")
    assert not journey.waits_in("OnTheWay[b]")
    assert journey.went_through("Packed", "Delivered")
    assert journey.picture().splitlines()[-1] == "  waits in OnTheWay[a], for Parcel Delivered"
    delivered = (*counted, event("Parcel Delivered", parcel="a"))
    assert delivery.play(*delivered).waits_in("CoolingOff")
    assert delivery.play(*delivered, then_wait="15d").ended_in("Done")
    express = event("Order Placed", channel="web", express=True)
    assert delivery.play(express, *delivered[1:]).ended_in("Done")


def test_events_that_are_not_heard_do_nothing(delivery: Choreography) -> None:
    assert delivery.play(event("Order Placed", channel="shop")).status == "NOT BEGUN"
    placed = event("Order Placed", channel="web")
    journey = delivery.play(placed, event("Invoice Paid", source="elsewhere", id="delivery-1"))
    assert journey.waits_in("Paying")
    assert not journey.deviated()


def test_an_end_of_a_branch_is_no_end_of_the_journey(delivery: Choreography) -> None:
    journey = delivery.play(event("Order Placed", channel="web"))
    with pytest.raises(ValueError, match="delivery has no 'Picked'; its ends are 'Done', 'Late', 'SoldOut'"):
        journey.ended_in("Picked")


def test_a_project_that_does_not_use_the_fixture_does_not_wait_for_it() -> None:
    script = (
        "import sys, choreography_insights.testing.plugin\n"
        "print([name for name in ('ruamel', 'boto3', 'moto') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout == "[]\n"
