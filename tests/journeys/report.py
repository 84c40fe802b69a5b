"""A run that came out wrong, told so that somebody can see why."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from fake_aws.clock import EPOCH
from journeys.cases import Case, Result
from journeys.disturbances import Disturbances
from journeys.playing import Delivered, Verdict
from journeys.trace import Course


def told(result: Result) -> str:
    """Everything about a run: what was defined and happened, what went wrong, what became of it."""
    return "\n".join(_lines(result))


def _lines(result: Result) -> Iterator[str]:
    case = result.case
    yield f"seed {case.seed}: {_summary(result)}"
    yield from _definition(case)
    plan = case.plan
    yield (
        f"events may be late by {plan.lag:g} s, recorded by {plan.order_delay:g} s, used by {plan.drift:g} s; "
        f"{case.horizon:g} s pass"
    )
    yield f"what goes wrong: {_disturbances(case)}"
    for trace, one in zip(case.traces(), case.series, strict=True):
        yield f"entity {one.entity!r}:"
        yield from (f"  {line}" for line in _series([d for d in case.deliveries if d.happening in one.happenings]))
        yield from (f"    {at - EPOCH:g} {happening}" for at, happening in _shortened(trace))
    for entity, says, became in result.wrong:
        yield f"entity {entity!r}"
        yield f"  should: {_verdict(says)}"
        yield f"  became: {_verdict(became)}"
        yield f"  differs: {_difference(says, became)}"
    yield from (f"left over: {one}" for one in result.left)
    if result.error:
        yield f"error: {result.error}"


def _definition(case: Case) -> Iterator[str]:
    settings = dict(case.definition.spec)
    states = settings.pop("states")
    yield _as_json(settings)
    yield from (f"  {name}: {_as_json(state)}" for name, state in states.items())


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _summary(result: Result) -> str:
    return f"{len(result.wrong)} of {len(result.case.series)} entities wrong, {len(result.left)} things left over"


def _disturbances(case: Case) -> str:
    what, plain = case.disturbances, Disturbances(seed=0)
    said = {one.name: getattr(what, one.name) for one in fields(what)}
    return ", ".join(f"{name}={value!r}" for name, value in said.items() if value != getattr(plain, name))


def _series(deliveries: Sequence[Delivered]) -> Iterator[str]:
    for one in deliveries:
        happening = one.happening
        detail = _as_json(happening.detail)
        arrivals = ", ".join(f"{arrival:g}" for arrival in one.arrivals)
        alone = "alone" if happening.alone else "burst"
        yield f"{happening.at:>9g} {happening.id} of {happening.source} ({alone}) arrives {arrivals}  {detail}"


def _shortened(trace: Course) -> Iterator[tuple[float, str]]:
    for at, happening in trace.log:
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
