"""``definition.asl.json``: the state machine, in the form of docs/reference/interfaces.md, section 2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from choreography_insights.compile import groups
from choreography_insights.compile.choice import choose_state, variant_choice
from choreography_insights.compile.data import EVENT, TALLY, text_fields, wait_fields
from choreography_insights.compile.ordering import OTHER_LINES, OWN_KIND, Contests, contests
from choreography_insights.compile.read_model import AROUND, HERE, Whereabouts, arrival_task, before
from choreography_insights.compile.wait_states import (
    Accepted,
    Surroundings,
    catches,
    count_begins,
    persistent_retry,
    wait_task,
)
from choreography_insights.core.fields import EventPath
from choreography_insights.model.flow import flow_of
from choreography_insights.model.lists import most_items
from choreography_insights.model.names import (
    BEGUN_BY,
    DONE,
    UNEXPECTED_EVENT,
    UNEXPECTED_TRANSITION,
    arrival_name,
    branch_name,
    choice_name,
    count_name,
    counting_name,
    counts_lines,
    enough_name,
    entry_name,
    excess_name,
    guard_name,
    is_followed_by_choice,
    left_choice_name,
    left_name,
    lesson_names,
    needs_arrival,
    needs_choice,
    over_name,
    queue_name,
    refusal_name,
    tells_visits_apart,
)
from choreography_insights.model.workflow import (
    AS_EVERYWHERE,
    ITEMS_AT_ONCE,
    All,
    Await,
    Branch,
    Choose,
    Each,
    Fail,
    Group,
    Item,
    Name,
    Parallel,
    Pass,
    Policy,
    State,
    Succeed,
    Timeout,
    Variant,
    Wait,
    Waiting,
    Workflow,
    accepted,
    anytime,
    beginnings,
    begins_apart,
    gated_lines,
    goes_on,
    leaving,
    lessons,
    may_end_alone,
    may_leave_lines,
    needed_lines,
    nested,
    remembers,
    spread,
    watch,
)

GENERATED_BY = "Generated from workflow.yaml by 'choreography generate'; edit that file instead."

NamedState = tuple[str, dict[str, Any]]


def state_machine(workflow: Workflow) -> dict[str, Any]:
    """Return the whole state machine, its placeholders being `rendering.Template`."""
    workflow = spread(workflow)
    contested = contests(workflow)
    compiler = _Compiler(workflow, contested)
    around = _Around(policy=Policy(), contested=contested)
    return {
        "Comment": f"{workflow.description} ({GENERATED_BY})" if workflow.description else GENERATED_BY,
        "StartAt": BEGUN_BY if begins_apart(workflow) else compiler.entry(next(iter(beginnings(workflow).values()))),
        "TimeoutSeconds": workflow.timeout_seconds,
        "States": {
            **compiler.begins(workflow),
            **compiler.states(workflow.states, around),
            **_failures(workflow),
        },
    }


@dataclass(frozen=True, slots=True)
class _Around:
    """What a state is inside of: *items* says where events carry the key of the item of each `each` around it.

    *lines*: it lies in one of these, whose end may end the others. *counts*: of how many groups around lines are
    counted. *learned*: what its line remembers is handed out. *opens*: what waits say in which its line is
    done, where the group `goes_on`. *races*: a group around may be over while lines of it are not.
    """

    policy: Policy
    contested: Contests = field(repr=False)
    items: tuple[EventPath, ...] = ()
    nested: bool = False
    lines: groups.Lines | None = None
    counts: int = 0
    learned: bool = False
    opens: dict[str, str] | None = None
    races: bool = False

    def within(self, state: All | Parallel | Each, line: dict[str, str]) -> "_Around":
        """Return what a *line* of *state* is inside of."""
        counts = self.counts + tells_visits_apart(state)
        needed = needed_lines(state)
        lines = None if needed is None else groups.Lines(state, needed, counts, len(self.items), line)
        policy = state.policy.within(self.policy)
        items = (*self.items, state.item) if isinstance(state, Each) else self.items
        opens = groups.mark(state, len(self.items), counts) if goes_on(state) else None
        return replace(
            self,
            policy=policy,
            items=items,
            nested=True,
            lines=lines,
            counts=counts,
            learned=bool(lessons(state)),
            opens=opens,
            races=self.races or may_end_alone(state),
        )

    def end(self, name: str) -> Iterator[NamedState]:
        """Yield the good end of the journey, or of the line, under *name*."""
        if self.lines is not None:
            yield from self.lines.end(name)
        elif self.learned:
            yield name, groups.line_done()
        else:
            yield name, {"Type": "Pass", "Result": {}, "End": True} if self.nested else {"Type": "Succeed"}


class _Compiler:
    def __init__(self, workflow: Workflow, contested: Contests) -> None:
        self._settings = {settings.event.text: settings for settings in workflow.events}
        lists = [state for state in nested(workflow.states) if isinstance(state, Each)]
        self._most = {state.name.text: most_items(workflow, state) for state in lists}
        self._remembers = remembers(workflow)
        self._tracked = any(any(rivals) for rivals in contested.values())
        self._version = flow_of(workflow).version
        self._entries = {state.name.text: entry_name(state) for state in nested(workflow.states)}
        self._entries |= {state.name.text: arrival_name(state) for state in workflow.states if _is_told_before(state)}

    def states(self, states: Sequence[State], around: _Around) -> dict[str, Any]:
        """Return *states* of one scope, and what they bring with them."""
        return dict(compiled for state in states for compiled in self._state(state, around))

    def to(self, name: Name) -> str:
        """Return where a way to *name* leads: to itself, or to what stands before it."""
        return self.entry(name.text)

    def entry(self, name: str) -> str:
        """Return the same by the state's own name."""
        return self._entries[name]

    def begins(self, workflow: Workflow) -> dict[str, Any]:
        """Return the Choice by which a journey begins where its start event says; none where all say the same."""
        if not begins_apart(workflow):
            return {}
        (_, default), *others = beginnings(workflow).items()
        rules = [
            {"Variable": "$.event.eventName", "StringEquals": event, "Next": self.entry(state)}
            for event, state in others
            if state != default
        ]
        return {BEGUN_BY: {"Type": "Choice", "Choices": rules, "Default": self.entry(default)}}

    def _state(self, state: State, around: _Around) -> Iterator[NamedState]:
        name = state.name.text
        if not around.nested and _is_told_before(state):
            yield arrival_name(state), self._arrival(before(name), entry_name(state))
        match state:
            case Await():
                if state.counts:
                    seconds = state.timeout.seconds if state.timeout else None
                    yield count_name(state), count_begins(name, seconds, name)
                yield from self._await(state, around)
            case All():
                yield from self._counts_begin(state, around)
                inner = replace(around, nested=around.nested or bool(state.anytime))
                yield from self._grouped(state, self._all(state, inner), around)
            case Parallel():
                yield from self._counts_begin(state, around)
                first, *others = [
                    self._branch(branch, around.within(state, groups.branch_line(branch.name.text)))
                    for branch in state.branches
                ]
                if not around.nested and needs_arrival(state):
                    first = self._told_in(first, arrival_name(state))
                yield from self._grouped(state, {"Type": "Parallel", "Branches": [first, *others]}, around)
            case Each():
                yield from self._of_items(state, around)
            case Choose():
                default = self.to(state.otherwise) if state.otherwise else _stray(around)
                yield name, choose_state(state, self.to, default)
            case Wait():
                yield from self._grouped(state, {"Type": "Wait", **wait_fields(state.until)}, around)
            case Pass():
                yield name, {"Type": "Pass", "Next": self.to(state.next)}
            case Succeed() if around.opens is not None:
                yield name, self._done(state.name, around)
            case Succeed():
                yield from around.end(name)
            case Fail():
                yield name, {"Type": "Fail", **text_fields("Error", state.error), **text_fields("Cause", state.cause)}

    # ---- one of several events --------

    def _await(self, state: Await, around: _Around) -> Iterator[NamedState]:
        chooses = is_followed_by_choice(state)
        yield (
            state.name.text,
            {
                **self._one_of(state, around, self._surroundings(state, around)),
                **_time_limit(state.timeout, counts=state.counts),
                "Retry": persistent_retry(),
                **(self._catch(state.timeout, around) if not state.done else _over(state)),
                "Next": choice_name(state) if chooses else self.to(leaving(state.variants)[0].next),
            },
        )
        if chooses:
            yield choice_name(state), variant_choice(state, self.to, _stray(around))
        if state.done:
            yield over_name(state), {"Type": "Pass", "End": True}

    def _done(self, name: Name, around: _Around) -> dict[str, Any]:
        """Return the Task in which a line is done of a group that goes on: nothing leads out of it, but all may end."""
        surroundings = self._surroundings(Await(name, (), None, done=True), around)
        wait = wait_task(name.text, [], replace(surroundings, is_over=True))
        return {**wait, "ResultPath": None, "Retry": persistent_retry(), "End": True}

    def _one_of(
        self, state: Await, around: _Around, surroundings: Surroundings, group: Group | None = None
    ) -> dict[str, Any]:
        """Return the Task that waits for the variants of *state*, up to what it does about errors.

        *group*: what these events end.
        """
        accepts = [
            replace(
                self._accepted(variant.event, around),
                **_asked(variant),
                **_contested(rivals),
                gate=self._gate(group, around) if group and variant.gate else None,
            )
            for variant, rivals in zip(state.variants, around.contested[state.name.text], strict=True)
        ]
        return {**wait_task(state.name.text, accepts, surroundings), "ResultPath": "$.event"}

    def _gate(self, group: Group, around: _Around) -> tuple[dict[str, str], int]:
        return self._mark(group, around), gated_lines(group)

    def _mark(self, group: Group, around: _Around) -> dict[str, str]:
        return groups.mark(group, len(around.items), around.counts + tells_visits_apart(group))

    def _accepted(self, event: Name, around: _Around) -> Accepted:
        settings = self._settings.get(event.text)
        sources = tuple(source.text for source in settings.sources) if settings else ()
        items = around.items
        if items and settings and settings.item:
            items = (*items[:-1], settings.item)
        return Accepted(event.text, sources=sources, items=items)

    def _surroundings(self, state: Await | All, around: _Around) -> Surroundings:
        counts = isinstance(state, Await) and state.counts
        since = f"{TALLY}.since" if counts else HERE
        return Surroundings(
            state.policy.within(around.policy),
            len(around.items),
            self._remembers,
            beside=around.nested or isinstance(state, All),
            tracked=self._tracked,
            whereabouts=Whereabouts(since if isinstance(state, Await) and not around.nested else AROUND, self._version),
            counts=counts,
            opens=self._opens(state, around),
            races=around.races or may_end_alone(state),
        )

    def _opens(self, state: Await | All, around: _Around) -> dict[str, str] | None:
        """Return what a wait of *state* says to a gate."""
        if isinstance(state, All):
            is_gated = any(entry.gate for entry in state.anytime)
            return self._mark(state, around) if is_gated else None
        return around.opens if state.done else None

    def _catch(self, timeout: Timeout | None, around: _Around) -> dict[str, Any]:
        caught = catches(self.to(timeout.next) if timeout else None, nested=around.nested)
        return {"Catch": caught} if caught else {}

    # ---- several events in any order --------

    def _all(self, state: All, around: _Around) -> dict[str, Any]:
        contested = around.contested[state.name.text]
        counts = around.counts + counts_lines(state)
        return {
            "Type": "Parallel",
            "Parameters": {
                **groups.needed(len(around.items), counts, remembers=self._remembers, bare=True),
                **({} if around.items else {"since.$": AROUND if around.nested else HERE}),
            },
            "Branches": [
                self._item(state, item, rivals, around) for item, rivals in zip(state.items, contested, strict=True)
            ],
        }

    def _item(self, state: All, item: Item, rivals: tuple[int, ...], around: _Around) -> dict[str, Any]:
        """Return the branch that waits for *item*; it keeps no payload, since nothing after the branches reads it."""
        name = branch_name(state, item)
        kept = {f"{field}.$": f"$.{field}" for field in ("eventName", "eventId", "time")}
        accepts = replace(self._accepted(item.event, around), **_contested(rivals))
        lines = around.within(state, groups.branch_line(item.name.text)).lines
        end = counting_name(state, item) if counts_lines(state) else enough_name(name)
        wait = {
            **wait_task(name, [accepts], self._surroundings(state, around)),
            "ResultSelector": kept,
            "ResultPath": EVENT if counts_lines(state) else "$",
            **_time_limit(state.timeout),
            "Retry": persistent_retry(),
            **({"Next": end} if lines else {"End": True}),
        }
        return {"StartAt": name, "States": {name: wait, **(dict(lines.end(end)) if lines else {})}}

    def _counts_begin(self, state: All | Parallel | Each, around: _Around) -> Iterator[NamedState]:
        if tells_visits_apart(state):
            yield count_name(state), groups.counts_begin(around.counts + 1, state.name.text)

    # ---- states inside of states --------

    def _branch(self, branch: Branch, inner: _Around) -> dict[str, Any]:
        return {"StartAt": self.to(branch.states[0].name), "States": self.states(branch.states, inner)}

    def _of_items(self, state: Each, around: _Around) -> Iterator[NamedState]:
        most = self._most[state.name.text]
        yield guard_name(state), groups.guard(state, most)
        if most > ITEMS_AT_ONCE:
            yield queue_name(state), groups.queue(state, self._awaited_in(state))
        yield from self._counts_begin(state, around)
        yield from self._grouped(state, self._each(state, around), around)
        yield refusal_name(state), groups.refusal(state, most)
        yield excess_name(state), groups.excess(state, most)

    def _each(self, state: Each, around: _Around) -> dict[str, Any]:
        depth = len(around.items) + 1
        inner = around.within(state, groups.item_line(depth))
        return {
            "Type": "Map",
            "ItemsPath": groups.items_path(state),
            "ItemSelector": groups.item_selector(state, depth, inner.counts, remembers=self._remembers),
            "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **self._branch(state.body, inner)},
        }

    def _awaited_in(self, state: Each) -> Iterator[tuple[str, EventPath]]:
        """Yield each event that a line of *state* may await, and where it carries the item's key."""
        names = {event.text: None for inner in nested(state.body.states) for event, _ in accepted(inner)}
        for name in names:
            settings = self._settings.get(name)
            yield name, settings.item if settings and settings.item else state.item

    # ---- what may end them --------

    def _grouped(self, state: Group, group: dict[str, Any], around: _Around) -> Iterator[NamedState]:
        """Yield *group*, whose results nobody reads, and what it leads to; as one side of a race, if something ends it.

        The branches of an outermost group are handed what those who look want to know.
        """
        name, following = state.name.text, self.to(state.next)
        timeout = None if isinstance(state, Wait) else state.timeout
        late = self.to(timeout.next) if timeout else None
        beside = [groups.deadline(state, timeout)] if timeout and not isinstance(state, All) else []
        beside += [self._watching(state, watcher, around)] if (watcher := watch(state)) else []
        told = {} if around.nested or not (watcher or isinstance(state, Parallel)) else self._handed_on(state)
        parameters = {"Parameters": told} if told else {}
        if not beside and not (isinstance(state, All | Parallel | Each) and may_leave_lines(state)):
            onward = {"ResultPath": None, **self._catch(timeout, around)} if isinstance(state, Waiting) else {}
            if isinstance(state, Parallel | Each) and state.lessons:
                kept = groups.kept_behind(len(around.items), around.counts, nested=around.nested)
                yield name, {**group, **parameters, **onward, **groups.gathered(), "Next": lesson_names(state)[0]}
                yield from groups.learn(state, kept, following, self._most.get(name, ITEMS_AT_ONCE))
                return
            yield name, {**group, **parameters, **onward, "Next": following}
            return
        left = left_name(state) if watcher and leaving(watcher.variants) else None
        caught = [
            *catches(late if isinstance(state, All) else None, nested=around.nested),
            *groups.race_catches(None if goes_on(state) else following, None if isinstance(state, All) else late, left),
        ]
        onward = {"ResultPath": None, **self._catch(None, around), "Next": following, "Catch": caught}
        sides = groups.sides(state, group, alone=not beside)
        race = {"Type": "Parallel", "Branches": [*sides, *beside]} if sides else group
        yield name, {**race, **parameters, **onward}
        if watcher is not None and left:
            yield from self._left(state, watcher, around)

    def _handed_on(self, state: Group) -> dict[str, Any]:
        counts = groups.needed(0, int(tells_visits_apart(state)), remembers=False, bare=False)
        return {**groups.handed_on(HERE), **counts}

    def _watching(self, state: Group, watcher: Await, around: _Around) -> dict[str, Any]:
        """Return the side that waits for an event of `anytime`."""
        policy = AS_EVERYWHERE if isinstance(state, Wait) else state.policy
        surroundings = replace(
            self._surroundings(watcher, around),
            policy=policy.within(around.policy),
            beside=True,
            whereabouts=Whereabouts(AROUND, self._version),
            watches=True,
            races=True,
        )
        wait = {**self._one_of(watcher, around, surroundings, state), "Retry": persistent_retry()}
        return groups.watching(state, wait)

    def _left(self, state: Group, watcher: Await, around: _Around) -> Iterator[NamedState]:
        """Yield what stands behind *state* where an event of `anytime` leads on from it."""
        targets = [entry.next for entry in leaving(watcher.variants)]
        chooses = needs_choice(targets)
        following = left_choice_name(state) if chooses else self.to(targets[0])
        yield left_name(state), groups.left_by(len(around.items), around.counts, following, nested=around.nested)
        if chooses:
            yield left_choice_name(state), variant_choice(watcher, self.to, _stray(around))

    # ---- for those who look --------

    def _arrival(self, since: str, following: str) -> dict[str, Any]:
        return arrival_task(Whereabouts(since, self._version), following)

    def _told_in(self, branch: dict[str, Any], name: str) -> dict[str, Any]:
        """Return *branch* of an outermost state as one that begins by telling that the journey is in that state."""
        return {"StartAt": name, "States": {name: self._arrival(AROUND, branch["StartAt"]), **branch["States"]}}


