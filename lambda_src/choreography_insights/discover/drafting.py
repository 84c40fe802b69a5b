"""A draft as a workflow.yaml that a person would have written."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from choreography_insights.core.durations import YEAR, in_words
from choreography_insights.core.fields import EventPath, written
from choreography_insights.discover.activities import Activity, Value
from choreography_insights.discover.items import Items, Lengths
from choreography_insights.discover.states import DraftBranch, DraftState, DraftStates, Way
from choreography_insights.discover.stays import Stays
from choreography_insights.model.workflow import ITEMS_AT_ONCE
from choreography_insights.parse.scalars import scalar
from choreography_insights.views.words import many, number, span

_ROUND = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1_200, 1_800, 2_700, 3_600)
_ROUND_HOURS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48)
_ROUND_DAYS = (2, 3, 4, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365)
_ENOUGH_STAYS = 20
_WIDEST = 98


@dataclass(frozen=True, slots=True)
class Facts:
    """What a draft says besides its states. Times in epoch seconds."""

    name: str
    entity: EventPath
    sources: Sequence[str]
    events: int
    journeys: int
    first: float
    last: float
    longest: float
    """How long the longest journey took, in seconds."""
    entities: Mapping[str, EventPath]
    """Where events carry their id, that have it elsewhere."""
    items: Items | None = None
    """What events are about besides, if the draft says so."""


def workflow_text(facts: Facts, draft: DraftStates, stays: Mapping[str, Stays], schema: str) -> str:
    """Return the text of a workflow.yaml; *schema*: where an editor finds the language's schema."""
    states = draft.states
    limits = {
        state.name: _limit(stays.get(state.name, Stays())) for state in states if state.may_end and not state.is_end
    }
    whole = round_up(max([2 * facts.longest, *(limit + 1 for limit in limits.values())]))
    heading = [*_heading(facts, draft, schema, whole), *_anytime(draft.anytime)]
    return "\n".join([*heading, "", "states:", *_states(states, stays, limits)]).rstrip() + "\n"


def round_up(seconds: float) -> int:
    """Return the next span that people would say."""
    steps = (*_ROUND, *(3_600 * hours for hours in _ROUND_HOURS), *(86_400 * days for days in _ROUND_DAYS))
    return next((step for step in steps if step >= seconds), YEAR)


def _limit(stays: Stays) -> int:
    """Return after how long nothing more is to be expected in a state: twice the longest stay, but within a year."""
    return min(round_up(2 * (stays.within(1.0) or 60.0)), _ROUND_DAYS[-2] * 86_400)


def _heading(facts: Facts, draft: DraftStates, schema: str, limit: int) -> Iterator[str]:
    began, ended = (datetime.fromtimestamp(time, UTC).date().isoformat() for time in (facts.first, facts.last))
    when = f"on {began}" if began == ended else f"from {began} to {ended}"
    yield f"# yaml-language-server: $schema={schema}"
    yield "# A draft: 'choreography discover' has learned it from recorded events. What is rare is left out."
    yield f"choreography: {scalar(facts.name)}"
    yield f"description: Learned from {number(facts.events)} events of {number(facts.journeys)} journeys {when}"
    yield f"entity: {_path(facts.entity)}"
    yield f"source: {_one_or_list(facts.sources)}"
    if facts.items and facts.items.remembered:
        (start,) = draft.beginnings
        kept = f"{scalar(facts.items.path[-1])}: {_path(('detail', *facts.items.path), '')}"
        yield f"start: {{{scalar(start)}: {{remember: {{{kept}}}}}}}"
    elif set(draft.beginnings.values()) == {draft.states[0].name}:
        yield f"start: {_one_or_list([*draft.beginnings])}"
    else:
        yield "start:"
        yield from (f"  {scalar(event)}: {scalar(to)}" for event, to in draft.beginnings.items())
    said = [*_told_of_events(facts)]
    if said:
        yield "events:"
        yield from said
    if limit < YEAR:
        yield f"timeout: {in_words(limit)} # the longest journey took {span(facts.longest)}"


