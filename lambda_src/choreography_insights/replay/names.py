"""Other names of entities: who has which, and the events that wait until somebody teaches theirs."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from msgspec.structs import replace

from choreography_insights.replay.event import Event, OtherName


@dataclass(slots=True, eq=False)
class Names:
    """The names that events have taught. What is remembered grows with the entities that have some."""

    _owners: dict[OtherName, str] = field(default_factory=dict)
    _of: dict[str, list[OtherName]] = field(default_factory=dict)
    _left: dict[str, float] = field(default_factory=dict)
    _leaving: deque[tuple[float, str]] = field(default_factory=deque)
    _waiting: dict[OtherName, list[Event]] = field(default_factory=dict)
    _ends: list[tuple[float, int, OtherName, Event]] = field(default_factory=list)

    # ---- events --------

    def owned(self, event: Event) -> Event | None:
        """Return *event* as one about its entity; None if it comes under a name that nobody has taught."""
        if event.under is None:
            return event
        owner = self._owners.get(event.under)
        return None if owner is None else replace(event, entity=owner, under=None)

    def wait(self, event: Event, name: OtherName, until: float) -> None:
        """Keep *event* until its *name* is taught, or the time is over."""
        self._waiting.setdefault(name, []).append(event)
        heappush(self._ends, (until, event.position, name, event))

    def teach(self, event: Event, name: OtherName) -> list[Event] | None:
        """The entity of *event* has this *name*; return who has waited for that. None: another entity has it."""
        owner = self._owners.setdefault(name, event.entity)
        if owner != event.entity:
            return None
        own = self._of.setdefault(owner, [])
        if name not in own:
            own.append(name)
        found = [self.owned(one) for one in self._waiting.pop(name, ())]
        return [one for one in found if one is not None]

    def of(self, entity: str) -> tuple[OtherName, ...]:
        """Return the other names of *entity*."""
        return tuple(self._of.get(entity, ()))

    # ---- time --------

    @property
    def next_end(self) -> float:
        """When the time of the event is over that has waited longest."""
        return self._ends[0][0] if self._ends else float("inf")

    def overdue(self) -> Iterator[Event]:
        """Yield the event whose time is over next, if it waits still; then it waits no more."""
        *_, name, event = heappop(self._ends)
        waiting = self._waiting.get(name, [])
        if any(one is event for one in waiting):
            waiting[:] = [one for one in waiting if one is not event]
            if not waiting:
                del self._waiting[name]
            yield event

    def left(self, entity: str, now: float) -> None:
        """Nothing runs or waits for *entity* any more; its names go when the journeys table forgets it."""
        if entity in self._of:
            self._left[entity] = now
            self._leaving.append((now, entity))

    def came_back(self, entity: str) -> None:
        """Something happens to *entity* again."""
        self._left.pop(entity, None)

    def forget(self, before: float) -> None:
        """Forget the names of entities that were left *before* then."""
        while self._leaving and self._leaving[0][0] < before:
            at, entity = self._leaving.popleft()
            if self._left.get(entity) == at:  # else something has happened to it since
                del self._left[entity]
                for name in self._of.pop(entity):
                    del self._owners[name]
