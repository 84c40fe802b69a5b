"""What differs from another definition, or another time: who fares differently, what got slower or faster."""

from collections import Counter
from collections.abc import Mapping, Sequence

from choreography_insights.analysis.comparison import Comparison, Pace, headline
from choreography_insights.views.choreography_map import level
from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown
from choreography_insights.views.painting import Badge, BoxPaint, Paint
from choreography_insights.views.parts import (
    Cell,
    Column,
    Viewer,
    empty,
    figures,
    heading,
    journey_link,
    owner_of,
    picture,
    section,
    state_link,
    table,
    trail,
)
from choreography_insights.views.picture import Box
from choreography_insights.views.words import brief, number, share, short_number, span, visible

_MOST_ROWS = 60
_UP, _DOWN = "\N{BLACK UP-POINTING SMALL TRIANGLE}", "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"


def differing_view(known: ChoreographyKnown, found: Comparison, keys: Mapping[str, str], viewer: Viewer) -> Html:
    """The view; *keys* of the journeys that are told in full, by entity."""
    changed = [pace for pace in found.paces if pace.changed]
    worse = _by_state(known, found.worse_in)
    return element(
        "div",
        heading("What differs", f"{_sentence(headline(found))}.", trail=trail(viewer, known, "time")),
        figures(
            (f"fit, {visible(name)}", _fitting(fitting, entities))
            for name, fitting, entities in zip(found.names, found.fitting, found.entities, strict=True)
        ),
        _picture(known, changed, worse, viewer) if changed or worse else None,
        _changes(known, found, keys, viewer) if not found.outcomes else _outcomes(found),
        section("How long stays are", _paces(known, found, viewer), note=_about_paces(found)),
        class_="ci-view",
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fitting(fitting: int, entities: int) -> Content:
    return [share(fitting, entities), element("small", f"{number(fitting)} of {number(entities)}")]


def _by_state(known: ChoreographyKnown, waits: Mapping[str, int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for wait, times in waits.items():
        owner = owner_of(known, wait)
        if owner is not None:
            found[owner] += times
    return found


def _picture(known: ChoreographyKnown, changed: Sequence[Pace], worse: Counter[str], viewer: Viewer) -> Html:
    paces = {pace.state: pace for pace in changed}
    most = max(worse.values(), default=0)

    def box(one: Box) -> BoxPaint:
        badges = []
        pace = paces.get(one.name)
        if pace is not None:
            is_slower = pace.changed == "slower"
            badges.append(Badge(_times(pace), "late" if is_slower else "time", "left" if one.lanes else "bottom"))
        count = 0 if one.inside else worse[one.name]
        if count:
            badges.append(Badge(f"{short_number(count)} !", "depart"))
        return BoxPaint("plain" if one.lanes else level(count, most), tuple(badges))

    told = {name: _in_words(paces.get(name), worse[name]) for name in (*paces, *worse)}
    return element(
        "div",
        picture(known, Paint(box), viewer, name="differing", label=f"{known.name}: what differs", told=told),
        element(
            "p",
            element("span", f"2 h {_UP}", class_="ci-chip ci-chip-late"),
            " the median now, slower than before · ",
            element("span", f"2 h {_DOWN}", class_="ci-chip ci-chip-quiet"),
            " faster than before · ",
            element("span", "2 !", class_="ci-chip ci-chip-depart"),
            " depart there now, and did not before",
            class_="ci-legend",
        ),
        class_="ci-stage ci-paint-departs",
    )


def _times(pace: Pace) -> str:
    return f"{brief(pace.after.median)} {_UP if pace.changed == 'slower' else _DOWN}"


def _in_words(pace: Pace | None, worse: int) -> str:
    said = []
    if pace is not None:
        said.append(f"{pace.changed}: half took over {span(pace.before.median)}, now over {span(pace.after.median)}")
    if worse:
        said.append(f"{number(worse)} depart here that did not before")
    return "; ".join(said)


def _changes(known: ChoreographyKnown, found: Comparison, keys: Mapping[str, str], viewer: Viewer) -> Html:
    if not found.changes:
        return section("Who fares differently", empty("Nobody: every entity ends and waits as before."))
    columns = [
        Column("entities", "number"),
        Column("fare"),
        Column("before"),
        Column("after"),
        Column("such as"),
    ]
    rows: list[Sequence[Content | Cell]] = [
        (
            Cell(number(one.count), one.count),
            element("span", one.fares, class_="ci-chip ci-chip-depart") if one.fares == "worse" else one.fares,
            visible(one.before),
            visible(one.after),
            [[journey_link(viewer, known.name, entity, keys.get(entity)), " "] for entity in one.some],
        )
        for one in found.changes[:_MOST_ROWS]
    ]
    left = sum(one.count for one in found.changes[_MOST_ROWS:])
    before, after = map(visible, found.names)
    return section(
        "Who fares differently",
        table("Who fares differently", columns, rows),
        element("p", f"{number(left)} more fare differently in other ways.", class_="ci-note") if left else None,
        note=f"Before is what {before} says of an entity, after what {after} says.",
    )


def _outcomes(found: Comparison) -> Html:
    columns = [Column("outcome"), *(Column(visible(name), "number") for name in found.names), Column("")]
    rows = [
        (
            visible(one.words),
            *(
                Cell(f"{number(times)} ({share(times, whole)})", times)
                for times, whole in zip((one.before, one.after), found.entities, strict=True)
            ),
            element("span", "more", class_="ci-chip ci-chip-depart" if one.bad else "ci-chip ci-chip-count")
            if one.grew
            else "",
        )
        for one in found.outcomes[:_MOST_ROWS]
    ]
    return section(
        "What became of entities",
        table("What became of entities", columns, rows),
        note="More is what is more frequent now than chance explains.",
    )


def _paces(known: ChoreographyKnown, found: Comparison, viewer: Viewer) -> Html:
    if not found.paces:
        return empty("No state was left both before and after.")
    columns = [
        Column("state"),
        Column("stays", "number"),
        Column("then", "number"),
        Column("median", "number"),
        Column("then", "number"),
        Column("95 %", "number"),
        Column("then", "number"),
        Column("change"),
    ]
    return table("How long stays are", columns, [_pace(known, pace, viewer) for pace in found.paces[:_MOST_ROWS]])


def _pace(known: ChoreographyKnown, pace: Pace, viewer: Viewer) -> Sequence[Content | Cell]:
    both = (pace.before, pace.after)
    spans = [Cell(brief(one.quantile(part)), round(one.quantile(part), 3)) for part in (0.5, 0.95) for one in both]
    return (
        state_link(viewer, known, pace.state),
        *(Cell(number(one.count), one.count) for one in both),
        *spans,
        element("span", "slower", class_="ci-late") if pace.changed == "slower" else pace.changed or "",
    )


def _about_paces(found: Comparison) -> str:
    before, after = map(visible, found.names)
    return (
        f"First {before}, then {after}. Slower and faster is what chance does not explain, and differs by more than a "
        "tenth."
    )
