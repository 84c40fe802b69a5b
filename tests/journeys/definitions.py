"""Random definitions of every form of the language."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from choreography_insights.compile.ordering import contests
from choreography_insights.diagnostics.problem import InvalidWorkflow
from choreography_insights.model.workflow import Workflow, spread
from choreography_insights.replay.automaton import Automaton
from fake_aws import Deployed
from fake_aws.choreographies import compiled
from journeys.plans import DAY, Plan
from journeys.randomness import Dice
from support.definitions import workflow_of_value

States = dict[str, Any]

EVENTS = ("Paid", "Packed", "Sent", "Weighed", "Checked", "Signed", "Stored", "Priced")
ITEM_EVENTS = ("Picked", "Wrapped", "Scanned", "Counted", "Labelled", "Loaded")
#: What ends a group of lines, or is accepted wherever a journey waits.
OFF_EVENTS = ("Called Off", "Halted", "Lost")
#: What a branch that only watches awaits.
WATCH_EVENTS = ("Alarmed", "Broken")
#: What ends a group only while a gate is open.
GATE_EVENTS = ("Closed", "Swapped", "Opened")
BEGINNINGS = ("Ordered", "Imported")
RETIRED = "Wrapped By Hand"
SOURCE, OTHER_SOURCE, OWN_SOURCE = "shop", "depot", "bank"

#: Which events are heard of, where it is said that not all are.
OURS = {"of": ["ours"]}
#: Where events carry the ids of all that they are about.
EACH_FIELD = "abouts"

#: Where an event carries the key of its item of the `each` of this depth, and of the innermost, with a path of its own.
ITEM_FIELDS = ("parcel", "piece")
OWN_ITEM_FIELD = "about item"
UNTIL_FIELD = "until"
#: Lists of keys, lists of objects that have them, lists in such objects.
LIST_FIELD, OBJECTS_FIELD, INNER_LIST_FIELD = "items", "boxes", "inner"

_DEEPEST = 3


@dataclass(frozen=True)
class Definition:
    """A definition that `validate` accepts; *spec* is what its text says."""

    text: str

    @cached_property
    def spec(self) -> Mapping[str, Any]:
        """What the text says, as values."""
        said: dict[str, Any] = json.loads(self.text)
        return said

    @cached_property
    def workflow(self) -> Workflow:
        """What the parser makes of it."""
        return workflow_of_value(self.spec)

    @cached_property
    def read(self) -> Automaton:
        """What replay makes of it."""
        return Automaton.of(self.workflow)

    @cached_property
    def deployed(self) -> Deployed:
        """What the compiler makes of it."""
        return compiled(self.workflow)

    @cached_property
    def holds_events(self) -> bool:
        """Whether some event of it is contested, and so held until it is `settle` old."""
        return any(rivals for of_state in contests(spread(self.workflow)).values() for rivals in of_state)


def definition(dice: Dice, plan: Plan) -> Definition:
    """A definition that `validate` accepts."""
    for _ in range(1000):
        found = Definition(json.dumps(_Author(dice, plan).definition(), ensure_ascii=False, indent=1))
        try:
            assert found.workflow
        except InvalidWorkflow:
            continue
        return found
    raise AssertionError("no definition of a thousand is accepted")


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """Where a line of states is: how deep, in how many `each`, and which events it may wait for."""

    depth: int
    items: int
    pool: Sequence[str]


def _lines_in(state: Any) -> list[States]:
    if not isinstance(state, dict):
        return []
    lines = [branch["states"] for branch in state.get("parallel", {}).values()]
    return [*lines, *([state["each"]["states"]] if "each" in state else [])]


class _Author:
    """Writes one definition."""

    def __init__(self, dice: Dice, plan: Plan) -> None:
        self.dice, self.plan = dice, plan
        self.names = 0
        self.off_events = list(OFF_EVENTS) if dice.chance(0.4) else []
        self.watch_events = list(WATCH_EVENTS)
        self.gate_events = list(GATE_EVENTS)
        self.remembers = dice.chance(0.6)
        self.own_policies = dice.chance(0.4)
        self.timeouts = dice.chance(0.5)
        self.shares_items = dice.chance(0.4)
        self.straight = not plan.settles and dice.chance(0.8)
        self.asked, self.remembered = "m", "n"
        self.needs_memory: set[str] = set()
        self.used: dict[str, int] = {}

    # ---- the whole --------

    def definition(self) -> dict[str, Any]:
        dice = self.dice
        pool = dice.some_of(EVENTS, 8 if self.straight else dice.one_of((2, 3, 4, 5, 6, 8)))
        states = self._line(_Surroundings(0, 0, pool))
        anytime = self._anytime(_Surroundings(0, 0, ()), list(states), 0.5)
        spec: dict[str, Any] = {"choreography": dice.one_of(("order", "a_b-c", "Orders2")), "source": self._sources()}
        spec["start"] = self._leading_apart(self._start(pool), states)
        spec["entity"] = dice.one_of(("$.detail.id", "$.detail.about.id", "$.detail['order number']"))
        events = self._with_other_names(self._settings(), spec["start"])
        if events:
            spec["events"] = events
        spec["timeout"] = f"{self._journey_timeout()}s"
        spec["early"], spec["settle"] = f"{self.plan.early}s", f"{self.plan.settle}s"
        spec["unexpected"] = dice.one_of(("fail", "fail", "report"))
        if dice.chance(0.3):
            spec["id"] = "$.detail.message"
        spec["capture"] = dice.one_of(("all", "all", "known"))
        spec["time"] = dice.one_of(("$.time", "$.detail.occurredAt"))
        spec |= anytime
        spec["states"] = states
        self._tell_apart(spec)
        self._concern_several(spec)
        self._note_only(spec)
        if self.remembers:
            self._hand_out(spec["states"], interrupted="anytime" in spec)
        return {key: value for key, value in spec.items() if not (key == "entity" and value == "$.detail.id")}

    def _sources(self) -> str | list[str]:
        return SOURCE if self.dice.chance(0.5) else [SOURCE, OTHER_SOURCE]

    def _journey_timeout(self) -> int:
        if self.timeouts and self.dice.chance(0.2):
            return max(self.plan.timeouts) * 2 + self.dice.one_of(self.plan.timeouts)
        return 90 * DAY

    def _start(self, pool: Sequence[str]) -> Any:
        dice, first = self.dice, BEGINNINGS[0]
        starts: dict[str, Any] = {first: {}}
        if dice.chance(0.3):
            starts[BEGINNINGS[1]] = {"when": {"channel": ["web", "app"]}} if dice.chance(0.5) else {}
        awaited = [name for name in pool if self.used.get(name) == 0]
        if awaited and dice.chance(0.2):
            again = dice.one_of(awaited)
            is_step = Dice(json.dumps([again, self.used])).chance(0.5)  # drawn apart, so that all else stays
            starts[again] = {} if is_step else {"when": {"begins": [True]}}
        memory = {name: f"detail.{name}" for name in sorted(self.needs_memory)}
        if self.remembers:
            memory |= {"m": "detail.v", "n": "detail.deep.k"}
        if memory:
            for start in starts.values():
                start["remember"] = memory
        for start in starts.values():
            if dice.chance(0.07):
                start["entity"] = "$.detail.begun"
        return starts if memory or len(starts) > 1 or any(starts.values()) else first

    def _leading_apart(self, start: Any, states: States) -> Any:
        """Perhaps some of several start events lead elsewhere than to the first state. Drawn apart, too."""
        dice = Dice(json.dumps([start, states]))
        if isinstance(start, str) or len(start) < 2 or dice.chance(0.4):
            return start
        waiting = [name for name, state in states.items() if state != "succeed" and "fail" not in state]
        said = {name: {**own, "next": dice.one_of(waiting)} for name, own in [*start.items()][1:]}
        return {**start, **{name: own["next"] if len(own) == 1 else own for name, own in said.items()}}

    def _settings(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        dice = self.dice
        for name, items in self.used.items():
            own: dict[str, Any] = {}
            if dice.chance(0.1):
                own["source"] = dice.one_of((OWN_SOURCE, [OWN_SOURCE, SOURCE]))
            if dice.chance(0.07):
                own["id"] = dice.one_of(("$.id", "$.detail.number"))
            if dice.chance(0.07):
                own["entity"] = "$.detail.elsewhere"
            if dice.chance(0.07):
                own["time"] = "$.detail.occurredAt"
            if items and dice.chance(0.15):
                own["item"] = f"$.detail['{OWN_ITEM_FIELD}']"
            if own:
                found[name] = own
            elif dice.chance(0.07):
                found[name] = [
                    {"when": {"v": [dice.between(0, 2)]}, "entity": "$.detail.here"},
                    {"when": {"v": [{"exists": True}]}, "entity": "$.detail.elsewhere"},
                    *([{"entity": "$.detail.there"}] if dice.chance(0.5) else []),
                ]
        if dice.chance(0.3):
            found[RETIRED] = {"retired": True, **({"source": OWN_SOURCE} if dice.chance(0.3) else {})}
        return found

    def _with_other_names(self, events: dict[str, Any], start: Any) -> dict[str, Any]:
        """Start events teach another name, under which some others come. It is drawn apart, so that all else stays."""
        dice = Dice(json.dumps([events, start, self.used]))
        if not dice.chance(0.2):
            return events
        starts = [start] if isinstance(start, str) else [*start]
        by_entries = {name for name, said in events.items() if isinstance(said, list)}
        teachers = [name for name in starts if name not in by_entries]
        under = [name for name in self.used if name not in {*starts, *by_entries} and dice.chance(0.5)]
        if not under or not teachers:
            return events
        for name in teachers:
            events.setdefault(name, {})["also"] = {"alias": "$.detail.alias"}
        for name in under:
            events.setdefault(name, {})["entity"] = {"as": "alias", "at": "$.detail.alias"}
        return events

    def _tell_apart(self, spec: dict[str, Any]) -> None:
        """Some events belong to somebody else. It is drawn apart, so that all else stays."""
        dice = Dice(json.dumps([spec["states"], self.used]))
        if dice.chance(0.25):
            spec["where"] = OURS
        if dice.chance(0.15):
            sources = [spec["source"]] if isinstance(spec["source"], str) else spec["source"]
            spec["source"] = {source: {"where": OURS} if dice.chance(0.6) else {} for source in sources}
        events = spec.get("events", {})
        for name in self.used:
            if dice.chance(0.07) and not isinstance(events.get(name), list):
                spec.setdefault("events", events).setdefault(name, {})["where"] = {**OURS, "v": [{"exists": True}]}

    def _concern_several(self, spec: dict[str, Any]) -> None:
        """Some events are about several entities. It is drawn apart, so that all else stays."""
        dice = Dice(json.dumps([self.used, spec["states"]]))
        events = spec.get("events", {})
        if dice.chance(0.2):
            for name in (*BEGINNINGS, *self.used):
                own = events.get(name, {})
                begins = name in BEGINNINGS and name in spec["start"] and '"entity"' not in json.dumps(spec["start"])
                if (begins or name in self.used) and dice.chance(0.4) and isinstance(own, dict) and "entity" not in own:
                    spec.setdefault("events", events)[name] = {**own, "entity": f"$.detail.{EACH_FIELD}[*].id"}

    def _note_only(self, spec: dict[str, Any]) -> None:
        """Some events that are accepted at any time move nothing. It is drawn apart, so that all else stays."""
        dice = Dice(json.dumps([spec["states"], self.used, "noted"]))
        for some in _all_anytimes(spec):
            for name in some:
                if dice.chance(0.3):
                    some[name] = "stay"

    def _hand_out(self, states: States, *, interrupted: bool = False) -> None:
        """Groups hand out what their lines remember, where nothing ends these. It is drawn apart, too."""
        for state in states.values():
            lines = _lines_in(state)
            for inside in lines:
                self._hand_out(inside)
            ends = interrupted or set(state) & {"timeout", "anytime", "need", "first", "until"}
            watches = any("succeed" not in [one for one in inside.values() if isinstance(one, str)] for inside in lines)
            dice = Dice(json.dumps([state, self.used]))
            if lines and not ends and not watches and dice.chance(0.7):
                state["remember"] = {
                    dice.one_of("mn"): {dice.one_of(("count", "any", "all", "list")): dice.one_of("mn")}
                }

    # ---- lines of states --------

    def _name(self, kind: str) -> str:
        self.names += 1
        return f"{kind}{self.names}"

    def _line(self, around: _Surroundings) -> States:
        """States of which each leads to the next, and some elsewhere."""
        dice = self.dice
        count = dice.between(2, 5) if around.depth == 0 else dice.one_of((1, 1, 2, 2, 3))
        kinds = [self._kind(around, position, count) for position in range(count)]
        names = [self._name(kind.capitalize()) for kind in kinds]
        end, bad, late = self._name("Done"), self._name("Bad"), self._name("Late")
        states: States = {}
        for position, (kind, name) in enumerate(zip(kinds, names, strict=True)):
            onward = [*names[position + 1 :], end]
            elsewhere = [*onward, *([bad] if dice.chance(0.5) else [])]
            loops = kind in ("await", "all") and not self.straight
            anywhere = [*names, *elsewhere] if loops else elsewhere
            states[name] = self._state(kind, around, onward[0], anywhere, elsewhere)
            if kind in ("await", "all", "parallel", "each"):
                self._add_settings(states[name], [*onward, late])
            if kind in ("all", "parallel", "each"):
                states[name] |= self._anytime(around, [*(onward if self.straight else names), *elsewhere], 0.6)
                self._let_few_be_enough(kind, states[name], around)
                self._set_a_gate(kind, states[name], around, onward)
        text = json.dumps(states)
        states[end] = "succeed"
        for name, what in ((bad, self._fail()), (late, dice.one_of(("succeed", "succeed", "fail")))):
            if f'"{name}"' in text:
                states[name] = what
        return states

    def _kind(self, around: _Surroundings, position: int, count: int) -> str:
        kinds = ["await"] * 6 + ["all", "choose", "wait", "pass"]
        if around.depth < _DEEPEST - 1 and len(around.pool) >= 2:
            kinds += ["parallel"] * 2
        if around.items < len(ITEM_FIELDS) and around.depth < _DEEPEST - 1:
            kinds += ["each"] * 2
        if position == 0 and around.depth == 0 and count == 1:
            kinds = ["await"]
        return self.dice.one_of(kinds)

    def _state(
        self, kind: str, around: _Surroundings, following: str, anywhere: Sequence[str], onward: Sequence[str]
    ) -> dict[str, Any]:
        match kind:
            case "await":
                return self._await(around, following, anywhere)
            case "all":
                events = self._events(around, self.dice.between(1, 3))
                return {"all": {f"I{at}": self._use(one, around) for at, one in enumerate(events)}, "next": following}
            case "parallel":
                return self._parallel(around, following)
            case "each":
                return self._each(around, following)
            case "choose":
                return {"choose": self._choices(following, onward)}
            case "wait":
                return {"wait": self._pause(), "next": following}
            case _:
                return {"pass": following}

    def _events(self, around: _Surroundings, most: int) -> list[str]:
        """Some that a state may wait for; those that no other waits for, where nothing is to be contested."""
        free = [name for name in around.pool if name not in self.used] if self.straight else []
        pool = free or around.pool
        return self.dice.some_of(pool, min(most, len(pool)))

    def _use(self, event: str, around: _Surroundings) -> str:
        self.used[event] = max(self.used.get(event, 0), around.items)
        return event

    def _add_settings(self, state: dict[str, Any], onward: Sequence[str]) -> None:
        dice = self.dice
        if self.timeouts and dice.chance(0.35):
            state["timeout"] = {"after": f"{dice.one_of(self.plan.timeouts)}s", "next": dice.one_of(onward)}
        if self.own_policies and dice.chance(0.3):
            state["unexpected"] = dice.one_of(("fail", "report"))
        if self.own_policies and dice.chance(0.25):
            state["early"] = f"{dice.one_of(self.plan.states_early)}s"

    def _anytime(self, around: _Surroundings, anywhere: Sequence[str], chance: float) -> dict[str, Any]:
        """What is accepted at any time: an event of its own each time."""
        if not self.off_events or not self.dice.chance(chance):
            return {}
        event = self._use(self.off_events.pop(), around)
        return {"anytime": {event: self._ways(self.dice.one_of(anywhere), anywhere, counts=False)}}

    def _let_few_be_enough(self, kind: str, state: dict[str, Any], around: _Surroundings) -> None:
        """Not all lines are needed, or one only watches. It is drawn apart, so that all else stays.

        No line is done, or fails, as soon as it begins: which of two would be first, nobody can tell.
        """
        dice = Dice(json.dumps([kind, state, self.used]))
        if kind == "parallel" and self.watch_events and dice.chance(0.2):
            name, bad, event = self._name("Watch"), self._name("Bad"), self._use(self.watch_events.pop(), around)
            state["parallel"][self._name("Branch")] = {"states": {name: {"await": {event: bad}}, bad: "fail"}}
        lines = len(state["all"]) if kind == "all" else 3
        branches = [branch["states"] for branch in state.get("parallel", {}).values()]
        branches += [state["each"]["states"]] if kind == "each" else []
        waits = all({"await", "all"} & next(iter(states.values())).keys() for states in branches)
        if dice.chance(0.6) and lines > 1 and waits:
            need = dice.between(1, 2 if lines > 2 else 1)
            state |= {"first": True} if kind == "parallel" and need == 1 else {"need": need}

    def _set_a_gate(self, kind: str, state: dict[str, Any], around: _Surroundings, onward: Sequence[str]) -> None:
        """An event comes in place of all, or ends lines that are done. It is drawn apart, so that all else stays."""
        dice = Dice(json.dumps([kind, state, self.used, "a gate"]))
        if not self.gate_events or not dice.chance(0.35):
            return
        if kind == "all":
            state["instead"] = {self._use(self.gate_events.pop(), around): dice.one_of(onward)}
        elif kind == "parallel" and not {"need", "first"} & state.keys():
            state["until"] = {self._use(self.gate_events.pop(), around): state.pop("next")}
            for branch in state["parallel"].values():
                able = [one for one in branch["states"].values() if "await" in one and "timeout" not in one]
                if able and dice.chance(0.6):
                    dice.one_of(able)["done"] = True

    # ---- states --------

    def _await(self, around: _Surroundings, following: str, anywhere: Sequence[str]) -> dict[str, Any]:
        dice = self.dice
        events = self._events(around, dice.one_of((1, 2, 2, 2, 3)))
        self.asked, self.remembered = dice.one_of((("m", "n"), ("n", "m")))
        accepts = {}
        for position, event in enumerate(events):
            target = following if position == 0 else dice.one_of(anywhere)
            accepts[self._use(event, around)] = self._ways(target, anywhere)
        return {"await": accepts}

    def _ways(self, following: str, anywhere: Sequence[str], *, counts: bool = True) -> Any:
        dice = self.dice
        if dice.chance(0.45):
            return following
        entries: list[dict[str, Any]] = []
        conditions = dice.some_of(CONDITIONS, dice.between(1, 2))
        for when in conditions:
            entry: dict[str, Any] = {"next": dice.one_of(anywhere)}
            if self.remembers and dice.chance(0.3):
                entry["remembered"] = {self.asked: [dice.one_of(VALUES)]}
            if "remembered" not in entry or dice.chance(0.4):
                entry["when"] = when
            entries.append(entry | self._memory())
        if dice.chance(0.65):
            last = self._memory()
            entries.append({"next": following, **last} if last or dice.chance(0.3) else {"otherwise": following})
        else:
            entries[-1]["next"] = following
        if counts and dice.chance(0.15):
            entries[-1] |= {"times": dice.one_of((2, 2, 3)), **dice.one_of(({}, {"distinct": "$.detail.by"}))}
        return entries

    def _memory(self) -> dict[str, Any]:
        if self.remembers and self.dice.chance(0.3):
            return {"remember": {self.remembered: self.dice.one_of(("detail.v", "detail.deep.k"))}}
        return {}

    def _choices(self, following: str, onward: Sequence[str]) -> list[dict[str, Any]]:
        dice = self.dice
        entries: list[dict[str, Any]] = []
        for when in dice.some_of(CONDITIONS, dice.between(1, 2)):
            entry: dict[str, Any] = {"next": dice.one_of(onward)}
            if self.remembers and dice.chance(0.4):
                entry["remembered"] = {dice.one_of("mn"): [dice.one_of(VALUES)]}
            if "remembered" not in entry or dice.chance(0.5):
                entry["when"] = when
            entries.append(entry)
        if dice.chance(0.75):
            entries.append({"otherwise": following})
        else:
            entries[-1]["next"] = following
        return entries

    def _pause(self) -> Any:
        if self.dice.chance(0.3):
            return {"until": self._from_memory(UNTIL_FIELD)}
        return f"{self.dice.one_of(self.plan.pauses)}s"

    def _from_memory(self, field: str) -> str:
        """The *field* of the newest event, or of the start event, remembered."""
        if self.dice.chance(0.5):
            self.needs_memory.add(field)
            return f"$.remembered.{field}"
        return f"$.detail.{field}"

    def _fail(self) -> Any:
        dice = self.dice
        error = dice.one_of(("Bad", "$.detail.v", "$.detail.deep.k", *(("$.remembered.m",) if self.remembers else ())))
        whole: Any = {"fail": {"error": error}}
        if dice.chance(0.3):
            whole["fail"]["cause"] = dice.one_of(("It went wrong", "$.detail.w"))
        return dice.one_of(("fail", whole))

    def _parallel(self, around: _Surroundings, following: str) -> dict[str, Any]:
        dice = self.dice
        mixed = dice.some_of(around.pool, len(around.pool))
        count = 3 if len(mixed) >= 5 and dice.chance(0.3) else 2
        pools = [mixed[at::count] for at in range(count)]
        return {
            "parallel": {
                self._name("Branch"): {"states": self._line(_Surroundings(around.depth + 1, around.items, pool))}
                for pool in pools
            },
            "next": following,
        }

    def _each(self, around: _Surroundings, following: str) -> dict[str, Any]:
        dice, level = self.dice, around.items + 1
        each: dict[str, Any]
        pool = around.pool if self.shares_items else dice.some_of(ITEM_EVENTS, dice.between(1, 3))
        if around.items:
            each = {"items": f"$.detail.{INNER_LIST_FIELD}", "key": "$.number"}
        elif dice.chance(0.5):
            each = {"items": self._from_memory(OBJECTS_FIELD), "key": "$.number"}
        else:
            each = {"items": self._from_memory(LIST_FIELD)}
        each["item"] = f"$.detail.{ITEM_FIELDS[level - 1]}"
        each["states"] = self._line(_Surroundings(around.depth + 1, level, pool))
        return {"each": each, "next": following}


VALUES: Sequence[Any] = (0, 1, 2, "x", None)

#: What events may be asked for; the fields are those of `series.detail`.
CONDITIONS: Sequence[Mapping[str, Any]] = (
    {"v": [0]},
    {"v": [1, "x"]},
    {"v": [2, None]},
    {"v": [{"anything-but": [0, "x"]}]},
    {"v": [{"anything-but": {"prefix": "x"}}]},
    {"v": [{"exists": True}]},
    {"v": [{"exists": False}]},
    {"v": [{"numeric": [">", 0, "<=", 2]}]},
    {"v": [{"prefix": "x"}, {"numeric": ["=", 1]}]},
    {"v": [{"suffix": "y"}]},
    {"v": [{"wildcard": "x*y"}]},
    {"w": [True]},
    {"w": [False], "v": [{"exists": True}]},
    {"deep": {"k": ["p"]}},
    {"deep": {"k": [{"anything-but": ["p"]}]}},
    {"$or": [{"v": [0, 1]}, {"w": [True]}]},
)


def _all_anytimes(value: Any) -> Iterator[dict[str, Any]]:
    """What is accepted at any time: of the choreography, and of the groups in it."""
    if isinstance(value, dict):
        if "anytime" in value:
            yield value["anytime"]
        for inner in value.values():
            yield from _all_anytimes(inner)
