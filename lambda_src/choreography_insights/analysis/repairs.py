"""The shortest change of a definition that would let most of those fit that depart at a place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.error import YAMLError

from choreography_insights.analysis.conformance import Conformance, Departures, Place, Recorded
from choreography_insights.analysis.edits import accepting, difference, needing, noting, retiring, starting, within
from choreography_insights.model.workflow import All, Await, Each, Fail, Parallel, Succeed, Workflow, nested
from choreography_insights.parse import parse
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.report import percent
from choreography_insights.trace.scopes import Scopes
from choreography_insights.validate import problems_of
from choreography_insights.views.words import aligned, many, number, visible

_MOST_TRIED_WITH = 200
_MOST_WEIGHED = 3
"""Of so many changes that mend as many, the first are tried with all entities."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change: what would be so, in words that follow on "if"; and the text with it.

    *usual*: whether it lets an event lead where it leads from other states. *of_all*: whether it changes
    what becomes of entities without the event, too.
    """

    words: str
    text: str
    usual: bool = False
    of_all: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """How many of all entities fit, and what replay says: complete cases, and those that are decided."""

    fitting: int
    entities: int
    complete: int
    decided: int

    @classmethod
    def of(cls, found: Conformance) -> "Fit":
        """Return how well the entities of *found* fit."""
        summary = found.summary
        return cls(found.fitting, len(found.entities), summary.complete, summary.cases - summary.running)

    def __add__(self, other: "Fit") -> "Fit":
        return Fit(
            self.fitting + other.fitting,
            self.entities + other.entities,
            self.complete + other.complete,
            self.decided + other.decided,
        )

    def __sub__(self, other: "Fit") -> "Fit":
        return Fit(
            self.fitting - other.fitting,
            self.entities - other.entities,
            self.complete - other.complete,
            self.decided - other.decided,
        )

    @property
    def share(self) -> float:
        """Which part of the entities fits."""
        return self.fitting / self.entities if self.entities else 1.0

    @property
    def conformance(self) -> float | None:
        """Which part of the decided cases is complete; None where none is decided."""
        return self.complete / self.decided if self.decided else None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Of those that depart at *place*, *mended* would fit if *change* were made; and what would become of all."""

    place: Place
    departing: int
    mended: int
    change: Change
    before: Fit
    after: Fit

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self.mended:,} of {self.departing:,} would fit if {self.change.words}"

    def diff(self, text: str, file: str) -> str:
        """Return the change of *text*, which is in *file*, as a unified diff."""
        return difference(text, self.change.text, file)


Suggested = tuple[Place, Departures, Suggestion | None]
"""A place where entities depart, with what would mend most, if anything would."""


