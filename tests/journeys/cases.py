"""A run, whole: drawn from its seed, played, and held against replay."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from choreography_insights.replay.engine import replay
from choreography_insights.replay.event import Event
from fake_aws import FakeAws
from fake_aws.clock import EPOCH
from journeys.definitions import Definition, definition
from journeys.disturbances import Disturbances, come_promptly, disturbances, words
from journeys.forms import counted
from journeys.plans import Plan, plan
from journeys.playing import Delivered, Journey, Verdict, left_over, played, verdict
from journeys.randomness import Dice
from journeys.series import Happening, Series, follow, series, twins
from journeys.trace import Ambiguous, Course
from support.whereabouts import lost_sight_of

_MOST_ENTITIES = 4
_TRIES_TO_TELL = 4


@dataclass(frozen=True)
class Case:
    """Everything about one run: values, of which the same always becomes the same."""

    seed: int
    definition: Definition
    plan: Plan
    series: tuple[Series, ...]
    deliveries: tuple[Delivered, ...]
    disturbances: Disturbances

    @property
    def horizon(self) -> float:
        """How many seconds the run takes."""
        return max(one.horizon for one in self.series)

    def traces(self) -> list[Course]:
        """What replay makes of each series; raises `Ambiguous` where the promises leave a choice."""
        prompt = self.disturbances.prompt
        return [follow(self.definition, self.plan, one, prompt=prompt) for one in self.series]


@dataclass
class Result:
    """What came of a case: by entity what replay says and what became of it, where these differ; what was met."""

    case: Case
    journeys: int = 0
    wrong: list[tuple[str, Verdict, Verdict]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    error: str = ""
    met: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)

    @property
    def is_right(self) -> bool:
        """Whether everything became what replay says, and nothing is left over."""
        return not (self.wrong or self.left or self.error)


# ---- drawing --------


def case(seed: int) -> Case:
    """The case of this *seed*."""
    dice = Dice(f"journeys {seed}")
    while (drawn := _drawn(seed, dice)) is None:
        pass
    return drawn


def _drawn(seed: int, dice: Dice) -> Case | None:
    chosen = plan(dice)
    written = definition(dice, chosen)
    told = words(dice)
    prompt = come_promptly(told)
    entities = dice.some_of(_ENTITIES, dice.between(1, _MOST_ENTITIES))
    found = [series(written, chosen, dice, entity, prompt=prompt) for entity in entities]
    drawn = [one for one in found if one is not None]
    horizon = max((one.horizon for one in drawn), default=0.0)
    lasting = [last for one in drawn if (last := _until(written, chosen, one, horizon, prompt=prompt)) is not None]
    if not lasting:
        return None
    if any(one.is_about_several for one in lasting[0].happenings):
        other = next(name for name in _ENTITIES if name not in entities)
        lasting[:1] = twins(lasting[0], other)
    deliveries = [
        Delivered(one, _arrivals(written, one, chosen, dice, horizon), _has_own_id(written, one))
        for entity in lasting
        for one in entity.happenings
        if not one.element
    ]
    what = disturbances(dice, chosen, told, len(deliveries))
    return Case(seed, written, chosen, tuple(lasting), tuple(deliveries), what)


_ENTITIES = ("1", "0012", "A-7", "übrig", "x y", "#/%s{}")


def _until(written: Definition, chosen: Plan, one: Series, horizon: float, *, prompt: bool) -> Series | None:
    """*one* until *horizon*; None if it is not certain what becomes of it until then."""
    longer = replace(one, horizon=horizon)
    try:
        follow(written, chosen, longer, prompt=prompt)
    except Ambiguous:
        return None
    return longer


def _has_own_id(written: Definition, one: Happening) -> bool:
    event = one.as_event(written.read, 0)
    return event is not None and event.id != one.id


def _arrivals(written: Definition, one: Happening, chosen: Plan, dice: Dice, horizon: float) -> tuple[float, ...]:
    """When *one* arrives. Start events do not overtake one another, nor are they overtaken by what comes after."""
    punctual = (chosen.starts_close or written.read.steps) and one.name in written.read.starts
    first = one.at + (dice.within(0.0, chosen.lag) if chosen.lag and not punctual and dice.chance(0.7) else 0.0)
    again = []
    if dice.chance(0.25):
        again = [dice.one_of((0.0, 0.0, 0.5, 3.0, 45.0, 1_000.0, 20_000.0)) for _ in range(dice.between(1, 2))]
    return first, *(first + later for later in again if first + later < horizon - 100.0)


# ---- judging --------


def expected(definition: Definition, one: Series, noted: Collection[str] = ()) -> Verdict:
    """What replay says of *one* at its horizon; the events *noted* move no journey."""
    read = definition.read
    events = [found for at, happening in enumerate(one.happenings) if (found := happening.as_event(read, at))]
    end = EPOCH + one.horizon
    journeys, met_none = replay(read, [*events, Event("", "", "", end, end)])
    deviations = [
        *(deviation for deviation in met_none if deviation.event.entity == one.entity),
        *(deviation for journey in journeys for deviation in journey.deviations),
    ]
    deviating = {deviation.event.id for deviation in deviations}
    return Verdict(
        tuple(
            Journey(
                found.status,
                (found.error or found.state) if found.status == "FAILED" else found.state,
                found.events - sum(found.noted.values()),
            )
            for found in sorted(journeys, key=lambda found: found.started_at)
        ),
        frozenset((deviation.event.id, deviation.reason) for deviation in deviations),
        {event.id: 1 for event in events if event.id not in {*deviating, *noted} and not read.is_retired(event)},
    )


def judge(drawn: Case, *, traces: Sequence[Course] | None = None) -> Result:
    """Play *drawn*, and hold what became of each entity against replay."""
    result = Result(drawn)
    traces = traces or drawn.traces()
    for trace in traces:
        result.forms += counted(drawn.definition.spec, trace)
    aws = played(drawn.definition.deployed, drawn.deliveries, drawn.disturbances, drawn.horizon, result.met)
    name = drawn.definition.read.name
    for one, trace in zip(drawn.series, traces, strict=True):
        says, became = expected(drawn.definition, one, trace.noted), verdict(aws, name, one.entity)
        result.journeys += len(says.journeys)
        if says != became:
            result.wrong.append((one.entity, says, became))
    result.left = [*left_over(aws), *_out_of_sight(aws, drawn.disturbances)]
    _count_deliveries(drawn, result.met)
    return result


def _out_of_sight(aws: FakeAws, what: Disturbances) -> list[str]:
    """The journeys of whose rows somebody learns where they are not.

    That may do a write that landed too late, and one that only tells where a journey is and was refused four times.
    """
    if what.abandoned or any(write.times >= _TRIES_TO_TELL for write in what.late_writes):
        return []
    lost = lost_sight_of(aws, ends_are_told=not any(word in ("lost", "late") for word in what.words))
    return [f"{key} is said to be in {says}, and is in {has}" for key, (says, has) in lost.items()]


def _count_deliveries(drawn: Case, met: Counter[str]) -> None:
    arrivals = [(one.arrivals[0], one.happening.at) for one in drawn.deliveries]
    met["event overtaken"] += sum(
        later[1] > earlier[1] and later[0] < earlier[0] for earlier in arrivals for later in arrivals
    )
    for one in drawn.deliveries:
        for again in one.arrivals[1:]:
            late = again - one.arrivals[0]
            met[
                "event again at once" if late < 1 else "event again later" if late < 100 else "event again much later"
            ] += 1
