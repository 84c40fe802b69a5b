"""What has come so far, of what a state counts."""

from choreography_insights.core.fields import epoch_seconds
from choreography_insights.runtime.counting import counted, handed_on, since, since_when
from choreography_insights.runtime.event import Event

BEGUN = {"since": "A #1#2026-01-01T00:00:00.5", "came": 0, "of": {}, "timeout": 60, "seconds": 60}
AT = epoch_seconds("2026-01-01T00:00:00.5Z")


def event(**detail: object) -> Event:
    return Event("1", "y", 0.0, "1", {"detail": detail}, 0.0)


def test_events_of_each_kind_are_counted_for_themselves() -> None:
    tally = counted(counted(counted(BEGUN, "0", event(), None), "1", event(), None), "0", event(), None)
    assert (tally["came"], tally["of"]) == (2, {"0": 2, "1": 1})


def test_of_those_with_one_id_one_counts() -> None:
    tally = BEGUN
    for by in ("ann", 7, "ann", 7.0, None):
        tally = {**counted(tally, "0", event(by=by), "$.detail.by")}
    assert (tally["came"], tally["of"]) == (2, {"0": ["ann", "7"]})


def test_what_begun_when_stands_behind_the_name_of_the_state() -> None:
    assert since(BEGUN) == "2026-01-01T00:00:00.5"
    assert since_when(BEGUN) == AT


def test_step_functions_gets_what_is_left_of_the_time_in_whole_seconds_and_at_least_one() -> None:
    assert [handed_on(BEGUN, AT + after)["seconds"] for after in (0, 0.5, 59.5, 60, 99)] == [60, 60, 1, 1, 1]
    without = {key: value for key, value in BEGUN.items() if key not in ("timeout", "seconds")}
    assert handed_on(without, AT) == without
