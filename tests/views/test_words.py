"""Numbers, spans and moments as a page says them."""

from datetime import timedelta, timezone

import pytest

from choreography_insights.views.known import Deviation
from choreography_insights.views.words import Clock, brief, cause, listed, many, share, short_number, span

NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("seconds", "said", "briefly"),
    [
        (0.0, f"0{NARROW}seconds", f"0{NARROW}s"),
        (0.25, f"0.25{NARROW}seconds", f"0.25{NARROW}s"),
        (1.0, f"1{NARROW}second", f"1{NARROW}s"),
        (59.4, f"59{NARROW}seconds", f"59{NARROW}s"),
        (59.6, "1 minute", f"1{NARROW}min"),
        (3_660.0, "1 hour 1 minute", f"1{NARROW}h 1{NARROW}min"),
        (187_200.0, "2 days 4 hours", f"2{NARROW}d 4{NARROW}h"),
        (864_000.0 + 7_200, "10 days", f"10{NARROW}d"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(seconds: float, said: str, briefly: str) -> None:
    assert (span(seconds), brief(seconds)) == (said, briefly)


def test_a_moment_is_said_as_the_viewers_clock_shows_it() -> None:
    clock = Clock(90_000.0, timezone(timedelta(hours=2), "EET"))
    assert clock.moment(3_600.0) == "1970-01-01 03:00:00 EET"
    assert (clock.ago(3_600.0), clock.ago(90_000.0), clock.ago(90_120.0)) == ("1 day ago", "now", "in 2 minutes")


def test_a_share_is_never_rounded_to_all_or_nothing() -> None:
    assert [share(part, 1_000) for part in (0, 1, 500, 999, 1_000)] == [
        f"0{NARROW}%",
        f"under 1{NARROW}%",
        f"50{NARROW}%",
        f"over 99{NARROW}%",
        f"100{NARROW}%",
    ]


def test_numbers_have_what_they_count() -> None:
    assert (many(1, "day"), many(1_234, "way")) == ("1 day", "1,234 ways")
    assert [short_number(one) for one in (9_999, 12_345, 1_234_567)] == ["9,999", "12k", "1.2M"]
    assert (listed([]), listed(["a"]), listed(["a", "b", "c"])) == ("", "a", "a, b or c")


def test_a_cause_says_what_was_met_and_what_is_accepted_there() -> None:
    deviation = Deviation(1.0, "7", "Paid", "id", 1.0, "UnexpectedEvent", (("Open", ("Sent", "Paid")), ("Held", ())))
    assert cause(deviation) == (
        "no state accepted it within the grace period; Open accepts Sent or Paid, but none like this one; "
        "Held accepts no event"
    )


def test_a_cause_counts_the_items_of_a_list_whose_waits_accept_the_same() -> None:
    waits = (("Sent[1]", ("Lost",)), ("Packed[2]", ("Paid",)), ("Sent[3]", ("Lost",)), ("Sent[4]", ("Found",)))
    deviation = Deviation(1.0, "7", "Paid", "id", 1.0, "UnexpectedEvent", waits)
    assert cause(deviation) == (
        "no state accepted it within the grace period; Sent[2 items] accepts Lost; "
        "Packed[2] accepts Paid, but none like this one; Sent[4] accepts Found"
    )
