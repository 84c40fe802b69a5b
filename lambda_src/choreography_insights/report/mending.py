"""Where entities depart from the choreography, each place with the change that would mend most."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from choreography_insights.analysis.alignments import Alignments, where
from choreography_insights.analysis.conformance import Conformance
from choreography_insights.analysis.repairs import Suggested
from choreography_insights.replay.report import percent
from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown
from choreography_insights.views.parts import Column, Viewer, empty, heading, section, state_link, table, trail
from choreography_insights.views.words import REASON_WORDS, many, number, visible

_MOST_MOVES = 40


@dataclass(frozen=True, slots=True)
class Mending:
    """What is suggested for the definition whose *text* is in *file*; *alignments*: how journeys go on."""

    found: Conformance
    suggested: Sequence[Suggested]
    text: str
    file: str
    alignments: Alignments


def mending_view(known: ChoreographyKnown, mending: Mending, viewer: Viewer) -> Html:
    """The view."""
    found = mending.found
    entities = len(found.entities)
    about = f"{number(found.fitting)} of {many(entities, 'entity', 'entities')} fit, {percent(found.share)}."
    left = len(found.places()) - len(mending.suggested)
    return element(
        "div",
        heading("What would mend it", about, trail=trail(viewer, known, "departs")),
        [*_places(known, mending, viewer)] if mending.suggested else empty("There is nothing to mend."),
        element("p", f"And {many(left, 'other place')}.", class_="ci-note") if left > 0 else None,
        _going_on(mending.alignments) if mending.alignments.unfit else None,
        class_="ci-view",
    )


def _going_on(alignments: Alignments) -> Html:
    columns = [
        Column("what"),
        Column("event"),
        Column("where"),
        Column("times", "number"),
        Column("entities", "number"),
    ]
    rows = [
        (move.what, visible(move.event) or "-", where(move), number(times), number(alignments.cases[move]))
        for move, times in alignments.frequent(_MOST_MOVES)
    ]
    return section(
        "Had each journey gone on",
        table("Moves by which journeys go on", columns, rows),
        note=f"By leaving out events and skipping states as cheaply as can be. Fitness is {alignments.fitness:.3f} on "
        "average, 1 where all fit.",
    )


def _places(known: ChoreographyKnown, mending: Mending, viewer: Viewer) -> Iterator[Html]:
    for place, departures, suggestion in mending.suggested:
        met: Content = ["in ", state_link(viewer, known, place.state)] if place.state else "with no journey"
        yield element(
            "section",
            element(
                "h3",
                element("span", number(len(departures.entities)), class_="ci-chip ci-chip-depart"),
                f" {visible(place.event)} ",
                met,
                class_="ci-subtitle",
            ),
            element("p", element("strong", REASON_WORDS.get(place.reason, place.reason)), "."),
            element("p", "No single change mends this without harm elsewhere.", class_="ci-note")
            if suggestion is None
            else [
                element(
                    "p",
                    f"{visible(suggestion.words)}: {percent(suggestion.before.share)} of all fit now, then "
                    f"{percent(suggestion.after.share)}.",
                ),
                element(
                    "div",
                    element("pre", suggestion.diff(mending.text, mending.file)),
                    class_="ci-scroll",
                    role="region",
                    tabindex="0",
                    aria_label=f"The change for {visible(place.event)} in {visible(place.state) or 'no journey'}",
                ),
            ],
            class_="ci-section",
        )
