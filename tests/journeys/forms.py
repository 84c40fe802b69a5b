"""Which forms of the language a run has really met: not only written, but gone through by a journey."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from choreography_insights.replay.journey import (
    Began,
    Counted,
    Cut,
    Deviation,
    Ended,
    Lapsed,
    Moved,
    Noted,
    Passed,
    Record,
)
from journeys.trace import Course

KINDS = ("await", "all", "parallel", "each", "choose", "wait", "pass", "fail", "succeed")


def forms_by_state(spec: Mapping[str, Any]) -> dict[str, list[str]]:
    """The forms of each state of a definition, by its name."""
    return dict(_forms_of(spec["states"], ()))


def _forms_of(states: Mapping[str, Any], around: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    for name, state in states.items():
        kind = state if isinstance(state, str) else next(kind for kind in KINDS if kind in state)
        gates = [f"{own} in an item" for own in ("until", "instead") if "each" in around and own in state]
        yield name, [kind, *(f"{kind} in {outer}" for outer in around[-1:]), *_details(kind, state), *gates]
        for inner in _inner(kind, state):
            yield from _forms_of(inner, (*around, kind))


def _inner(kind: str, state: Any) -> list[Mapping[str, Any]]:
    if kind == "parallel":
        return [branch["states"] for branch in state["parallel"].values()]
    return [state["each"]["states"]] if kind == "each" else []


def _details(kind: str, state: Any) -> Iterator[str]:
    if not isinstance(state, Mapping):
        return
    for own in ("timeout", "unexpected", "early", "anytime", "need", "first", "remember", "instead", "until", "done"):
        if own in state:
            yield f"{kind} with {own}"
    if kind in ("parallel", "each"):
        yield from {f"{kind} that remembers {how}" for own in state.get("remember", {}).values() for how in own}
    match kind:
        case "await":
            if len(state["await"]) > 1:
                yield "await of several events"
            yield from {
                f"await with {key}"
                for ways in state["await"].values()
                if isinstance(ways, list)
                for way in ways
                for key in way
            }
        case "choose":
            keys = {key for entry in state["choose"] for key in entry}
            yield from (f"choose with {key}" for key in keys)
            if "otherwise" not in keys:
                yield "choose without otherwise"
        case "wait":
            yield "wait until" if isinstance(state["wait"], Mapping) else "wait for"
        case "each":
            yield f"each of {state['each']['items'].split('.')[1]}"
            yield "each with key" if "key" in state["each"] else "each without key"
        case "fail":
            for field, text in state["fail"].items():
                yield f"fail with {field} from data" if text.startswith("$") else f"fail with {field}"


_ERRORS = ("NoItems", "States.Runtime", "UnexpectedTransition", "States.NoChoiceMatched", "UnexpectedEvent")


def met_forms(spec: Mapping[str, Any], trace: Course) -> Iterator[str]:
    """The forms that one entity's journeys have met, each as often as it was."""
    by_state = forms_by_state(spec)
    before: Record | None = None
    for _, record in trace.log:
        yield from _met_in(record, by_state)
        if isinstance(record, Passed) and isinstance(before, Cut) and before.at == record.at:
            yield f"{by_state[record.state][0]} done before all of its lines"
        before = record
    for name in trace.visited:
        yield from by_state[name]
    journeys = sum(isinstance(record, Began) for _, record in trace.log)
    if journeys:
        yield from _of_the_whole(spec)
    if journeys > 1:
        yield "successive journeys"


def _met_in(record: Record, by_state: Mapping[str, Sequence[str]]) -> Iterator[str]:
    match record:
        case Began(now, event, state):
            if event.time < now - 1:
                yield "a kept start event begins the next journey"
            yield from by_state[state]
        case Moved(now, event, state, wait, following, _, _):
            if event.time < now - 1:
                yield "an early event is used later"
            if wait.partition("[")[0] == f"{state}.Anytime":
                yield f"{by_state[state][0]} left at any time"
            yield from by_state[following]
        case Noted():
            yield "an event that is only noted"
        case Counted(again=again):
            yield "an event that does not count again" if again else "an event that counts"
        case Passed(_, state, following, stayed, _):
            yield from by_state[following]
            if stayed == 0 and by_state[state][0] == "each":
                yield "each of an empty list"
        case Lapsed(_, state, following, _, _):
            yield f"timeout of {by_state[state][0]} is over"
            yield from by_state[following]
        case Ended(_, status, _, error):
            yield f"ended {status}"
            if error in _ERRORS:
                yield f"failed by {error}"
        case Deviation(_, _, reason, _):
            yield f"deviation {reason}"


def _of_the_whole(spec: Mapping[str, Any]) -> Iterator[str]:
    for setting in ("unexpected", "capture", "time", "entity", "id"):
        if setting in spec:
            yield f"{setting}: {spec[setting]}"
    if "where" in spec:
        yield "where"
    if isinstance(spec["source"], dict) and any(spec["source"].values()):
        yield "source with where"
    if len(spec["source"]) > 1 and not isinstance(spec["source"], str):
        yield "several sources"
    starts = spec["start"] if isinstance(spec["start"], Mapping) else {spec["start"]: {}}
    if len(starts) > 1:
        yield "several start events"
    starts = {name: {"next": start} if isinstance(start, str) else start for name, start in starts.items()}
    yield from {f"start with {key}" for start in starts.values() for key in start}
    if any(name not in ("Ordered", "Imported") for name in starts):
        yield "start event of a name that is awaited"
    if any("when" not in start for name, start in starts.items() if name not in ("Ordered", "Imported")):
        yield "start event that is awaited, too"
    said = [entry for own in spec.get("events", {}).values() for entry in (own if isinstance(own, list) else [own])]
    yield from {f"events with {key} of their own" for own in said for key in own}
    if spec["settle"] == "0s":
        yield "settle: 0s"


def counted(spec: Mapping[str, Any], trace: Course) -> Counter[str]:
    """How often each form was met."""
    return Counter(met_forms(spec, trace))
