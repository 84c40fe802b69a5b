"""The rows of other names: every call, its conditions met and broken, on both engines."""

from choreography_insights.core.keys import name_key
from choreography_insights.runtime.journey import Status
from choreography_insights.runtime.name_rows import NameRow
from choreography_insights.runtime.steps import Deviation
from choreography_insights.runtime.table import JourneyTable

from .samples import NOW, ORDER, event

KEY = name_key("order", "T-1")
DEVIATION = Deviation("NoJourney", "in words")
LATER = int(NOW) + 1_000


def waits(table: JourneyTable, event_id: str = "e-1", teaches: tuple[tuple[str, str], ...] = ()) -> bool:
    one = event(event_id=event_id)
    return table.wait_for_name(KEY, "shipment", one, ORDER, teaches, now=NOW, deadline=NOW + 180, due_at=None)


def test_a_name_is_nobodys_until_it_is_taught(table: JourneyTable) -> None:
    assert table.read_name(KEY, "shipment") == NameRow()
    assert table.teach(KEY, "shipment", "o-1", LATER) == ()
    assert table.read_name(KEY, "shipment") == NameRow("o-1")
    assert table.read_name(KEY, "label") == NameRow()


def test_a_name_is_taught_for_one_entity_as_often_as_one_likes(table: JourneyTable) -> None:
    assert table.teach(KEY, "shipment", "o-1", LATER) == ()
    assert table.teach(KEY, "shipment", "o-2", LATER) is None
    assert table.teach(KEY, "shipment", "o-1", LATER) == ()
    assert table.read_name(KEY, "shipment").entity == "o-1"


def test_who_teaches_a_name_learns_who_waits_for_it(table: JourneyTable) -> None:
    assert waits(table, "e-2")
    assert waits(table, "e-1", (("label", "9"),))
    assert table.read_name(KEY, "shipment") == NameRow(None, was_awaited=True)
    assert table.teach(KEY, "shipment", "o-1", LATER) == ("e-1", "e-2")
    assert table.read_name(KEY, "shipment") == NameRow("o-1", was_awaited=True)
    found = table.read_waiting(KEY, "e-1")
    assert found is not None
    assert found.teaches == (("label", "9"),)
    assert (found.row.status, found.row.arrived_at, found.row.deadline) == (Status.KEPT, NOW, NOW + 180)
    assert found.row.known_as == "shipment"


def test_an_event_waits_once_and_only_while_the_name_is_nobodys(table: JourneyTable) -> None:
    assert waits(table)
    assert not waits(table)
    assert table.teach(KEY, "shipment", "o-1", LATER) == ("e-1",)
    assert not waits(table, "e-2")
    assert table.read_waiting(KEY, "e-2") is None


def test_an_event_that_has_left_its_name_is_not_told_of_it_again(table: JourneyTable) -> None:
    assert waits(table)
    table.teach(KEY, "shipment", "o-1", LATER)
    table.leave_name(KEY, "shipment", "e-1")
    table.leave_name(KEY, "shipment", "e-1")
    assert table.read_waiting(KEY, "e-1") is None
    assert table.teach(KEY, "shipment", "o-1", LATER) == ()


def test_an_event_is_reported_only_while_the_name_is_nobodys(table: JourneyTable) -> None:
    assert waits(table, "e-1")
    assert waits(table, "e-2")
    assert table.claim_untaught(KEY, "shipment", event(event_id="e-1"), DEVIATION, NOW)
    assert not table.claim_untaught(KEY, "shipment", event(event_id="e-1"), DEVIATION, NOW)
    found = table.read_waiting(KEY, "e-1")
    assert found is not None
    assert (found.row.status, found.row.known_as) == (Status.REPORTING, "shipment")
    assert table.teach(KEY, "shipment", "o-1", LATER) == ("e-2",)
    assert not table.claim_untaught(KEY, "shipment", event(event_id="e-2"), DEVIATION, NOW)
    table.leave_name(KEY, "shipment", "e-1")  # what is reported stays, so that a duplicate meets it
    assert table.read_waiting(KEY, "e-1") is not None