class Repairs:
    """Looks for changes of the definition in *text*, by replaying *recorded* events with each that may help."""

    def __init__(self, text: str, workflow: Workflow, recorded: Recorded, found: Conformance) -> None:
        self._text, self._workflow, self._recorded, self._found = text, workflow, recorded, found
        self._before, self._scopes = Fit.of(found), Scopes.of(workflow)

    def suggested(self, most: int) -> list[Suggested]:
        """Return the first *most* places where entities depart, each with what would mend most there."""
        places = self._found.places()[:most]
        return [(place, departures, self.suggestion(place, departures)) for place, departures in places]

    def suggestion(self, place: Place, departures: Departures) -> Suggestion | None:
        """Return what would mend most at *place*; None if no single change mends any without harm to more."""
        some = sorted(departures.entities)[:_MOST_TRIED_WITH]
        best: list[tuple[Change, Workflow]] = []
        highest: tuple[int, bool, int] = (0, False, 0)
        for change in self._changes(place, some):
            workflow = _valid(change.text)
            if workflow is None:
                continue
            tried = self._replayed(workflow, some)
            rank = len(set(some) - tried.unfit), change.usual, tried.summary.complete
            if rank[0] and rank >= highest:
                best = [*best, (change, workflow)] if rank == highest else [(change, workflow)]
                highest = rank
        found = [self._weighed(place, departures, *one) for one in best[:_MOST_WEIGHED]]
        good = [one for one in found if one.after.share > one.before.share]
        return max(good, key=lambda one: one.after.share, default=None)

    def _weighed(self, place: Place, departures: Departures, change: Change, workflow: Workflow) -> Suggestion:
        """Return what would become of all by *change*."""
        is_apart = self._recorded.stand_alone and not change.of_all
        affected = self._recorded.with_event(place.event) if is_apart else None
        changed = self._replayed(workflow, affected)
        after = Fit.of(changed)
        if affected is not None:
            unchanged = self._recorded.replayed(self._found.summary.choreography, self._scopes, affected)
            after = self._before - Fit.of(unchanged) + after
        mended = len(departures.entities - changed.unfit)
        return Suggestion(place, len(departures.entities), mended, change, self._before, after)

    def _replayed(self, workflow: Workflow, entities: Sequence[str] | set[str] | None) -> Conformance:
        return self._recorded.replayed(Automaton.of_recorded(workflow), Scopes.of(workflow), entities)

    def _changes(self, place: Place, departing: Sequence[str]) -> Iterator[Change]:
        """Yield each change that may help those *departing* at *place*, the smaller ones first."""
        event = place.event
        if place.reason == "UnexpectedEvent":
            yield from self._acceptances(event, place.state)
            for name in self._scopes.around(place.state) if place.state in self._scopes.states else ():
                yield from self._in_group(event, name, departing)
            yield from _change(f"{event} were noted at any time", noting(self._text, event))
        if place.reason == "NoJourney":
            yield from _change(f"{event} began a journey, too", starting(self._text, event))
        if event not in self._awaited:
            yield from _change(f"{event} were retired: heard of no more", retiring(self._text, event))

    def _acceptances(self, event: str, name: str) -> Iterator[Change]:
        state = next((one for one in nested(self._workflow.states) if one.name.text == name), None)
        if not isinstance(state, Await) or not state.variants:
            return
        if event in {variant.event.text for variant in state.variants}:
            return
        at = state.variants[0].event.spot.at
        usual = self._usual(event)
        for target in (name, *self._beside(name, usual)):
            where = "stayed there" if target == name else f"led to {target}"
            text = accepting(self._text, (at.line, at.column), event, target)
            yield from _change(f"{name} also accepted {event}, which {where}", text, usual=target in usual)

    def _in_group(self, event: str, name: str, departing: Sequence[str]) -> Iterator[Change]:
        """Yield what the group called *name* could say of *event*, or do without."""
        group = next((one for one in nested(self._workflow.states) if one.name.text == name), None)
        if not isinstance(group, All | Parallel | Each):
            return
        at = (group.name.spot.at.line, group.name.spot.at.column)
        yield from _change(f"{event} were noted in {name}", within(self._text, at, "anytime", (event, "stay")))
        if isinstance(group, All):
            yield from _change(
                f"{name} also waited for {event}", within(self._text, at, "all", (_item(event), event)), of_all=True
            )
        usual = self._usual(event)  # where the event leads once the group is done
        lines = {"events": len(group.items)} if isinstance(group, All) else {}
        if isinstance(group, Parallel):
            lines = {"branches": len(group.branches)}
        for what, count in lines.items():
            if count > 1:
                text = needing(self._text, at, count - 1)
                words = f"{name} needed {count - 1} of its {count} {what} only"
                yield from _change(words, text, usual=bool(usual), of_all=True)
        if isinstance(group, Each):
            for count in sorted(self._items_done(group, event, departing), reverse=True):
                text = needing(self._text, at, count)
                words = f"{name} needed {many(count, 'item')} only"
                yield from _change(words, text, usual=bool(usual), of_all=True)
        for target in self._beside(name, usual):
            text = within(self._text, at, "anytime", (event, target))
            yield from _change(f"{event} ended {name}, and led to {target}", text, usual=target in usual)

    def _items_done(self, group: Each, event: str, departing: Sequence[str]) -> set[int]:
        """Return how many items of *group* were done when *event* first came, for each of the entities *departing*."""
        ends = {one.name.text for one in group.body.states if isinstance(one, Succeed)}
        finishing = {
            variant.event.text
            for one in group.body.states
            if isinstance(one, Await)
            for variant in one.variants
            if variant.next.text in ends
        }
        # Of what comes in any order each item has one.
        alls = (one for one in group.body.states if isinstance(one, All) and one.next.text in ends)
        finishing.update(one.items[-1].event.text for one in alls)
        names = ([one.name for one in self._recorded.of(entity)] for entity in departing)
        done = {
            sum(name in finishing for name in names_of[: names_of.index(event)])
            for names_of in names
            if event in names_of
        }
        return done - {0}

    def _usual(self, event: str) -> set[str]:
        """Return where *event* leads from any state."""
        return {
            variant.next.text
            for one in nested(self._workflow.states)
            if isinstance(one, Await)
            for variant in one.variants
            if variant.event.text == event
        }

    def _beside(self, name: str, usual: set[str]) -> list[str]:
        """Return the other states beside that called *name*; failures only if they are *usual*."""
        scopes = self._scopes.scopes
        bad = {one.name.text for one in nested(self._workflow.states) if isinstance(one, Fail)} - usual
        return [one for one in scopes if one != name and scopes[one] == scopes[name] and one not in bad]

    @property
    def _awaited(self) -> set[str]:
        choreography = self._found.summary.choreography
        return {
            *choreography.starts,
            *(event for place in choreography.places.values() for wait in place.all_waits for event in wait.accepts),
        }


