"""How long things took, in buckets."""

import json
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.views.histogram import Histogram
from choreography_insights.views.known import StateKnown

spans = st.lists(st.floats(min_value=0, max_value=4e8), min_size=1)


def of(seconds: list[float]) -> Histogram:
    found = Histogram()
    for one in seconds:
        found.add(one)
    return found


@given(spans, st.sampled_from([0.01, 0.5, 0.95, 1.0]))
def test_a_quantile_is_within_five_percent(seconds: list[float], share: float) -> None:
    exact = sorted(seconds)[max(0, ceil(share * len(seconds)) - 1)]
    assert of(seconds).quantile(share) == pytest.approx(exact, rel=0.05, abs=0.001)


@given(spans, spans)
def test_merged_is_as_if_all_had_been_added_to_one(some: list[float], others: list[float]) -> None:
    merged = of(some)
    merged.merge(of(others))
    both = of([*some, *others])
    assert (merged.counts, merged.count, merged.longest) == (both.counts, both.count, both.longest)
    assert merged.seconds == pytest.approx(both.seconds)


@given(spans)
def test_it_is_the_same_after_json(seconds: list[float]) -> None:
    assert Histogram.of_json(json.loads(json.dumps(of(seconds).as_json()))) == of(seconds)


@given(spans)
def test_each_span_lies_in_its_bucket(seconds: list[float]) -> None:
    for one in seconds:
        (bucket,) = of([one]).counts
        lower, upper = of([one]).bounds(bucket)
        assert lower * 0.999999 <= one <= upper * 1.000001


def test_of_few_nothing_is_late() -> None:
    assert not of([1.0] * 19).is_late(100.0)
    assert of([1.0] * 20).is_late(100.0)
    assert not of([1.0] * 20).is_late(1.0)


def test_where_a_line_is_done_nothing_is_late() -> None:
    assert StateKnown("Painted", spent=of([1.0] * 20)).is_late(100.0)
    assert not StateKnown("Painted", spent=of([1.0] * 20), done=True).is_late(100.0)


def test_late_is_what_takes_longer_than_95_percent_did() -> None:
    six_took_long, four_took_long = of([10.0] * 94 + [1_000.0] * 6), of([10.0] * 96 + [1_000.0] * 4)
    assert not six_took_long.is_late(500.0)
    assert four_took_long.is_late(500.0)


def test_of_none_everything_is_nought() -> None:
    none = Histogram()
    assert (none.median, none.quantile(0.95), none.mean, none.longest) == (0.0, 0.0, 0.0, 0.0)
