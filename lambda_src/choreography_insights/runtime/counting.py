"""What has come so far in a state that waits for so many events.

It goes round with the journey: a wait hands it to the functions, and they hand it on with the event that came. *since*:
the state's name, ``#``, and since when it is waited for. *came*: how many have come that count, of the newest event's
kind. *of*: what has come of each kind, by its position in what the wait accepts: a number, or the ids that are told
apart. *timeout*: the state's own, in whole seconds. *seconds*: what is left of it.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from choreography_insights.core.fields import id_text, read

from .event import Event

Tally = Mapping[str, Any]

#: As for the id of an entity.
_LONGEST_ID = 256


def counted(tally: Tally, kind: str, event: Event, distinct: str | None) -> Tally:
    """The *tally* once *event* of that *kind* has come; of those with the same id at *distinct* one counts."""
    if distinct is None:
        number = tally["of"].get(kind, 0) + 1
        return {**tally, "came": number, "of": {**tally["of"], kind: number}}
    known = tally["of"].get(kind, [])
    one = id_text(read(distinct, event.payload))
    ids = [*known, one] if one and len(one) <= _LONGEST_ID and one not in known else known
    return {**tally, "came": len(ids), "of": {**tally["of"], kind: ids}}


def since(tally: Tally) -> str:
    """Since when it is waited for, as Step Functions writes it."""
    return str(tally["since"]).rpartition("#")[2]


def since_when(tally: Tally) -> float:
    """The same in epoch seconds."""
    return datetime.fromisoformat(f"{since(tally)}+00:00").timestamp()


def handed_on(tally: Tally, now: float) -> Tally:
    """The *tally* as Step Functions gets it *now*: it waits no longer than what is left of the state's time."""
    if "timeout" not in tally:
        return tally
    return {**tally, "seconds": max(1, math.ceil(since_when(tally) + tally["timeout"] - now))}
