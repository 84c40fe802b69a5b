"""What is learned of logs that follow a known choreography, with and without noise."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choreography_insights.discover.discovery import USUAL_NOISE, Draft, NothingToLearnError, discover
from choreography_insights.model.lists import most_items
from choreography_insights.model.workflow import Each as EachState
from choreography_insights.project.definitions import load, load_workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import replay
from choreography_insights.replay.envelopes import event_of
from devtools.places import ROOT

from .simulated import log, parcels, walks_of

ORDER = load(ROOT / "examples" / "order" / "order")
CAR = load(ROOT / "examples" / "car-dealer" / "car-dealer")


def draft_of(envelopes: Sequence[dict[str, Any]], noise: float | None = 0.05, **known: Any) -> Draft:
    return discover(envelopes, "learned", "choreography.schema.json", noise, **known)


def share_that_conforms(draft: Draft, envelopes: Sequence[dict[str, Any]]) -> float:
    choreography = Automaton.of(load_workflow(draft.text, "workflow.yaml"))
    events = [event for number, one in enumerate(envelopes) if (event := event_of(one, choreography, number))]
    journeys, _ = replay(choreography, events)
    return sum(journey.conforms for journey in journeys) / len(journeys)


def bare(text: str) -> str:
    """Leave away the comments, and what hangs on the times alone."""
    lines = (line.partition(" #")[0].rstrip() for line in text.splitlines() if not line.startswith("#"))
    return "\n".join(line for line in lines if not line.lstrip().startswith("expected: "))


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.2])
def test_an_order_is_learned_as_it_is(noise: float) -> None:
    draft = draft_of(log(ORDER, 1_000, seed=7, noise=noise))
    states = bare(draft.text).partition("states:")[2]
    assert "await: {Order Confirmed: Confirmed}" in states
    assert "await: {Order Accepted: Accepted, Order Rejected: Rejected}" in states
    assert "await: {Order Delivered: Delivered, Order Canceled: Canceled}" in states
    assert "  Rejected:\n    await: {Order Canceled: Canceled}" in states
    assert draft.measures.f_score >= 0.95
    assert (draft.states, draft.transitions) == (6, 6)


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.2])
def test_loops_a_decision_and_what_comes_in_any_order_are_learned(noise: float) -> None:
    draft = draft_of(log(CAR, 1_000, seed=7, noise=noise))
    assert draft.measures.f_score >= 0.95
    assert bare(draft.text).partition("states:\n")[2] == CAR_STATES


CAR_STATES = """\
  Announced:
    await:
      Inspection Completed:
        - when: {result: [Rejected]}
          next: InspectionCompletedRejected
        - when: {result: [Success]}
          next: InspectionCompletedSuccess

  InspectionCompletedSuccess:
    all:
      Cleaned: Car Cleaned
      Priced: Car Priced
      Repaired: Car Repaired
    next: WaitForPublished

  WaitForPublished:
    await: {Car Published: WaitForUnpublished}

  WaitForUnpublished:
    await: {Car Unpublished: WaitForPublished, Car Reserved: Reserved}

  Reserved:
    await: {Car Unreserved: WaitForUnpublished, Car Sold: Sold}

  Sold:
    all:
      CarDelivered: Car Delivered
      InvoiceSent: Invoice Sent
    next: Completed

  InspectionCompletedRejected: succeed
  Completed: succeed"""


def branches_at_once(journeys: int, noise: float) -> list[dict[str, Any]]:
    """A desk, perhaps refused, and accounts, at once."""
    choice = random.Random(3)  # noqa: S311 - to be repeated
    envelopes = []
    for number in range(journeys):
        desk = ["Desk Wanted", choice.choice(["Desk Set Up", "Desk Refused"])]
        accounts = ["Mail Created", "Chat Joined"]
        mixed = []
        while desk or accounts:
            mixed.append(choice.choice([one for one in (desk, accounts) if one]).pop(0))
        walked = ["Begun", *mixed, "Closed"]
        if choice.random() < noise:
            del walked[choice.randrange(1, len(walked))]
        for position, name in enumerate(walked):
            time = 1_700_000_000.0 + 100 * number + 7 * position
            about = {"id": f"entity-{number}"}
            envelopes.append(
                {"id": f"{number}-{position}", "detail-type": name, "source": "hr", "time": time, "detail": about}
            )
    return envelopes


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_branches_at_once_are_learned_each_by_itself(noise: float) -> None:
    draft = draft_of(branches_at_once(400, noise))
    states = bare(draft.text).partition("states:\n")[2]
    assert states == BRANCHES
    assert draft.measures.f_score >= 0.98


BRANCHES = """\
  Begun:
    parallel:
      DeskWanted:
        states:
          WaitForDeskWanted:
            await: {Desk Wanted: DeskWanted}
          DeskWanted:
            await: {Desk Refused: DeskWantedDone, Desk Set Up: DeskWantedDone}
          DeskWantedDone: succeed
      MailCreated:
        states:
          WaitForMailCreated:
            await: {Mail Created: MailCreated}
          MailCreated:
            await: {Chat Joined: MailCreatedDone}
          MailCreatedDone: succeed
    next: WaitForClosed

  WaitForClosed:
    await: {Closed: Closed}

  Closed: succeed"""


def test_all_that_was_recorded_fits_where_nothing_is_left_out() -> None:
    first: dict[str, str] = {}
    envelopes = [
        one
        for one in log(CAR, 400, seed=3, noise=0.2)
        if one["detail-type"] != "Car Announced" or first.setdefault(one["detail"]["id"], one["id"]) == one["id"]
    ]
    assert share_that_conforms(draft_of(envelopes, noise=0.0), envelopes) == 1.0


def test_events_of_one_moment_are_in_no_order() -> None:
    envelopes = log(CAR, 300, seed=5)
    for envelope in envelopes:
        envelope["time"] = envelope["time"] // 60 * 60
    shuffled = list(envelopes)
    random.Random(1).shuffle(shuffled)  # noqa: S311
    assert draft_of(shuffled).text == draft_of(envelopes).text


def test_a_draft_hangs_on_nothing_but_its_events(tmp_path: Path) -> None:
    script = (
        "import json, sys; from choreography_insights.discover.discovery import discover; "
        "print(discover(json.load(sys.stdin), 'a', 's', 0.05).text)"
    )
    events = json.dumps(log(CAR, 200, seed=9, noise=0.1))
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=events,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1


def test_an_event_with_its_id_elsewhere_belongs_to_its_journey() -> None:
    envelopes = log(ORDER, 100, seed=2)
    for envelope in envelopes:
        if envelope["detail-type"] == "Order Confirmed":
            envelope["detail"] = {"order": {"number": envelope["detail"]["id"]}}
    draft = draft_of(envelopes)
    assert "events:\n  Order Confirmed: {entity: $.detail.order.number}\n" in draft.text
    assert share_that_conforms(draft, envelopes) == 1.0


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_what_comes_at_any_place_is_said_once(noise: float) -> None:
    choice = random.Random(4)  # noqa: S311 - to be repeated
    envelopes = []
    for number in range(300):
        walked = ["Order Placed", "Order Confirmed", "Order Packed", "Order Shipped", "Order Delivered"]
        for _ in range(choice.randint(0, 2)):
            walked.insert(choice.randrange(1, len(walked)), "Address Changed")
        if choice.random() < 0.2:
            walked[choice.randrange(1, len(walked)) :] = ["Order Canceled"]
        for position, name in enumerate(walked):
            time = 1_700_000_000.0 + 100 * number + 7 * position
            about = {"id": f"order-{number}"}
            envelopes.append(
                {"id": f"{number}-{position}", "detail-type": name, "source": "shop", "time": time, "detail": about}
            )
    draft = draft_of(envelopes, noise)
    assert bare(draft.text).partition("start: ")[2].partition("timeout")[2].partition("\n")[2] == ANYTIME
    assert (draft.measures.fitting, draft.transitions, draft.left_out) == (1.0, 6, [])
    assert share_that_conforms(draft, envelopes) == 1.0
    assert {end: len(way) for end, way in draft.examples.items()} == {"Delivered": 5, "Canceled": 2}


ANYTIME = """\
anytime:
  Address Changed: stay
  Order Canceled: Canceled

