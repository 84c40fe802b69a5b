"""Whose turn it is at a wait, of the events that are kept and the one in question."""

from collections.abc import Sequence
from itertools import groupby

from .journey import KeptEvent, OpenWait, Snapshot, Status, event_of
from .steps import ReadRows

#: Rows are read a few at first; where that was not enough, as many again as were read already.
_FIRST_READ = 5
MOST_READ = 50


def next_in_turn(
    wait: OpenWait, snapshot: Snapshot, own: KeptEvent | None = None, variant: int | None = None
) -> str | ReadRows | None:
    """The id of the event whose turn it is at *wait*: of those kept, and *own* (the event in question) if it is given.

    Oldest event time first; of the same time, the one after which another could still come; then arrival. Rows are
    asked for only where a name alone does not say whether the wait accepts. *variant*: as what it accepts *own*.
    """
    journey = snapshot.journey
    others = [
        kept
        for kept in journey.kept.values()
        if (own is None or kept.event_id != own.event_id) and wait.names(kept.name) and journey.has_as_own(kept)
    ]
    candidates = sorted([*others, *([own] if own else [])], key=lambda one: (one.time, one.arrived_at, one.event_id))
    known = {own.event_id: variant} if own else {}
    for _, group in groupby(candidates, key=lambda one: one.time):
        tied = list(group)
        unread = [kept for kept in tied if not _can_say(wait, kept, snapshot, known)]
        if unread:
            return _read_on(unread[0], candidates, snapshot, known)
        accepted = [(found, kept) for kept in tied if (found := _variant(wait, kept, snapshot, known)) is not None]
        if accepted:
            return _leader(wait, accepted).event_id
    return None


_Known = dict[str, int | None]


def _can_say(wait: OpenWait, kept: KeptEvent, snapshot: Snapshot, known: _Known) -> bool:
    """Whether it can be said if *wait* accepts *kept*, and as which variant."""
    return kept.event_id in known or kept.event_id in snapshot.read or wait.by_name(kept.name) is not None


def _variant(wait: OpenWait, kept: KeptEvent, snapshot: Snapshot, known: _Known) -> int | None:
    if kept.event_id in known:
        return known[kept.event_id]
    if kept.event_id not in snapshot.read:
        return wait.by_name(kept.name)
    row = snapshot.row(kept.event_id)
    if row is None or row.status is not Status.KEPT or row.payload is None:
        return None
    return wait.variant_of(event_of(row))


def _read_on(first: KeptEvent, candidates: Sequence[KeptEvent], snapshot: Snapshot, known: _Known) -> ReadRows:
    """Read *first* and some of those behind it: more of them the more were read in vain."""
    behind = candidates[candidates.index(first) :]
    unread = [one.event_id for one in behind if one.event_id not in snapshot.read and one.event_id not in known]
    return ReadRows(tuple(unread[: min(MOST_READ, max(_FIRST_READ, len(snapshot.read)))]))


def _leader(wait: OpenWait, accepted: Sequence[tuple[int, KeptEvent]]) -> KeptEvent:
    variants = {variant for variant, _ in accepted}
    leaders = [(v, kept) for v, kept in accepted if not any(_goes_before(wait, other, v) for other in variants)]
    return min(leaders or accepted, key=lambda pair: (pair[1].arrived_at, pair[1].event_id))[1]


def _goes_before(wait: OpenWait, first: int, second: int) -> bool:
    """Whether the variant *second* could still come after *first*, but not the other way round."""
    return first in wait.accepts[second].contested_by and second not in wait.accepts[first].contested_by
