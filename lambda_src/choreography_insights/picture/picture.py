"""A choreography as what there is to draw of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from choreography_insights.core import fields
from choreography_insights.core.durations import in_words
from choreography_insights.model.names import (
    asked_in_words,
    branch_name,
    condition_in_words,
    more_in_words,
    needed_in_words,
    stays_in_words,
)
from choreography_insights.model.workflow import (
    All,
    Await,
    Choose,
    DataPath,
    Each,
    Fail,
    Item,
    Parallel,
    Pass,
    State,
    Succeed,
    Wait,
    Waiting,
    Workflow,
    anytime,
    beginnings,
    goes_on,
    leaving,
    lessons,
)
from choreography_insights.views.picture import ANY, ANYTIME, BEGIN, ENTRY, ONWARD, TIMEOUT, Arrow, Box, Label, Picture


def picture_of(workflow: Workflow) -> Picture:
    """Return the picture of the whole choreography."""
    begun_in = beginnings(workflow)
    starts: dict[str, tuple[Label, ...]] = {}
    for start in workflow.starts:
        label = Label(start.event.text, start.event.text, condition_in_words(start.when) if start.when else "")
        state = begun_in[start.event.text]
        starts[state] = (*starts.get(state, ()), label)
    picture = _scope(workflow.states, BEGIN, starts)
    if not workflow.anytime:
        return picture
    found: dict[str, tuple[Label, ...]] = {}
    for entry in leaving(workflow.anytime):
        asked = ", ".join(filter(None, ("at any moment", asked_in_words(entry.condition))))
        target = entry.next.text
        found[target] = (*found.get(target, ()), Label(entry.event.text, entry.event.text, asked))
    arrows = (Arrow(ANYTIME, target, labels) for target, labels in found.items())
    return Picture(
        (*picture.boxes, Box(ANYTIME, "", "begin", stays_in_words(workflow.anytime))), (*picture.arrows, *arrows)
    )


def _scope(states: Sequence[State], begin: str, starts: Mapping[str, tuple[Label, ...]]) -> Picture:
    """Return the picture of states that lead to one another, entered at *begin*; *starts* has the labels by state."""
    found: dict[tuple[str, str, bool], tuple[Label, ...]] = {
        (begin, state, False): labels for state, labels in starts.items()
    }
    for state in states:
        for target, label in _ways(state):
            key = (state.name.text, target, label.event == TIMEOUT)
            found[key] = (*found.get(key, ()), label)
    arrows = tuple(Arrow(origin, target, labels) for (origin, target, _), labels in found.items())
    return Picture((Box(begin, "", "begin"), *map(_box, states)), arrows)


def _box(state: State) -> Box:
    name = state.name.text
    match state:
        case Await():
            return Box(name, name, "wait", _counted(state))
        case All():
            lanes = tuple(Picture((_item(state, item),)) for item in state.items)
            return Box(name, name, "around", _around(f"{needed_in_words(state)}, in any order", state), lanes=lanes)
        case Parallel():
            done = f": {needed_in_words(state)} of them" if state.need else ""
            at_once = _around(f"all branches at once{done}", state)
            return Box(name, name, "around", at_once, lanes=tuple(_branches(state)))
        case Each():
            first = state.body.states[0].name.text
            lane = _scope(state.body.states, f"{BEGIN} {name}", {first: (Label(ENTRY, ""),)})
            done = f": {needed_in_words(state)} of them" if state.need else ""
            each = f"each of {fields.written(state.items.path)}{done}"
            return Box(name, name, "around", _around(each, state), lanes=(lane,))
        case Choose():
            return Box(name, name, "choose", "by what is known")
        case Wait():
            return Box(name, name, "pause", "lets time pass")
        case Pass():
            return Box(name, name, "pass")
        case Succeed():
            return Box(name, name, "succeed")
        case Fail():
            return Box(name, name, "fail", _text(state.cause))
        case _:
            assert_never(state)


def _around(what: str, state: State) -> str:
    """Say *what* the group is, which events are only noted in it, and what is remembered behind it."""
    learned = ", ".join(f"{one.name.text} ({one.how} of {one.of.text})" for one in lessons(state))
    told = (what, stays_in_words(anytime(state)), f"remembers {learned}" if learned else "")
    return "; ".join(filter(None, told))


def _counted(state: Await) -> str:
    """Say whether its line is done, and how many of which events the state waits for, where that is not one."""
    done = ["done, may go on"] if state.done else []
    return ", ".join(done + [f"{one.quorum.times} of {one.event.text}" for one in state.variants if one.quorum])


def _text(text: str | DataPath | None) -> str:
    return fields.written(text.path) if isinstance(text, DataPath) else text or ""


def _item(state: All, item: Item) -> Box:
    return Box(branch_name(state, item), item.name.text, "wait", item.event.text, inside=state.name.text)


def _branches(state: Parallel) -> Iterator[Picture]:
    for branch in state.branches:
        begin = f"{BEGIN} {state.name.text}.{branch.name.text}"
        yield _scope(branch.states, begin, {branch.states[0].name.text: (Label(ENTRY, branch.name.text),)})


def _ways(state: State) -> Iterator[tuple[str, Label]]:
    match state:
        case Await():
            for variant in leaving(state.variants):
                event = variant.event.text
                yield variant.next.text, Label(event, event, more_in_words(variant))
        case All():
            # The journey leaves by the last of the events, whichever that is.
            yield state.next.text, Label(ANY, "")
        case Choose():
            for option in state.options:
                yield option.next.text, Label(ONWARD, "", asked_in_words(option.condition))
            if state.otherwise:
                yield state.otherwise.text, Label(ONWARD, "otherwise")
        case Wait(until=int() as seconds):
            yield state.next.text, Label(ONWARD, f"after {in_words(seconds)}")
        case Wait(until=DataPath() as until):
            yield state.next.text, Label(ONWARD, f"at {fields.written(until.path)}")
        case Parallel() | Each() | Pass() if not goes_on(state):
            yield state.next.text, Label(ONWARD, "")
    for entry in leaving(anytime(state)):
        yield entry.next.text, Label(entry.event.text, entry.event.text, more_in_words(entry))
    if isinstance(state, Waiting) and state.timeout:
        yield state.timeout.next.text, Label(TIMEOUT, f"after {in_words(state.timeout.seconds)}")
