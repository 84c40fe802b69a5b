"""Making a run that came out wrong smaller: less of everything, as long as it still comes out wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from journeys.cases import Case, Result, judge
from journeys.disturbances import Disturbances
from journeys.playing import Delivered
from journeys.series import Happening, Series
from journeys.trace import Ambiguous

T = TypeVar("T")

_MOST_TRIES = 400

Judge = Callable[[Case], Result]


def shrunk(result: Result, judged: Judge = judge) -> Result:
    """The smallest run found in which something is wrong, made of that of *result*."""
    if any(one.element for series in result.case.series for one in series.happenings):
        return result  # what two have in common cannot be taken from one
    tries = _MOST_TRIES
    smaller = True
    while smaller and tries > 0:
        smaller = False
        for candidate in _smaller(result.case):
            tries -= 1
            found = _if_wrong(candidate, judged)
            if found is not None:
                result, smaller = found, True
                break
            if tries <= 0:
                break
    return result


def _if_wrong(candidate: Case, judged: Judge) -> Result | None:
    try:
        candidate.traces()
    except Ambiguous:
        return None
    found = judged(candidate)
    return None if found.is_right else found


def _smaller(case: Case) -> Iterator[Case]:
    """Every run with one thing less, the largest things first."""
    if len(case.series) > 1:
        yield from (_without_series(case, one) for one in case.series)
    for one in case.series:
        for happening in reversed(one.happenings):
            yield _without_happening(case, one, happening)
    yield from (replace(case, disturbances=less) for less in _less(case.disturbances))
    for at, delivered in enumerate(case.deliveries):
        if len(delivered.arrivals) > 1:
            yield _delivered(case, at, replace(delivered, arrivals=delivered.arrivals[:1]))
        if delivered.arrivals[0] > delivered.happening.at:
            yield _delivered(case, at, replace(delivered, arrivals=(delivered.happening.at,)))


def _delivered(case: Case, at: int, delivered: Delivered) -> Case:
    return replace(case, deliveries=(*case.deliveries[:at], delivered, *case.deliveries[at + 1 :]))


def _without_series(case: Case, series: Series) -> Case:
    gone = set(map(id, series.happenings))
    return replace(
        case,
        series=tuple(one for one in case.series if one is not series),
        deliveries=tuple(one for one in case.deliveries if id(one.happening) not in gone),
    )


def _without_happening(case: Case, series: Series, happening: Happening) -> Case:
    less = replace(series, happenings=tuple(one for one in series.happenings if one is not happening))
    return replace(
        case,
        series=tuple(less if one is series else one for one in case.series),
        deliveries=tuple(one for one in case.deliveries if one.happening is not happening),
    )


def _less(what: Disturbances) -> Iterator[Disturbances]:
    yield from (replace(what, faults=fewer) for fewer in _fewer(what.faults))
    yield from (replace(what, late_writes=fewer) for fewer in _fewer(what.late_writes))
    yield from (replace(what, repeated=fewer) for fewer in _fewer(what.repeated))
    plain = Disturbances(seed=what.seed)
    for less in (
        replace(what, words=plain.words),
        replace(what, too_soon=False),
        replace(what, stored_twice=False),
        replace(what, abandoned=False),
        replace(what, interleaved=False),
        replace(what, batches=False),
        replace(what, page=plain.page),
    ):
        if less != what:
            yield less


def _fewer(those: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    """None of *those*, or all but one."""
    if those:
        yield ()
    if len(those) > 1:
        yield from ((*those[:at], *those[at + 1 :]) for at in range(len(those)))
