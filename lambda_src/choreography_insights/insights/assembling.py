"""What is known of a choreography, put together of what its rows say: values in, values out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from choreography_insights.core.keys import id_of
from choreography_insights.insights.counted import entered, exits, started
from choreography_insights.insights.counts import Counts
from choreography_insights.insights.deviating import groups
from choreography_insights.insights.inside import Inside
from choreography_insights.insights.rows import JourneyFound
from choreography_insights.insights.waiting import Held, Limits
from choreography_insights.views.flow import Flow
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.known import (
    ChoreographyKnown,
    Curve,
    Deviation,
    JourneyRow,
    Period,
    StateKnown,
    Waiter,
)
from choreography_insights.views.layout import Layout

_NOTHING = Histogram()

LONGEST = 20
"""So many of those who wait in a state are named."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A choreography as the table has it: its picture, where its states lead, and which *version* of it that is."""

    name: str
    description: str
    version: str
    layout: Layout
    flow: Flow


@dataclass(frozen=True, slots=True)
class Found:
    """What was read of a choreography; counted is what happened *counted_from* then on.

    *held*: who waits in its outermost states. *inside*: who is in those that lie in them, as far as was looked; of the
    states named in *unseen* not all were looked at. *deviations*: the newest. *waiters*: who waits longest, where
    somebody asks.
    """

    stored: Stored
    counts: Counts
    curve: Curve | None = None
    counted_from: float = 0.0
    held: Mapping[str, Held] = field(default_factory=dict)
    inside: Mapping[str, Sequence[Inside]] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    deviations: Sequence[Deviation] = ()
    waiters: Mapping[str, Sequence[Waiter]] = field(default_factory=dict)


def limits(flow: Flow, counts: Counts) -> dict[str, Limits]:
    """Return from when on a wait in each state is late, and overdue."""
    return {
        name: Limits(
            counts.spent.get(name, _NOTHING).late_after, flow.states[name].expected if name in flow.states else None
        )
        for name in {**flow.states, **counts.spent}
    }


def choreography_known(found: Found, period: Period, now: float) -> ChoreographyKnown:
    """Return what views show of it."""
    flow, counts = found.stored.flow, found.counts
    times, ended = entered(flow, counts), _ended(counts)
    own = (name for name, state in flow.states.items() if state.kind != "anytime")
    names = dict.fromkeys((*own, *counts.spent, *ended, *found.held, *found.inside))
    states = {name: _state(found, name, times.get(name, 0), ended[name], now) for name in names}
    has_targets = any(state.expected is not None for state in states.values())
    return ChoreographyKnown(
        name=found.stored.name,
        layout=found.stored.layout,
        period=replace(period, start=max(period.start, found.counted_from)),
        description=found.stored.description,
        running=sum(held.waiting for held in found.held.values()),
        started=started(counts),
        outcomes=counts.outcomes,
        states=states,
        transitions=counts.transitions,
        exits=exits(flow, counts),
        curve=found.curve,
        deviations=max(counts.deviations.total(), len(found.deviations)),
        groups=groups(flow, counts.deviations, found.deviations),
        overdue=sum(state.overdue or 0 for state in states.values()) if has_targets else None,
        uncounted=any(held.uncounted for held in found.held.values()),
    )


def _ended(counts: Counts) -> Counter[str]:
    ended: Counter[str] = Counter()
    for (_, state), times in counts.outcomes.items():
        ended[state] += times
    return ended


def _state(found: Found, name: str, times: int, ended: int, now: float) -> StateKnown:
    state = found.stored.flow.states.get(name)
    expected = state.expected if state else None
    spent = found.counts.spent.get(name, _NOTHING)
    known = StateKnown(
        name, entered=times, ended=ended, spent=spent, expected=expected, done=state.done if state else False
    )
    held = found.held.get(name)
    if held is None:
        held = _of_lines(found.inside.get(name, ()), known, now)
        held.uncounted = name in found.unseen
    return replace(
        known,
        waiting=held.waiting,
        oldest=held.rows[0][0] if held.rows else None,
        late=held.late,
        overdue=None if expected is None else held.overdue,
        longest=tuple(found.waiters.get(name, ())),
        uncounted=held.uncounted,
    )


def _of_lines(lines: Iterable[Inside], state: StateKnown, now: float) -> Held:
    rows = sorted((one.since, one.key) for one in lines)
    return Held(
        waiting=len(rows),
        late=sum(state.is_late(now - since) for since, _ in rows),
        overdue=sum(state.is_overdue(now - since) for since, _ in rows),
        rows=rows,
    )


def waiters(lines: Iterable[Inside]) -> list[Waiter]:
    """Return those who wait longest, as views name them."""
    longest = sorted(lines, key=lambda one: one.since)[:LONGEST]
    return [Waiter(id_of(one.key), one.since, one.accepts, id_of(one.key)) for one in longest]


def journey_row(found: JourneyFound, limits: Mapping[str, Limits], now: float, deviations: int = 0) -> JourneyRow:
    """Return a journey as a list shows it. Where one ended its row does not say, nor by how many events."""
    late = limits.get(found.state or "", Limits()).late
    waits = found.status == "RUNNING" and found.since is not None
    return JourneyRow(
        entity=found.entity,
        status=found.status,
        state=(found.state or "") if waits else "",
        started=found.started,
        ended=found.ended,
        events=None,
        deviations=deviations,
        late=waits and late is not None and now - (found.since or now) > late,
        key=found.entity,
    )
