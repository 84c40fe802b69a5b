"""Who waits inside of states that others lie in, told by the rows of their waits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from choreography_insights.insights.lines import Ways
from choreography_insights.insights.rows import OpenWaitRow
from choreography_insights.views.flow import Flow, FlowState


@dataclass(frozen=True, slots=True)
class Inside:
    """A line of the journey of *key* that is in a state since *since*, and which events are accepted there."""

    key: str
    since: float
    accepts: tuple[str, ...] = ()


def current_waits(flow: Flow, where: str | None, waits: Iterable[OpenWaitRow], now: float) -> list[OpenWaitRow]:
    """Return those of *waits* that are open *now*: one whose time is over stays in the row until somebody looks.

    Of a branch only the state counts that was entered last; of the journey, the state *where* its row says that it is.
    What ends a group is not among what a wait accepts while its gate is shut. A wait for that alone is none then, nor
    is the end of a line that opens one.
    """
    branches = Ways(flow).branches
    latest: dict[tuple[str, tuple[str, ...]], tuple[float, str]] = {}
    own: list[tuple[OpenWaitRow, str]] = []
    for wait in waits:
        state = flow.states.get(wait.state)
        if state is None:
            continue
        owner = state.owner
        timeout = flow.states[owner].timeout
        if flow.states[owner].inside and timeout is not None and wait.entered + timeout[0] <= now:
            continue
        if where is not None and flow.around(owner)[-1] != where:
            continue
        own.append((wait, owner))
        key = (branches[owner], wait.keys)
        latest[key] = max(latest.get(key, (0.0, "")), (wait.entered, owner))
    order = {name: position for position, name in enumerate(flow.states)}
    current = [wait for wait, owner in own if latest[branches[owner], wait.keys][1] == owner]
    return sorted(
        (open_one for wait in current if (open_one := _open(flow, wait, current, branches)) is not None),
        key=lambda wait: (order[wait.state], wait.keys),
    )


def _open(
    flow: Flow, wait: OpenWaitRow, beside: Sequence[OpenWaitRow], branches: Mapping[str, str]
) -> OpenWaitRow | None:
    """Return *wait* without the events whose gate the waits *beside* it keep shut; None if it waits for nothing."""
    state = flow.states[wait.state]
    if state.kind == "succeed":
        return None
    if not any(way.gate for way in state.ways):
        return wait
    there = {one.state for one in beside if one.keys == wait.keys}
    lines = {branches[one.name] for one in flow.states.values() if _is_done_in(one, state.inside)}
    done = {branches[name] for name in there if _is_done_in(flow.states[name], state.inside)}
    is_open = {None: True, "untouched": there >= {*flow.parts(state.inside)}, "done": done == lines}
    awaited = {way.event for way in state.ways if is_open[way.gate]}
    return replace(wait, accepts=tuple(event for event in wait.accepts if event in awaited)) if awaited else None


def _is_done_in(state: FlowState, group: str) -> bool:
    """Whether a line of *group* that is in *state* is done."""
    return state.inside == group and (state.done or state.kind == "succeed")


def lines_inside(
    flow: Flow, where: str, journeys: Mapping[str, Iterable[OpenWaitRow]], now: float
) -> dict[str, list[Inside]]:
    """Return who is in each state, and part of an ``all``, that lies in the state *where*; *journeys*: waits by key.

    A state that others lie in is taken to be entered when the first of its waits that are open was.
    """
    found: dict[str, list[Inside]] = {}
    for key, rows in journeys.items():
        lines: dict[tuple[str, tuple[str, ...]], Inside] = {}
        for wait in current_waits(flow, where, rows, now):
            for place in _places(flow, wait):
                other = lines.get(place)
                lines[place] = Inside(key, min(other.since, wait.entered) if other else wait.entered)
        for (name, _), line in lines.items():
            found.setdefault(name, []).append(line)
    return found


def _places(flow: Flow, wait: OpenWaitRow) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the state of *wait* and all that it lies in but the outermost, each with the items that it is about."""
    *outer, _ = around = flow.around(wait.state)
    depths = [flow.states[name].kind == "each" for name in around]
    for position, name in enumerate(outer):
        if flow.states[name].kind == "anytime":
            continue  # the wait of a state, and no place in it
        yield name, wait.keys[: sum(depths[position + 1 :])]


def awaited_by(flow: Flow, where: str, waits: Iterable[OpenWaitRow], now: float) -> tuple[str, ...]:
    """Return the events that a journey in the state *where* waits for, by its *waits*."""
    events = (event for wait in current_waits(flow, where, waits, now) for event in wait.accepts)
    return tuple(dict.fromkeys(events))


def accepted(flow: Flow, state: str) -> tuple[str, ...]:
    """Return the events that are accepted in *state* itself."""
    own = flow.states.get(state)
    return () if own is None else tuple(dict.fromkeys(way.event for way in own.ways if way.event))


def waits_inside(flow: Flow, where: str | None) -> Sequence[str]:
    """Return the states in *where*, or *where* itself, whose waits stand in the row of the journey; None: anywhere."""
    going_on = {one.inside for one in flow.states.values() if any(way.gate == "done" for way in one.ways)}
    return [
        one.name
        for one in flow.states.values()
        if (one.kind in ("await", "part", "anytime") or (one.kind == "succeed" and one.inside in going_on))
        and (where is None or where in flow.around(one.name))
        and not any(flow.states[outer].kind == "each" for outer in flow.around(one.name))
    ]


def has_items(flow: Flow, where: str | None) -> bool:
    """Whether waits in the state *where* have rows of their own, those in an ``each``; None: anywhere."""
    return any(one.kind == "each" and (where is None or where in flow.around(one.name)) for one in flow.states.values())
