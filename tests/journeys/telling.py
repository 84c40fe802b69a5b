"""A run that came out wrong, told so that somebody can see why."""

import json
from collections.abc import Iterator, Sequence

from journeys.cases import Case, Result
from journeys.course import Course
from journeys.playing import Delivered, Verdict


def told(result: Result) -> str:
    """Everything about a run: what was defined and happened, what went wrong, what became of it."""
    return "\n".join(_lines(result))


def _lines(result: Result) -> Iterator[str]:
    case = result.case
    yield f"seed {case.seed}: {_summary(result)}"
    yield case.definition.text
    plan = case.plan
    yield (
        f"events may be late by {plan.lag:g} s, recorded by {plan.order_delay:g} s, used by {plan.drift:g} s; "
        f"{case.horizon:g} s pass"
    )
    yield f"what goes wrong: {_disturbances(case)}"
    for course, one in zip(case.courses(), case.series, strict=True):
        yield f"entity {one.entity!r}:"
        yield from (f"  {line}" for line in _series([d for d in case.deliveries if d.happening in one.happenings]))
        yield from (f"    {at - _epoch():g} {happening}" for at, happening in _shortened(course))
    for entity, says, became in result.wrong:
        yield f"entity {entity!r}"
        yield f"  should: {_verdict(says)}"
        yield f"  became: {_verdict(became)}"
        yield f"  differs: {_difference(says, became)}"
    yield from (f"left over: {one}" for one in result.left)
    if result.error:
        yield f"error: {result.error}"


def _epoch() -> float:
    from world.clock import EPOCH

    return EPOCH


def _summary(result: Result) -> str:
    return f"{len(result.wrong)} of {len(result.case.series)} entities wrong, {len(result.left)} things left over"


def _disturbances(case: Case) -> str:
    return str(case.disturbances)


def _series(deliveries: Sequence[Delivered]) -> Iterator[str]:
    for one in deliveries:
        happening = one.happening
        detail = json.dumps(happening.detail, ensure_ascii=False)
        arrivals = ", ".join(f"{arrival:g}" for arrival in one.arrivals)
        alone = "alone" if happening.alone else "burst"
        yield f"{happening.at:>9g} {happening.id} of {happening.source} ({alone}) arrives {arrivals}  {detail}"


def _shortened(course: Course) -> Iterator[tuple[float, str]]:
    for at, happening in course.log:
        fields = happening._asdict()
        fields.pop("at", None)
        if "event" in fields:
            fields["event"] = fields["event"].id
        yield at, f"{type(happening).__name__} {fields}"


def _verdict(verdict: Verdict) -> str:
    journeys = "; ".join(f"{one.status} {one.where} ({one.events} events)" for one in verdict.journeys)
    return f"{journeys}  deviations {sorted(verdict.deviations)}"


def _difference(says: Verdict, became: Verdict) -> str:
    used = {
        event: (says.used.get(event, 0), became.used.get(event, 0))
        for event in sorted(says.used.keys() | became.used.keys())
        if says.used.get(event, 0) != became.used.get(event, 0)
    }
    return f"deviations {sorted(says.deviations ^ became.deviations)}, used (should, was) {used}"
