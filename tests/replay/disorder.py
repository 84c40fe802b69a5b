"""Choreographies and events that are hard to replay apart."""

import json
from datetime import UTC, datetime, timedelta
from random import Random

from replay.played import envelope

#: Entities have other names, taught by events that may come under another one; messages have ids of their own.
NAMED = """\
choreography: named
source: s
id: $.detail.message
start: S
capture: all
unexpected: fail
early: 10m
events:
  a: {also: {ticket: $.detail.ticket}}
  b: {entity: {as: ticket, at: $.detail.ticket}, also: {slip: $.detail.slip}}
  c: {entity: {as: slip, at: $.detail.slip}}
states:
  A: {await: {a: B}, expected: 1d}
  B: {await: {b: C}, expected: 1d}
  C: {await: {c: Done, b: C}}
  Done: succeed
"""
SEVERAL = """\
choreography: several
source: s
entity: "$.detail.ids[*]"
start: S
capture: all
unexpected: fail
early: 10m
states:
  A: {await: {a: B}, expected: 1h}
  B: {await: {b: Done, c: A}, timeout: {after: 1d, next: Lost}}
  Done: succeed
  Lost: fail
"""


def in_disorder(seed: int, days: int = 8, entities: int = 40) -> list[str]:
    """Return events of so many days in disorder, some repeated, some under names that others have, some of no use.

    The last is a message that comes again when all others have.
    """
    random = Random(seed)  # noqa: S311 # the same in each run
    events = []
    for number in range(15 * entities):
        entity = random.randrange(entities)
        said = entity if random.random() < 0.95 else random.randrange(entities)
        detail = {
            "id": f"{entity}",
            "ids": [f"{entity}", f"{said}"],
            "ticket": f"T-{said}",
            "slip": f"S-{said}",
            "message": f"{random.randrange(500)}",
        }
        at = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=10 * random.randrange(days * 144))).isoformat()
        name = random.choices(("S", "a", "b", "c", "u"), (4, 4, 4, 4, 1))[0]
        events.append(envelope(name, "", at, id=f"{number}", source=random.choice("sssst"), detail=detail))
    after = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days + 1)).isoformat()
    again = {**next(one for one in events if one["source"] == "s"), "id": "again", "time": after}
    lines = [f"{json.dumps(one)}\n" for one in [*events, *random.sample(events, entities)]]
    random.shuffle(lines)
    return ['{"id": "7"}\n', *lines, "7\n", f"{json.dumps(again)}\n"]