states:
  Placed:
    await: {Order Confirmed: Confirmed}

  Confirmed:
    await: {Order Packed: Packed}

  Packed:
    await: {Order Shipped: Shipped}

  Shipped:
    await: {Order Delivered: Delivered}

  Delivered: succeed
  Canceled: succeed"""


@pytest.mark.parametrize(("late", "noise"), [(0, 0.0), (6, 0.05)])
def test_events_about_the_items_of_a_list_are_learned_item_by_item(late: int, noise: float) -> None:
    envelopes = parcels(random.Random(3), 200, late=late)  # noqa: S311
    draft = draft_of(envelopes, noise)
    assert draft.entity == ("detail", "id")
    assert "start: Order Placed\n" in draft.text
    assert bare(draft.text).partition("states:\n")[2] == PARCELS
    assert (draft.transitions, draft.left_out) == (5, [])
    assert share_that_conforms(draft, envelopes) >= 1 - late / 200
    assert draft.examples["OrderClosed"] == [
        ("Order Placed", {"parcels": [{"number": "1"}]}),
        ("Parcel Sent", {"parcel": "1"}),
        ("Parcel Delivered", {"parcel": "1"}),
        ("Order Closed", {}),
    ]


PARCELS = """\
  OrderPlaced:
    each:
      items: $.detail.parcels
      key: $.number
      item: $.detail.parcel
      states:
        WaitForSent:
          await: {Parcel Sent: Sent}
        Sent:
          await: {Parcel Delivered: SentDone, Parcel Returned: Returned}
        Returned:
          await: {Parcel Sent Again: Sent}
        SentDone: succeed
    next: ParcelsDone

  ParcelsDone:
    await: {Order Closed: OrderClosed}

  OrderClosed: succeed"""


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_what_comes_among_the_items_of_a_list_is_noted_or_ends_them(noise: float) -> None:
    choice = random.Random(8)  # noqa: S311 - to be repeated
    found = []
    for _, events in groupby(parcels(choice, 200), key=lambda one: one["detail"]["id"]):
        journey = list(events)
        for name in ["Address Changed"] * choice.randint(0, 2) + ["Order Canceled"] * (choice.random() < 0.3):
            at = choice.randrange(1, len(journey))
            behind = journey[at - 1]
            one = {**behind, "id": f"{behind['id']}-{name}-{at}", "detail-type": name, "time": behind["time"] + 1.0}
            journey[at:] = [{**one, "detail": {"id": behind["detail"]["id"]}}, *journey[at:]]
            if name == "Order Canceled":
                del journey[at + 1 :]
        found += journey
    draft = draft_of(found, noise)
    text = bare(draft.text)
    assert "anytime:\n  Address Changed: stay\n" in text
    assert "  OrderPlaced:\n    each:\n      items: $.detail.parcels\n" in text
    assert "    anytime: {Order Canceled: OrderCanceled}\n" in text or "  Order Canceled: OrderCanceled\n" in text
    assert (draft.measures.fitting, draft.left_out) == (1.0, [])
    assert share_that_conforms(draft, found) == 1.0


def test_a_list_is_remembered_if_something_comes_between_it_and_its_items() -> None:
    envelopes = parcels(random.Random(3), 200, paid_first=True)  # noqa: S311
    for envelope in envelopes:
        if envelope["detail-type"] == "Parcel Returned":
            envelope["detail"]["returned"] = {"parcel": envelope["detail"].pop("parcel")}
    draft = draft_of(envelopes)
    assert "start: {Order Placed: {remember: {parcels: detail.parcels}}}\n" in draft.text
    assert "events:\n  Parcel Returned: {item: $.detail.returned.parcel}\n" in draft.text
    assert "      items: $.remembered.parcels\n" in draft.text
    assert share_that_conforms(draft, envelopes) == 1.0


@pytest.mark.parametrize(
    ("longest", "steps", "said"),
    [
        (40, 2, "    each:\n"),
        (41, 2, "    each: # the longest list has 41 items, 520 may be in one\n"),
        (100, 15, "    each: # the longest list has 100 items, 100 may be in one\n"),
        (100, 16, "    each: # the longest list has 100 items, 94 may be in one: 1 list too long\n"),
    ],
)
def test_a_list_may_have_as_many_items_as_an_each_takes(longest: int, steps: int, said: str) -> None:
    envelopes = lists([longest, *range(12)], steps)
    draft = draft_of(envelopes)
    assert said in draft.text
    workflow = load_workflow(draft.text, "workflow.yaml")
    (each,) = (state for state in workflow.states if isinstance(state, EachState))
    most = most_items(workflow, each)
    assert said.partition("items, ")[2].partition(" ")[0] in ("", str(most))
    too_long = int(most < longest)
    assert draft.measures.fitting == 1 - too_long / 13
    assert ways_that_journeys_end(draft, envelopes) == Counter({None: 13 - too_long, "NoItems": too_long})


def ways_that_journeys_end(draft: Draft, envelopes: Sequence[dict[str, Any]]) -> Counter[object]:
    choreography = Automaton.of(load_workflow(draft.text, "workflow.yaml"))
    events = [event for number, one in enumerate(envelopes) if (event := event_of(one, choreography, number))]
    journeys, _ = replay(choreography, events)
    assert all(journey.conforms for journey in journeys)
    return Counter(journey.error for journey in journeys)


def lists(lengths: Iterable[int], steps: int) -> list[dict[str, Any]]:
    """Return orders with so many items, all of which go through so many steps at once, one after the other."""
    found = []
    for number, length in enumerate(lengths):
        keys = [f"{number}-{key}" for key in range(length)]
        walked: list[tuple[str, dict[str, Any]]] = [
            ("Placed", {"keys": keys}),
            *((f"Step {step}", {"key": key}) for step in range(steps) for key in keys),
            ("Closed", {}),
        ]
        for position, (name, detail) in enumerate(walked):
            time, about = 1_700_000_000.0 + 10_000 * number + position, {"id": f"order-{number}", **detail}
            found.append(
                {"id": f"{number}-{position}", "detail-type": name, "source": "shop", "time": time, "detail": about}
            )
    return found


def test_where_something_ends_the_items_a_list_has_as_many_as_run_at_once() -> None:
    choice = random.Random(2)  # noqa: S311 - to be repeated
    envelopes = []
    for number, events in groupby(
        lists([41, *(number % 4 for number in range(160))], 2), key=lambda one: one["detail"]["id"]
    ):
        journey = list(events)
        if number != "order-0" and choice.random() < 0.3:
            at = choice.randrange(1, len(journey))
            journey[at:] = [{**journey[at], "detail-type": "Canceled", "detail": {"id": number}}]
        envelopes += journey
    draft = draft_of(envelopes)
    assert "    each: # the longest list has 41 items, 40 may be in one: 1 list too long\n" in draft.text
    assert "anytime: {Canceled: Canceled}" in draft.text or "  Canceled: Canceled\n" in draft.text
    assert draft.measures.fitting == 160 / 161
    assert ways_that_journeys_end(draft, envelopes) == {None: 160, "NoItems": 1}


def test_what_is_repeated_more_often_than_noise_leaves_ends() -> None:
    envelopes = lists(range(40, 80), 1)
    for one in envelopes:
        one["detail"].pop("key", None)
    draft = draft_of(envelopes)
    assert "await: {Step 0: Step0, Closed: Closed}" in draft.text
    assert share_that_conforms(draft, envelopes) == 1.0


@pytest.mark.parametrize("is_told", [False, True])
def test_events_about_the_items_of_an_item_are_learned_item_by_item(is_told: bool) -> None:
    envelopes = boxes(["Opened"] if is_told else [])
    draft = draft_of(envelopes, noise=0.0)
    assert draft.entity == ("detail", "ship")
    assert bare(draft.text).partition("states:\n")[2] == (BOXES_TOLD if is_told else BOXES)
    assert "events:\n  Emptied: {item: $.detail.at}\n" in draft.text
    assert (share_that_conforms(draft, envelopes), draft.left_out) == (1.0, [])
    first: list[Any] = ["1"] if is_told else [{"id": "1", "things": ["1"]}]
    assert draft.examples["Left"] == [
        ("Landed", {"boxes": first}),
        *([("Opened", {"box": "1", "things": ["1"]})] if is_told else []),
        ("Sorted", {"thing": "1", "box": "1"}),
        ("Emptied", {"at": "1"}),
        ("Left", {}),
    ]


def boxes(told: Sequence[str]) -> list[dict[str, Any]]:
    """Return the events of ships with boxes of things. *told*: what comes first of a box, and says what is in it."""
    choice = random.Random(6)  # noqa: S311 - to be repeated
    found = []
    for number in range(150):
        things = {f"box {number}-{box}": choice.sample(range(100), choice.randint(0, 3)) for box in range(2)}
        loaded = [{"id": box, "things": inside} for box, inside in things.items()]
        walked: list[tuple[str, dict[str, Any]]] = [("Landed", {"boxes": [*things] if told else loaded})]
        lines: list[list[tuple[str, dict[str, Any]]]] = [
            [
                *((name, {"box": box, **({} if at else {"things": inside})}) for at, name in enumerate(told)),
                *(("Sorted", {"box": box, "thing": thing}) for thing in choice.sample(inside, len(inside))),
                ("Emptied", {"at": box}),
            ]
            for box, inside in things.items()
        ]
        while any(lines):
            walked.append(choice.choice([line for line in lines if line]).pop(0))
        for position, (name, detail) in enumerate([*walked, ("Left", {})]):
            time, about = 1_700_000_000.0 + 1_000 * number + position, {"ship": f"ship {number}", **detail}
            found.append(
                {"id": f"{number}-{position}", "detail-type": name, "source": "port", "time": time, "detail": about}
            )
    return found


def test_a_list_that_does_not_lead_to_its_items_is_none_of_an_item() -> None:
    envelopes = boxes(["Opened", "Weighed"])
    draft = draft_of(envelopes, noise=0.0)
    assert draft.text.count("each:\n") == 1
    assert "Sorted: " in draft.text
    assert share_that_conforms(draft, envelopes) == 1.0


BOXES = """\
  Landed:
    each:
      items: $.detail.boxes
      key: $.id
      item: $.detail.box
      states:
        WaitForThingsDone:
          each:
            items: $.detail.things
            item: $.detail.thing
            states:
              WaitForSorted:
                await: {Sorted: SortedDone}
              SortedDone: succeed
          next: ThingsDone
        ThingsDone:
          await: {Emptied: ThingsDoneDone}
        ThingsDoneDone: succeed
    next: BoxesDone

  BoxesDone:
    await: {Left: Left}

  Left: succeed"""

BOXES_TOLD = """\
  Landed:
    each:
      items: $.detail.boxes
      item: $.detail.box
      states:
        WaitForOpened:
          await: {Opened: Opened}
        Opened:
          each:
            items: $.detail.things
            item: $.detail.thing
            states:
              WaitForSorted:
                await: {Sorted: SortedDone}
              SortedDone: succeed
          next: ThingsDone
        ThingsDone:
          await: {Emptied: OpenedDone}
        OpenedDone: succeed
    next: BoxesDone

  BoxesDone:
    await: {Left: Left}

  Left: succeed"""


def test_what_has_not_gone_on_yet_is_no_end() -> None:
    envelopes = log(ORDER, 500, seed=4)
    cut = envelopes[len(envelopes) // 2]["time"]
    draft = draft_of([envelope for envelope in envelopes if envelope["time"] < cut])
    assert draft.journeys.running
    assert "next: Ended" not in draft.text


def test_journeys_that_end_where_others_go_on_end_by_a_timeout() -> None:
    envelopes = [one for one in log(ORDER, 400, seed=6) if one["detail-type"] != "Order Delivered"]
    draft = draft_of(envelopes)
    assert "next: Ended} # " in draft.text
    assert share_that_conforms(draft, envelopes) == 1.0


def test_rare_events_are_left_out_and_named() -> None:
    envelopes = log(ORDER, 300, seed=8)
    for number in (10, 20):
        envelopes.append({**envelopes[number], "id": f"rare-{number}", "detail-type": "Order Looked At"})
    draft = draft_of(envelopes)
    assert draft.left_out == [("Order Looked At", 2)]
    assert "Looked At" not in draft.text


def test_an_entity_that_begins_again_has_two_journeys() -> None:
    envelopes = log(ORDER, 200, seed=1)
    later = [{**one, "id": f"again-{one['id']}", "time": one["time"] + 10_000_000.0} for one in envelopes]
    draft = draft_of(envelopes + later)
    assert len(draft.journeys.over) + len(draft.journeys.running) == 400
    assert draft.measures.fitting == 1.0


def test_a_start_event_that_comes_again_in_a_case_is_a_step_of_it() -> None:
    envelopes = []
    for number in range(100):
        walked = ["Rated"] * (1 + number % 2) + ["Taken", "Closed"]
        for position, name in enumerate(walked):
            time, about = 1_700_000_000.0 + 100 * number + 7 * position, {"id": f"ticket-{number}"}
            envelopes.append(
                {"id": f"{number}-{position}", "detail-type": name, "source": "desk", "time": time, "detail": about}
            )
    for are_cases in (False, True):
        draft = draft_of(envelopes, are_cases=are_cases)
        assert "await: {Rated: Rated2, Taken: Taken}" in draft.text
        assert len(draft.journeys.over) == 100
        assert share_that_conforms(draft, envelopes) == 1.0


def test_stays_of_less_than_the_second_that_times_are_told_in_are_said_to_be_within_it() -> None:
    envelopes = [{**one, "time": float(int(one["time"] / 10_000))} for one in log(ORDER, 100, seed=3)]
    text = draft_of(envelopes).text
    assert "half within 1\N{NARROW NO-BREAK SPACE}second\n" in text
    assert "within 0" not in text


def test_a_start_event_that_begins_few_journeys_begins_them_where_it_leads() -> None:
    envelopes = log(ORDER, 300, seed=3)
    for number in range(6):  # 2 % of the journeys, less than the noise
        first = next(one for one in envelopes if one["detail"]["id"] == f"entity-{number}")
        early = {"id": f"imported-{number}", "detail-type": "Order Imported", "time": first["time"] - 5.0}
        envelopes.append({**first, **early})
        envelopes.append(
            {**first, **early, "id": f"seen-{number}", "detail-type": "Order Seen", "time": 1.8e9 + number}
        )
    draft = draft_of(envelopes)
    assert "start:\n  Order Placed: Placed\n  Order Imported: Imported\n" in draft.text
    assert (
        "  Imported: # 6 visits, half within 5\N{NARROW NO-BREAK SPACE}seconds\n    await: {Order Placed: Placed}\n"
        in draft.text
    )
    assert draft.left_out == [("Order Seen", 6)]
    left = [one for one in envelopes if one["detail-type"] != "Order Seen"]
    assert share_that_conforms(draft, left) == 1.0


def test_more_is_left_out_than_usual_where_that_fits_better() -> None:
    choice = random.Random(5)  # noqa: S311 - to be repeated
    envelopes = []
    for number in range(100):
        walked = ["Begun"]
        for place in range(3):
            walked += [f"Done {place}", *([choice.choice("ABC")] if choice.random() < 0.21 else [])]
        for position, name in enumerate([*walked, "Closed"]):
            time, about = 1_700_000_000.0 + 100 * number + 7 * position, {"id": f"entity-{number}"}
            envelopes.append(
                {"id": f"{number}-{position}", "detail-type": name, "source": "hr", "time": time, "detail": about}
            )
    usual, found = draft_of(envelopes), draft_of(envelopes, noise=None)
    assert (usual.noise, usual.transitions) == (USUAL_NOISE, 18)
    assert (found.noise, found.transitions) == (0.1, 4)
    assert found.measures.f_score > usual.measures.f_score + 0.03


@pytest.mark.parametrize(("days", "is_said"), [(10, True), (300, False)])
def test_what_no_journey_lives_to_see_is_not_expected(days: int, is_said: bool) -> None:
    envelopes = [
        {"detail-type": name, "source": "s", "time": 1.7e9 + order + at * days * 86_400, "detail": {"id": f"o{order}"}}
        for order in range(40)
        for at, name in enumerate(["Begun", "Ended"])
    ]
    assert ("expected:" in draft_of(envelopes).text) is is_said


def test_nothing_can_be_learned_of_nothing() -> None:
    with pytest.raises(NothingToLearnError, match="there is no event with a 'detail-type'"):
        draft_of([])
    with pytest.raises(NothingToLearnError, match="none of 1 objects is an event: the first has the fields 'no', and"):
        draft_of([{"no": "event"}])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(), ("noted",), ("withdrawn",), ("noted", "withdrawn"), ("listed",)]))
def test_of_random_choreographies_all_journeys_fit_and_the_draft_stays_small(
    seed: int, having: tuple[str, ...]
) -> None:
    envelopes, steps = walks_of(random.Random(seed), 150, **dict.fromkeys(having, True))  # noqa: S311
    draft = draft_of(envelopes, noise=0.0)
    assert share_that_conforms(draft, envelopes) == 1.0, draft.text
    assert draft.transitions <= 3 * steps + 3, draft.text


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(), ("noted",), ("withdrawn",)]))
def test_of_random_choreographies_with_items_of_items_all_journeys_fit(seed: int, besides: tuple[str, ...]) -> None:
    having = dict.fromkeys(("listed", "nested", *besides), True)
    envelopes, steps = walks_of(random.Random(seed), 80, **having)  # noqa: S311
    draft = draft_of(envelopes, noise=0.0)
    assert draft.text.count(" each:\n") == 2, draft.text
    assert share_that_conforms(draft, envelopes) == 1.0, draft.text
    assert draft.transitions <= 3 * steps + 3, draft.text


@pytest.mark.parametrize("besides", [("noted",), ("withdrawn",), ("noted", "withdrawn")])
@pytest.mark.parametrize("seed", range(4))
def test_of_random_choreographies_with_items_all_is_learned_that_comes_among_them(
    seed: int, besides: tuple[str, ...]
) -> None:
    envelopes, steps = walks_of(random.Random(seed), 150, listed=True, **dict.fromkeys(besides, True))  # noqa: S311
    draft = draft_of(envelopes, noise=0.0)
    assert "    each:\n" in draft.text
    assert share_that_conforms(draft, envelopes) == 1.0, draft.text
    assert draft.transitions <= 3 * steps + 3, draft.text
