"""A difference as people read it, in a terminal or a pull request, and as programs do."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.evolution.difference import Change, Detail, Difference
from choreography_insights.evolution.losses import Loss
from choreography_insights.evolution.needs import Stranded
from choreography_insights.views.words import Clock, aligned, brief, many, visible

_MOVED = "they run on by their own definition until they end, but need the rules of their events"


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    rows: Sequence[tuple[str, ...]]
    heads: tuple[str, ...]
    after: Sequence[str] = ()


def text(found: Difference, clock: Clock) -> Iterator[str]:
    """Yield the lines for a terminal."""
    for section in _sections(found, clock):
        yield section.title
        yield from (f"  {line}" for line in aligned(section.rows) if line)
        yield from (f"  {line}" for line in section.after)
        yield ""
    yield verdict(found)


def markdown(found: Difference, clock: Clock) -> Iterator[str]:
    """Yield the lines for a pull request."""
    yield f"**{_escaped(verdict(found))}**"
    for section in _sections(found, clock):
        yield from ("", f"### {section.title[0].upper()}{section.title[1:]}", "")
        yield f"| {' | '.join(section.heads)} |"
        yield f"|{' --- |' * len(section.heads)}"
        yield from (f"| {' | '.join(map(_escaped, row))} |" for row in section.rows)
        if section.after:
            yield ""
            yield from map(_escaped, section.after)


def verdict(found: Difference) -> str:
    """Say in a sentence what it comes to."""
    if found.is_empty:
        return "The same: nothing is other that moves journeys."
    if found.renamed:
        return (
            f"Another choreography: {found.renamed[0]!r} is called {found.renamed[1]!r} now. Add it beside the other, "
            "and let the journeys of that end."
        )
    if found.stranded is None:
        return "Journeys that run may be stranded." if found.strands else "No journey that runs is stranded."
    count = sum(one.stand.count for one in found.stranded)
    if count:
        who = many(count, "journey that runs still needs", "journeys that run still need")
        return f"{who} what went: {_MOVED}."
    if found.strands:
        unseen = many(found.unseen, "journey that runs was", "journeys that run were")
        return f"Nobody knows: {unseen} not looked at."
    return "No journey that runs now is stranded."


def _sections(found: Difference, clock: Clock) -> Iterator[_Section]:
    for title, changes in (("states", found.states), ("events", found.events)):
        if changes:
            yield _Section(title, [row for change in changes for row in _change(change)], (title[:-1], "became", ""))
    if found.settings:
        rows = [(one.aspect, f"{_value(one.before)} -> {_value(one.after)}") for one in found.settings]
        yield _Section("settings, at once for journeys that run, too", rows, ("setting", ""))
    if found.lost:
        went = {one.name for one in found.events if one.became == "went"}
        lost = [(visible(one.event), visible(one.source), _lost(one, went)) for one in found.lost]
        yield _Section("lost to journeys that run", lost, ("event", "source", ""))
    if found.dropped:
        rows = [(visible(name), _retire(name)) for name in found.dropped]
        yield _Section("unexpected from now on, where it comes to a journey that began since", rows, ("event", ""))
    if found.stranded:
        stranded = [row for one in found.stranded for row in _stranded(one, clock)]
        heads = ("state", "version", "journeys", "oldest", "needs", "such as")
        after = [f"{found.unseen} more were not looked at"] if found.unseen else []
        yield _Section("journeys that still need it", stranded, heads, after)


def _change(change: Change) -> Iterator[tuple[str, ...]]:
    name, became = visible(change.name), change.became
    yield from ((name, became, _detail(one)) for one in change.details)
    if not change.details:
        yield name, became, ""


def _detail(one: Detail) -> str:
    if one.aspect == "accepts":
        return f"accepts {visible(one.before)} no longer" if one.after is None else f"accepts {visible(one.after)} now"
    return f"{visible(one.aspect)}: {_value(one.before)} -> {_value(one.after)}"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    return visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _lost(one: Loss, went: set[str]) -> str:
    match one.why:
        case "not captured":
            remedy = _retire(one.event) if one.event in went else "name this source, too"
            return f"is not captured any more; {remedy}"
        case "begins journeys":
            return "begins journeys, and moves none; let those that run end first, or name the new start otherwise"
        case "entity":
            return f"has its id at {_value(one.after)}, not at {_value(one.before)}; let those that run end first"
        case "where":
            return f"is heard of only where {_value(one.after)}; let those that run end first"
        case "some begin journeys":
            return f"begins journeys where {_value(one.after)}; let those that run end first"


def _retire(event: str) -> str:
    return f"keep it, with what 'events' says of it, as retired: events: {{{visible(event)}: {{retired: true}}}}"


def _stranded(one: Stranded, clock: Clock) -> Iterator[tuple[str, ...]]:
    stand = one.stand
    oldest = f"{clock.moment(stand.oldest)} ({brief(clock.now - stand.oldest)})"
    some = ", ".join(map(visible, stand.some)) + (", ..." if stand.count > len(stand.some) else "")
    first = (visible(stand.state), stand.version, str(stand.count), oldest)
    words = [f"{visible(event)}, now" for event in one.here]
    words += [f"{visible(event)}, perhaps{' later' if one.known else ''}" for event in one.later]
    for position, needed in enumerate(words):
        yield (*first, needed, some) if position == 0 else ("", "", "", "", needed, "")


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\|`*_<>[]" else letter for letter in text)


# ---- for programs --------


def document(found: Difference, clock: Clock) -> dict[str, Any]:
    """Return it as JSON has it."""
    running = None
    if found.stranded is not None:
        running = {"stranded": [_stand(one, clock) for one in found.stranded], "unseen": found.unseen}
    return {
        "strands": found.strands,
        "renamed": None if found.renamed is None else list(found.renamed),
        "states": [_of_change(one) for one in found.states],
        "events": [_of_change(one) for one in found.events],
        "settings": [_of_detail(one) for one in found.settings],
        "lost": [
            {"event": one.event, "source": one.source, "why": one.why, "before": one.before, "after": one.after}
            for one in found.lost
        ],
        "dropped": list(found.dropped),
        "running": running,
    }


def _of_change(change: Change) -> dict[str, Any]:
    return {"name": change.name, "became": change.became, "details": [_of_detail(one) for one in change.details]}


def _of_detail(one: Detail) -> dict[str, Any]:
    return {"aspect": one.aspect, "before": one.before, "after": one.after}


def _stand(one: Stranded, clock: Clock) -> dict[str, Any]:
    stand = one.stand
    return {
        "state": stand.state,
        "version": stand.version,
        "count": stand.count,
        "oldest": clock.iso(stand.oldest),
        "some": list(stand.some),
        "now": list(one.here),
        "later": list(one.later),
        "definitionKnown": one.known,
    }
