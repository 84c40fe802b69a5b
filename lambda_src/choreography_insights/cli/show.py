"""``choreography show``."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from choreography_insights.cli.command import Command, complain, say
from choreography_insights.cli.looking import PERMISSIONS, declare_looks, looked

if TYPE_CHECKING:
    from choreography_insights.insights.reading import Reading
    from choreography_insights.views.known import JourneyKnown, StoryStep
    from choreography_insights.views.words import Clock

_DESCRIPTION = f"""\
Tells the story of an entity's newest journey, in each choreography that has one: its events in order, what it waits
for, what moved nothing, and where the execution is in Step Functions' console.

{PERMISSIONS}
exit codes: 0 it is told, 1 there is no journey of this entity, 2 nothing could be read
"""

_EXAMPLES = """\
examples:
  choreography show 12345 --prefix shop
  choreography show 12345 --prefix shop --choreography order --timezone Europe/Berlin
  choreography show 12345 --prefix shop --format json
"""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "entity", metavar="ENTITY", help="the entity's id, or another name of it, just as its events have it"
    )
    parser.add_argument("--choreography", metavar="NAME", help="only its journey in this one (default: in all)")
    declare_looks(parser)


def _run(options: Namespace) -> int:
    return looked(options, partial(_look, options))


def _look(options: Namespace, reading: "Reading") -> int:
    from choreography_insights.views.words import visible

    found = [
        (name, journey)
        for name, row in reading.find(options.entity)
        if options.choreography in (None, name) and (journey := reading.journey(name, row.entity)) is not None
    ]
    for name, journey in found:
        say(_json(name, journey, reading.clock) if options.format == "json" else _told(name, journey, reading.clock))
    if found:
        return 0
    where = f"choreography {options.choreography}" if options.choreography else f"choreography of {options.prefix}"
    return complain(
        f"{visible(options.entity)}: no {where} has a journey of this entity; write its id just as its events have it. "
        f"Those that wait longest are listed by: choreography journeys CHOREOGRAPHY --prefix {options.prefix}"
    )


# ---- for people --------

_WHAT = {
    "began": "begins the journey",
    "moved": "moves it on",
    "counted": "is counted",
    "noted": "is noted",
    "onward": "goes on at once",
    "timeout": "the state's time was over",
    "unexpected": "moves nothing",
    "ended": "ends",
}


def _told(name: str, journey: "JourneyKnown", clock: "Clock") -> Iterator[str]:
    from choreography_insights.views.words import STATUS_WORDS, aligned, brief, cause, listed, visible

    took = (clock.now if journey.ended is None else journey.ended) - journey.started
    error = f", {visible(journey.error)}" if journey.error else ""
    where = f"{STATUS_WORDS[journey.status]} in {visible(journey.state)}"
    time = "for" if journey.ended is None else "after"
    yield f"{name} {visible(journey.entity)}: {where}{error}, {time} {brief(took)}"
    if journey.names:
        yield f"also known as {listed([f'{visible(kind)} {visible(text)}' for kind, text in journey.names], 'and')}"
    if journey.layout is not None:
        yield "It runs an older definition."
    yield ""
    rows = [("when", "event", "what it does", "state"), *(_row(step, clock) for step in journey.story)]
    yield from aligned(rows)
    if journey.untold:
        yield "It has more events than could be read: some of them are missing here."
    if journey.status == "RUNNING":
        yield ""
        for wait in journey.waits:
            events = listed([visible(event) for event in wait.accepts]) or "time to pass"
            since = f"{clock.moment(wait.since)} ({clock.ago(wait.since)})"
            yield f"waits in {visible(wait.state)} for {events}, since {since}"
    for one in journey.deviations:
        meant = f" Did the service mean {visible(one.nearest)}?" if one.nearest else ""
        yield f"{visible(one.event)} moved nothing: {visible(cause(one))}.{meant}"
    for words, address in journey.elsewhere:
        yield f"{words}: {address}"
    yield ""


def _row(step: "StoryStep", clock: "Clock") -> tuple[str, ...]:
    from choreography_insights.views.words import came_again, visible

    if step.state and step.next and step.state != step.next:
        where = f"{visible(step.state)} -> {visible(step.next)}"
    else:
        where = visible(step.next or step.state)
    count = f": {step.count[0]} of {step.count[1]}" if step.count else ""
    again = [came_again(step.repeats)] if step.repeats else []
    what = ", ".join((f"{_WHAT[step.what]}{count}", *step.marks, *again))
    return clock.moment(step.at), visible(step.event) or "-", what, where


# ---- for programs --------


def _json(name: str, journey: "JourneyKnown", clock: "Clock") -> Iterator[str]:
    document: dict[str, Any] = {
        "choreography": name,
        "entityId": journey.entity,
        "names": [{"as": kind, "id": text} for kind, text in journey.names],
        "status": journey.status,
        "state": journey.state,
        "error": journey.error,
        "startedAt": clock.iso(journey.started),
        "endedAt": None if journey.ended is None else clock.iso(journey.ended),
        "events": journey.events,
        "moreEvents": journey.untold,
        "olderDefinition": journey.layout is not None,
        "waits": [
            {"state": wait.state, "accepts": list(wait.accepts), "since": clock.iso(wait.since)}
            for wait in journey.waits
        ],
        "story": [
            {
                "at": clock.iso(step.at),
                "what": step.what,
                "state": step.state,
                "next": step.next,
                "marks": list(step.marks),
                "repeats": step.repeats,
                **({"count": list(step.count)} if step.count else {}),
                "event": {"eventName": step.event, "eventId": step.event_id, "time": clock.iso(step.time)}
                if step.event
                else None,
            }
            for step in journey.story
        ],
        "visits": [
            {
                "state": visit.state,
                "enteredAt": clock.iso(visit.entered),
                "leftAt": None if visit.left is None else clock.iso(visit.left),
                "cut": visit.cut,
            }
            for visit in journey.visits
        ],
        "deviations": [
            {
                "at": clock.iso(one.at),
                "reason": one.reason,
                "event": {"eventName": one.event, "eventId": one.event_id, "time": clock.iso(one.time)},
                "states": [{"state": state, "accepts": list(accepts)} for state, accepts in one.states],
                "nearest": one.nearest,
            }
            for one in journey.deviations
        ],
        "elsewhere": [address for _, address in journey.elsewhere],
    }
    yield json.dumps({"journey": document}, ensure_ascii=False, separators=(",", ":"))


COMMAND = Command(_DESCRIPTION, _EXAMPLES, _declare, _run)
