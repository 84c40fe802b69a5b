"""Where time goes, in tables: states, ways, weekdays and hours, the slowest journeys, and what slow ones share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from choreography_insights.analysis.slowness import Common, Slow
from choreography_insights.analysis.times import WEEKDAYS, SlowJourney, Times
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown
from choreography_insights.views.parts import (
    Cell,
    Column,
    Viewer,
    empty,
    heading,
    journey_link,
    section,
    state_link,
    table,
    trail,
)
from choreography_insights.views.words import brief, number, share, visible

_MOST_STATES, _MOST_WAYS, _MOST_SLOW, _MOST_TRAITS = 100, 40, 20, 20
_HOURS = 4
_SPANS = (Column("stays", "number"), Column("median", "number"), Column("95 %", "number"), Column("99 %", "number"))


@dataclass(frozen=True, slots=True)
class TimesShown:
    """Where time went, with what slow journeys have in common, and the keys of journeys that are told in full."""

    times: Times
    slow: Slow | None
    keys: Mapping[int, str]


def times_view(known: ChoreographyKnown, shown: TimesShown, viewer: Viewer) -> Html:
    """The view."""
    times = shown.times
    if not times.states:
        tables: Content = empty("No state was left yet.")
    else:
        states = [
            (state_link(viewer, known, state), *_spans(times, state, spent))
            for state, spent in times.slowest_states()[:_MOST_STATES]
        ]
        ways = [
            (
                state_link(viewer, known, state),
                visible(event),
                visible(following),
                *_spans(times, state, spent),
            )
            for (state, event, following), spent in times.slowest_ways()[:_MOST_WAYS]
        ]
        last = Column("share", "number")
        tables = [
            section("By state", table("Time by state", [Column("state"), *_SPANS, last], states)),
            section(
                "By way",
                table("Time by way", [Column("from"), Column("by"), Column("to"), *_SPANS, last], ways),
                note="How long journeys were in a state before they left it by this way.",
            ),
            section(
                "By weekday and hour",
                table("Median by weekday and hour", [*_hour_columns()], [*_hour_rows(times)]),
                note=f"The median of stays that began then, and how many these are. {times.zone}.",
            ),
            section("The slowest journeys", _slowest(known, times.slowest()[:_MOST_SLOW], shown.keys, viewer)),
            section("What slow journeys have in common", _common(shown.slow)),
        ]
    return element(
        "div", heading("Time", "Where it goes.", trail=trail(viewer, known, "time")), tables, class_="ci-view"
    )


def _spans(times: Times, state: str, spent: Histogram) -> Iterator[Content | Cell]:
    yield Cell(number(spent.count), spent.count)
    for part in (0.5, 0.95, 0.99):
        span = spent.quantile(part)
        yield Cell(brief(span), round(span, 3))
    whole = times.share(spent)
    yield Cell("-", 0) if times.is_around(state) else Cell(share(whole, 1), whole)


def _hour_columns() -> Iterator[Column]:
    yield Column("began")
    for hour in range(0, 24, _HOURS):
        yield Column(f"{hour:02}-{hour + _HOURS:02}", "number")


def _hour_rows(times: Times) -> Iterator[Sequence[Content]]:
    for day, name in enumerate(WEEKDAYS):
        row: list[Content] = [name]
        for first in range(0, 24, _HOURS):
            whole = Histogram()
            for hour in range(first, first + _HOURS):
                if (spent := times.hours.get((day, hour))) is not None:
                    whole.merge(spent)
            row.append(f"{brief(whole.median)} ({number(whole.count)})" if whole.count else "-")
        yield row


def _slowest(known: ChoreographyKnown, slowest: Sequence[SlowJourney], keys: Mapping[int, str], viewer: Viewer) -> Html:
    if not slowest:
        return empty("No journey has ended yet.")
    columns = [Column("entity"), Column("took", "number"), Column("longest in"), Column("there", "number")]
    rows = [
        (
            journey_link(viewer, known.name, one.journey.entity, keys.get(id(one.journey))),
            Cell(brief(one.took), round(one.took, 3)),
            state_link(viewer, known, one.state),
            Cell(brief(one.stayed), round(one.stayed, 3)),
        )
        for one in slowest
    ]
    return table("The slowest journeys", columns, rows)


def _common(slow: Slow | None) -> Content:
    if slow is None:
        return empty("Too few journeys have ended to say that, or none took longer than most.")
    which = f"The slowest {number(slow.slow)} of {number(slow.journeys)} took {brief(slow.after)} or longer."
    if not slow.common:
        return empty(f"{which} They have nothing in common that chance does not explain.")
    columns = [
        Column("of an event"),
        Column("field"),
        Column("value"),
        Column("slow journeys", "number"),
        Column("others", "number"),
        Column("chance", "number"),
    ]
    return [
        element(
            "p",
            f"{which} Of {number(slow.tried)} traits tried, these are more frequent among them than chance explains; "
            "the chance is that of doing as much to any trait.",
            class_="ci-note",
        ),
        table("What slow journeys have in common", columns, [_trait(one) for one in slow.common[:_MOST_TRAITS]]),
    ]


def _trait(one: Common) -> Sequence[Content | Cell]:
    more = f" (and {len(one.same)} more)" if one.same else ""
    return (
        visible(one.trait.event) + ("" if one.trait.field else more),
        visible(one.trait.field) if one.trait.field else "it came",
        visible(one.trait.value) + (more if one.trait.field else ""),
        Cell(share(one.slow_share, 1), one.slow_share),
        Cell(share(one.other_share, 1), one.other_share),
        Cell(f"{one.probability:.1g}", one.probability),
    )