def _item(event: str) -> str:
    """Return how an entry of an `all` is called that waits for *event*."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[^\W_]+", event)) or "Event"


def _change(words: str, text: str | None, *, usual: bool = False, of_all: bool = False) -> Iterator[Change]:
    if text is not None:
        yield Change(words, text, usual, of_all)


def _valid(text: str) -> Workflow | None:
    """Return what *text* defines, if nothing is wrong with it."""
    try:
        draft = parse(text, "workflow.yaml")
    except YAMLError:
        return None
    return None if any(problem.is_error for problem in problems_of(draft)) else draft.workflow


def lines(found: Conformance, suggested: Sequence[Suggested]) -> Iterator[str]:
    """Yield a table of where entities depart, each place with what would mend it."""
    share = percent(found.share)
    yield f"fit  {number(found.fitting)} of {number(len(found.entities))} entities, {share}"
    if not suggested:
        return
    yield ""
    heads = ("entities", "deviations", "event", "in", "reason")
    rows = [
        (
            number(len(departures.entities)),
            number(departures.deviations),
            visible(place.event),
            visible(place.state) or "-",
            place.reason,
        )
        for place, departures, _ in suggested
    ]
    head, *table = aligned([heads, *rows], numbers=range(2))
    yield head
    for row, (*_, one) in zip(table, suggested, strict=True):
        yield row
        if one is not None:
            yield f"{'':22}{one.words} ({percent(one.before.share)} -> {percent(one.after.share)} of all)"
    left = len(found.places()) - len(suggested)
    if left > 0:
        yield f"and {many(left, 'other place')}"


def document(found: Conformance, suggested: Sequence[Suggested], text: str, file: str) -> dict[str, Any]:
    """Return what programs read."""
    return {
        "entities": len(found.entities),
        "fitting": found.fitting,
        "share": found.share,
        "places": len(found.places()),
        "told": [
            {
                "event": place.event,
                "state": place.state or None,
                "reason": place.reason,
                "entities": len(departures.entities),
                "deviations": departures.deviations,
                "suggestion": None if one is None else _suggestion(one, text, file),
            }
            for place, departures, one in suggested
        ],
    }


def _suggestion(one: Suggestion, text: str, file: str) -> dict[str, Any]:
    before, after = one.before, one.after
    return {
        "words": one.words,
        "mended": one.mended,
        "departing": one.departing,
        "fitting": after.fitting,
        "entities": after.entities,
        "share": after.share,
        "conformance": {"before": before.conformance, "after": after.conformance},
        "diff": one.diff(text, file),
    }