def _told_of_events(facts: Facts) -> Iterator[str]:
    """Yield a line for each event that has its id, or its item's key, elsewhere than most."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for event, path in sorted(facts.entities.items()):
        told[event].append(f"entity: {_path(path)}")
    items = facts.items
    while items:
        for event, key in sorted(items.carriers.items()):
            if key != items.usual:
                told[event].append(f"item: {_path(('detail', *key))}")
        items = items.inner
    for event, says in told.items():
        yield f"  {scalar(event)}: {{{', '.join(says)}}}"


def _anytime(ways: Sequence[Way]) -> Iterator[str]:
    if not ways:
        return
    yield "anytime: # in whatever state a journey is"
    for way in ways:
        yield f"  {scalar(way.activity.event)}: {scalar(way.next)}"


def _path(path: EventPath, root: str = "$") -> str:
    text = written(path, root).removeprefix(".")
    return text if re.fullmatch(r"[$.\w]+", text) else f'"{text}"'


def _one_or_list(texts: Sequence[str]) -> str:
    return scalar(texts[0]) if len(texts) == 1 else f"[{', '.join(map(scalar, texts))}]"


def _states(states: Sequence[DraftState], stays: Mapping[str, Stays], limits: Mapping[str, int]) -> Iterator[str]:
    end = _end_of_those_that_stop(states)
    for state in states:
        if not state.is_end:
            yield from (f"  {line}" for line in _state(state, stays, limits, end or "Ended"))
            yield ""
    yield from (f"  {line}" for line in _ends(states, stays))
    if end is None and any(state.may_end for state in states if not state.is_end):
        yield "  Ended: succeed"


def _ends(states: Sequence[DraftState], stays: Mapping[str, Stays]) -> Iterator[str]:
    for state in states:
        if state.is_end:
            yield f"{scalar(state.name)}: succeed{_comment(stays.get(state.name, Stays()))}"


def _state(state: DraftState, stays: Mapping[str, Stays], limits: Mapping[str, int], stop: str) -> Iterator[str]:
    known = stays.get(state.name, Stays())
    yield f"{scalar(state.name)}:{_comment(known)}"
    if state.each:
        yield from _each(state.each)
        yield "    states:"
        yield from (f"      {line}" for line in _inside(state.branches[0], stays, limits, stop))
        if state.ways:
            exits = (f"{scalar(way.activity.event)}: {scalar(way.next)}" for way in state.ways)
            yield f"  anytime: {{{', '.join(exits)}}}"
    elif state.items:
        yield "  all:"
        for name, activity in _item_names(state.items):
            yield f"    {scalar(name)}: {scalar(activity.event)}"
    elif state.branches:
        yield "  parallel:"
        for branch in state.branches:
            yield f"    {scalar(branch.name)}:"
            yield "      states:"
            yield from (f"        {line}" for line in _inside(branch, stays, limits, stop))
    else:
        yield from _await(state.ways)
    if state.branches:
        yield f"  next: {scalar(state.next)}"
    usual, enough = known.within(0.95), len(known.seconds) >= _ENOUGH_STAYS
    if state.may_end:
        after = in_words(limits[state.name])
        yield f"  timeout: {{after: {after}, next: {scalar(stop)}}} # {_ending(state.may_end)} here"
    elif usual is not None and usual > 0 and round_up(usual) < YEAR and enough:  # beyond that no journey lives
        yield f"  expected: {in_words(round_up(usual))}"


def _each(items: Items) -> Iterator[str]:
    yield f"  each:{_of_lengths(items.lengths)}"
    yield f"    items: {_path(('remembered', items.path[-1]) if items.remembered else ('detail', *items.path))}"
    if items.key:
        yield f"    key: {_path(items.key)}"
    yield f"    item: {_path(('detail', *items.usual))}"


def _of_lengths(lengths: Lengths) -> str:
    """Say how long lists may be, if some have more items than run at once."""
    if lengths.longest <= ITEMS_AT_ONCE:
        return ""
    longest = f"the longest list has {number(lengths.longest)} items"
    too_long = f": {many(lengths.longer, 'list')} too long" if lengths.longer else ""
    return f" # {longest}, {number(lengths.most)} may be in one{too_long}"


def _inside(branch: DraftBranch, stays: Mapping[str, Stays], limits: Mapping[str, int], stop: str) -> Iterator[str]:
    for one in branch.states:
        if not one.is_end:
            yield from _state(one, stays, limits, stop)
    yield from _ends(branch.states, stays)


def _end_of_those_that_stop(states: Sequence[DraftState]) -> str | None:
    """Return the end of journeys that end where more may follow: there is one called Completed, or there is none."""
    names = {state.name for state in states}
    return next((name for name in ("Completed", "Ended") if name in names), None)


def _ending(times: int) -> str:
    return f"{many(times, 'journey')} {'ends' if times == 1 else 'end'}"


def _comment(stays: Stays) -> str:
    if not stays.visits:
        return ""
    median = stays.within(0.5)
    took = f", half within {span(max(median, 1))}" if median is not None and len(stays.seconds) > 1 else ""
    return f" # {many(stays.visits, 'visit' if took else 'journey')}{took}"


def _await(ways: Sequence[Way]) -> Iterator[str]:
    by_event: defaultdict[str, list[Way]] = defaultdict(list)
    for way in ways:
        by_event[way.activity.event].append(way)
    plain = {event: own[0].next for event, own in by_event.items() if len({way.next for way in own}) == 1}
    in_a_line = f"  await: {{{', '.join(f'{scalar(event)}: {scalar(to)}' for event, to in plain.items())}}}"
    if len(plain) == len(by_event) and len(in_a_line) <= _WIDEST:
        yield in_a_line
        return
    yield "  await:"
    for event, own in by_event.items():
        if event in plain:
            yield f"    {scalar(event)}: {scalar(plain[event])}"
            continue
        yield f"    {scalar(event)}:"
        by_target: defaultdict[str, list[Way]] = defaultdict(list)
        for way in sorted(own, key=lambda way: not way.activity.path):
            by_target[way.next].append(way)
        for target, some in by_target.items():
            if not all(way.activity.path for way in some):
                continue
            values = [value for way in some for value in way.activity.values]
            yield f"      - when: {_pattern(some[0].activity, values)}"
            yield f"        next: {scalar(target)}"
        for target, some in by_target.items():
            if not all(way.activity.path for way in some):
                yield f"      - otherwise: {scalar(target)}"


def _pattern(activity: Activity, values: Sequence[Value]) -> str:
    text = f"[{', '.join(map(_value, values))}]"
    for name in reversed(activity.path):
        text = f"{{{scalar(name)}: {text}}}"
    return text


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value) if isinstance(value, str) else str(value)


def _item_names(items: Sequence[Activity]) -> Iterator[tuple[str, Activity]]:
    """Name each of *items* after its event, less the words that all of them begin with."""
    words = [re.findall(r"[^\W_]+", one.event) or ["Event"] for one in items]
    common = 0
    while all(len(one) > common + 1 for one in words) and len({one[common] for one in words}) == 1:
        common += 1
    taken: set[str] = set()
    for own, activity in zip(words, items, strict=True):
        wanted = "".join(word[:1].upper() + word[1:] for word in own[common:])
        name = wanted if wanted not in taken else f"{wanted}{len(taken) + 1}"
        taken.add(name)
        yield name, activity