def _is_told_before(state: State) -> bool:
    """Whether a Task right before the outermost *state* tells that the journey is in it, and not one inside."""
    return needs_arrival(state) and not isinstance(state, Parallel)


def _asked(variant: Variant) -> dict[str, Any]:
    asked = {"condition": variant.condition, "remember": variant.remember, "quorum": variant.quorum}
    return {**asked, "stays": variant.stays}


def _contested(rivals: tuple[int, ...]) -> dict[str, Any]:
    positions = tuple(position for position in rivals if position >= 0)
    return {"contested_by": positions, "own_kind": OWN_KIND in rivals, "yields": OTHER_LINES in rivals}


def _over(state: Await) -> dict[str, Any]:
    """Return the way to the end of a line that is done in *state*: Step Functions wants one, and nothing takes it."""
    return {"Catch": [{"ErrorEquals": [DONE], "ResultPath": None, "Next": over_name(state)}]}


def _stray(around: _Around) -> str | None:
    """Return where what fits no way on leads; in a branch nowhere: Step Functions' own error ends the journey."""
    return None if around.nested else UNEXPECTED_TRANSITION


def _time_limit(timeout: Timeout | None, *, counts: bool = False) -> dict[str, Any]:
    if timeout is None:
        return {}
    return {"TimeoutSecondsPath": f"{TALLY}.seconds"} if counts else {"TimeoutSeconds": timeout.seconds}


def _failures(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """Return the Fail states that something leads to."""
    found: dict[str, dict[str, Any]] = {}
    if any(isinstance(state, Waiting) or anytime(state) for state in workflow.states):
        found[UNEXPECTED_EVENT] = {"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "$.Cause"}
    if any(_may_stray(state) for state in workflow.states):
        text = "States.Format('{} (id {}) was accepted, but fits no way on', $.event.eventName, $.event.eventId)"
        found[UNEXPECTED_TRANSITION] = {"Type": "Fail", "Error": UNEXPECTED_TRANSITION, "CausePath": text}
    return found


def _may_stray(state: State) -> bool:
    match state:
        case Await():
            return is_followed_by_choice(state)
        case Choose():
            return state.otherwise is None
        case _:
            return needs_choice([entry.next for entry in leaving(anytime(state))])
