"""Whether something is more frequent by more than chance."""

import random
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.analysis.significance import Counts, significant


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    total = draw(st.integers(1, 60))
    group, have = draw(st.integers(0, total)), draw(st.integers(0, total))
    both = draw(st.integers(max(0, group + have - total), min(group, have)))
    return Counts(total, group, have, both)


@given(counts())
def test_a_probability_is_that_of_drawing_as_many_at_random(one: Counts) -> None:
    ways = sum(
        comb(one.have, both) * comb(one.all - one.have, one.group - both)
        for both in range(one.both, min(one.group, one.have) + 1)
    )
    assert one.probability == pytest.approx(ways / comb(one.all, one.group), rel=1e-6)
    assert one.least_probability <= one.probability * (1 + 1e-9)


def test_the_lady_who_tasted_tea() -> None:
    assert Counts(8, 4, 4, 4).probability == pytest.approx(1 / 70)


def test_tests_that_could_not_succeed_do_not_count() -> None:
    strong, hopeless = Counts(200, 20, 20, 12), Counts(200, 20, 1, 1)
    alone = significant([strong])[0]
    assert alone == pytest.approx(strong.probability)
    assert significant([strong, *[hopeless] * 1_000])[0] == alone
    assert significant([hopeless]) == [None]


def test_the_more_is_tried_the_less_is_significant() -> None:
    one = Counts(100, 10, 20, 7)
    assert one.probability < 0.005
    assert significant([one])[0] == pytest.approx(one.probability)
    assert significant([one] * 200) == [None] * 200


def test_of_many_tries_without_a_reason_one_in_twenty_at_most_finds_something() -> None:
    tries, found, naive = 300, 0, 0
    for seed in range(tries):
        chance = random.Random(seed)  # noqa: S311  # nobody guesses it
        tested = []
        for _ in range(40):
            have = chance.sample(range(100), chance.randint(5, 50))
            tested.append(Counts(100, 10, len(have), sum(one < 10 for one in have)))
        found += any(one is not None for one in significant(tested))
        naive += any(one.probability <= 0.05 for one in tested)
    assert found <= 0.05 * tries
    assert naive > 0.5 * tries
