"""What is asked before a decision: the journey and the rows of its events are not read at one moment."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from choreography_insights.runtime.errors import RetryLater
from choreography_insights.runtime.inquiries import MAX_ROUNDS, inquire, of_one_moment
from choreography_insights.runtime.journey import EventRow, Journey, Snapshot, Status
from choreography_insights.runtime.steps import Question, ReadRows

from .samples import EXECUTION, NOW, ORDER, event

ROW = EventRow("e-1", Status.KEPT, "Order Confirmed", NOW, NOW, NOW + 60)
RUNNING = Journey("order#o-1", EXECUTION, "RUNNING")
KEPT = RUNNING._replace(kept={"e-1": ROW.as_kept})
START_KEPT = RUNNING._replace(starts={"e-1": ROW.as_kept})
CLAIMED = RUNNING._replace(claimed={"e-1": ROW.as_kept})


def seen(journey: Journey, status: Status) -> Snapshot:
    """A snapshot in which the journey and the event's row were read."""
    return Snapshot(journey).with_rows([ROW._replace(status=status)], ["e-1"])


def table_of(*snapshots: Snapshot) -> Any:
    """Ports to a table that is like this, read after read; then as at last."""
    left = list(snapshots)

    def read_with(key: str, event_ids: Iterable[str]) -> Snapshot:
        assert (key, list(event_ids)) == ("order#o-1", ["e-1"])
        return left.pop(0) if len(left) > 1 else left[0]

    return SimpleNamespace(table=SimpleNamespace(read_with=read_with))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(seen(KEPT, Status.CLAIMED), seen(CLAIMED, Status.CLAIMED), id="claimed since"),
        pytest.param(seen(START_KEPT, Status.STARTING), seen(RUNNING, Status.STARTING), id="begins since"),
        pytest.param(seen(CLAIMED, Status.KEPT), seen(KEPT, Status.KEPT), id="given back since"),
    ],
)
def test_a_row_that_has_changed_since_the_journey_was_read_has_it_read_again(old: Snapshot, new: Snapshot) -> None:
    assert of_one_moment(old, table_of(old, new)) == new


@pytest.mark.parametrize("as_it_is", [seen(KEPT, Status.KEPT), seen(CLAIMED, Status.CLAIMED)])
def test_what_fits_together_is_not_read_again(as_it_is: Snapshot) -> None:
    assert of_one_moment(as_it_is, SimpleNamespace()) is as_it_is  # type: ignore[arg-type]  # no table


def test_a_journey_that_never_holds_still_has_its_message_come_again() -> None:
    torn = seen(CLAIMED, Status.KEPT)
    with pytest.raises(RetryLater, match=rf"'order#o-1' changed {MAX_ROUNDS} times while it was read"):
        of_one_moment(torn, table_of(torn))


def test_of_two_messages_with_the_same_id_the_one_whose_row_was_read_counts() -> None:
    recorded, other = (event(detail={"id": "o-1", "result": said}) for said in ("yes", "no"))
    row = ROW._replace(time=recorded.time, payload=recorded.payload)
    ports: Any = SimpleNamespace(table=SimpleNamespace(read_rows=lambda *_: [row]))
    known = inquire(ReadRows(("e-1",)), Question("event", other, ORDER, Snapshot(KEPT), NOW), ports)
    assert (known.row, known.event) == (row, recorded)
