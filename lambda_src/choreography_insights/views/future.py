"""What is still to come of a journey: the ways to an end that remain, by what others did."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from math import log

from choreography_insights.views.choreography_map import times_along
from choreography_insights.views.known import ChoreographyKnown
from choreography_insights.views.layout import Layout
from choreography_insights.views.picture import ANY, ANYTIME, TIMEOUT, Arrow

_ROUNDS, _REST = 400, 0.001
_LASTING = ("wait", "around", "pause")
"""How boxes look in which a journey stays."""


@dataclass(frozen=True, slots=True)
class Step:
    """Out of *state* by *by* (words of the picture), which usually takes so many *seconds*; None: not known."""

    state: str
    by: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class WayToCome:
    """The most likely way to an *end*. *share*: which part of journeys in this state end there; None: nobody was."""

    end: str
    succeeds: bool
    steps: Sequence[Step]
    share: float | None

    def seconds(self, waited: float) -> float | None:
        """How long it usually takes from now on, after so long in the first of its states; None: not known."""
        known = [step.seconds for step in self.steps if step.seconds is not None]
        if len(known) < len(self.steps) or not known:
            return None
        return max(known[0] - waited, 0.0) + sum(known[1:])


class Future:
    """The ways on from the states of a choreography that lie in no other."""

    def __init__(self, known: ChoreographyKnown) -> None:
        self._known = known
        self._ends = {
            box.name: box.look == "succeed" for box, _ in known.layout.boxes if box.look in ("succeed", "fail")
        }
        self._ways: dict[str, list[tuple[Arrow, str, int]]] = {}
        for arrow in _arrows(known.layout):
            self._ways.setdefault(arrow.origin, []).append(self._way(arrow))
        self._found: dict[tuple[str, frozenset[str]], tuple[WayToCome, ...]] = {}

    def of(self, state: str, awaited: Iterable[str] = ()) -> tuple[WayToCome, ...]:
        """Return a way to each end that can be reached from *state*, the likeliest first.

        *awaited*: the events that are accepted there now, if it is known. Of an `all` others can end it no more.
        """
        shut = self._shut(state, frozenset(awaited))
        if (state, shut) not in self._found:
            ways = self._ways_from(state, shut)
            self._found[state, shut] = tuple(sorted(ways, key=lambda one: -(one.share or 0.0)))
        return self._found[state, shut]

    def _shut(self, state: str, awaited: frozenset[str]) -> frozenset[str]:
        events = {label.event for arrow, _, _ in self._ways.get(state, ()) for label in arrow.labels}
        return frozenset(events - awaited - {ANY, TIMEOUT}) if awaited and ANY in events else frozenset()

    def _way(self, arrow: Arrow) -> tuple[Arrow, str, int]:
        """Return *arrow* with its words, and how often it was taken."""
        return arrow, _words(self._known, arrow), sum(times_along(self._known, arrow, one) for one in arrow.labels)

    def _first(self, state: str, shut: frozenset[str]) -> list[tuple[Arrow, str, int]]:
        """Return the ways out of *state* but for those by events that are *shut*."""
        ways = self._ways.get(state, [])
        if not shut:
            return ways
        left = [(arrow, tuple(one for one in arrow.labels if one.event not in shut)) for arrow, _, _ in ways]
        return [self._way(replace(arrow, labels=labels)) for arrow, labels in left if labels]

    def _ways_from(self, state: str, shut: frozenset[str]) -> list[WayToCome]:
        before = self._likeliest(state, shut)
        shares = self._shares(state, shut)
        found = []
        for end, succeeds in self._ends.items():
            if end in before and end != state:
                steps: list[Step] = []
                here = end
                while here != state:
                    here, by = before[here]
                    spent = self._known.state(here).spent
                    steps.append(Step(here, by, spent.median if spent.count else None))
                found.append(WayToCome(end, succeeds, steps[::-1], shares.get(end, 0.0) if shares else None))
        return found

    def _likeliest(self, state: str, shut: frozenset[str]) -> Mapping[str, tuple[str, str]]:
        """Return for each state how one comes there from *state* most likely: from where, and by what."""
        before: dict[str, tuple[str, str]] = {}
        reached: set[str] = set()
        heap: list[tuple[float, int, str, tuple[str, str]]] = [(0.0, 0, state, ("", ""))]
        count = 0
        while heap:
            cost, _, here, came = heappop(heap)
            if here in reached:
                continue
            reached.add(here)
            if came[0]:
                before[here] = came
            ways = self._ways.get(here, []) if here != state else self._first(state, shut)
            total = sum(times + 0.5 for _, _, times in ways)
            for arrow, by, times in ways:
                count += 1
                heappush(heap, (cost - log((times + 0.5) / total), count, arrow.target, (here, by)))
        return before

    def _shares(self, state: str, shut: frozenset[str]) -> Mapping[str, float] | None:
        """Return which part of those in *state* comes to each end, if they go on as others did; None: nobody did."""
        first = self._first(state, shut)
        if not any(times for _, _, times in first):
            return None
        moving, ended = {state: 1.0}, dict.fromkeys(self._ends, 0.0)
        for number in range(_ROUNDS):
            onward: dict[str, float] = {}
            for here, part in moving.items():
                ways = self._ways.get(here, []) if number else first
                total = sum(times for _, _, times in ways)
                for arrow, _, times in ways:
                    if not times:
                        continue
                    if arrow.target in ended:
                        ended[arrow.target] += part * times / total
                    else:
                        onward[arrow.target] = onward.get(arrow.target, 0.0) + part * times / total
            moving = onward
            if sum(moving.values()) < _REST:
                break
        return ended


def _arrows(layout: Layout) -> Iterator[Arrow]:
    """Yield the arrows of the picture; those that lead on from anywhere, from each state that leaves them something."""
    own = [arrow for arrow, _ in layout.labels]
    taken = {(arrow.origin, label.event) for arrow in own for label in arrow.labels if not label.condition}
    there = {(arrow.origin, label.event, arrow.target) for arrow in own for label in arrow.labels}
    yield from (arrow for arrow in own if arrow.origin != ANYTIME)
    for arrow in (arrow for arrow in own if arrow.origin == ANYTIME):
        for box, _ in layout.boxes:
            if box.look in _LASTING:
                labels = tuple(
                    label
                    for label in arrow.labels
                    if (box.name, label.event) not in taken and (box.name, label.event, arrow.target) not in there
                )
                if labels:
                    yield Arrow(box.name, arrow.target, labels)


def _words(known: ChoreographyKnown, arrow: Arrow) -> str:
    """Return by what *arrow* is taken; of an ``all``, which events it waits for."""
    if any(label.event == ANY for label in arrow.labels):
        lanes = known.layout.lanes.get(arrow.origin, ())
        return ", ".join(box.note for lane, _ in lanes for box, _ in lane.boxes)
    if all(label.event == TIMEOUT for label in arrow.labels):
        return f"no event {arrow.labels[0].text}"
    words = dict.fromkeys(label.text or label.condition for label in arrow.labels)
    return " or ".join(word for word in words if word)
