"""The choreographies of the scenarios, as small as they can be: names of states, and what leads where."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: One step of a line of `All`: each event it accepts, and where it leads from the whole (None: the line goes on).
Step = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Await:
    """A state that waits for one of some events. *hold*: those that are contested. *timeout*: where its time leads.

    *notes*: those that are only noted there.
    """

    on: Mapping[str, str]
    hold: frozenset[str] = frozenset()
    timeout: str | None = None
    notes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class All:
    """Lines beside each other, each a series of steps; *next* comes when all are done.

    *notes*: those that are only noted, in the first line. *yields*: those that let older ones of other lines go first.
    *gates*: the waits that must be open for an event to be accepted. *at_once*: so many run; the next begins when one
    is done.
    """

    lines: Mapping[str, tuple[Step, ...]]
    next: str
    timeout: str | None = None
    notes: frozenset[str] = frozenset()
    yields: frozenset[str] = frozenset()
    gates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at_once: int | None = None

    def awaited_in(self, line: str) -> frozenset[str]:
        """The events that a line awaits somewhere."""
        return frozenset[str]().union(*self.lines[line])


@dataclass(frozen=True, slots=True)
class Pause:
    """A state that waits for time only: the execution runs, and no wait is open."""

    next: str


@dataclass(frozen=True, slots=True)
class End:
    """A state that ends the journey."""


State = Await | All | Pause | End


@dataclass(frozen=True)
class Wait:
    """What a wait state asks for, by its name in the table.

    *last*: the events that end the lines beside it, or yield to older ones of theirs. *hold*: those that are contested
    (the last ones are by themselves). *notes*: those that are only noted. *yields*: those that yield. *gates*: as of
    `All`. *races*: a line beside it may end its own, and the journey goes on.
    """

    accepts: frozenset[str]
    hold: frozenset[str]
    last: frozenset[str]
    timeout: str | None
    notes: frozenset[str] = frozenset()
    yields: frozenset[str] = frozenset()
    gates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    races: bool = False


@dataclass(frozen=True)
class Choreography:
    """States by name, the first of which a journey begins in, and the waits that they make."""

    states: Mapping[str, State]
    waits: Mapping[str, Wait] = field(init=False)

    def __post_init__(self) -> None:
        waits = {}
        for name, state in self.states.items():
            if isinstance(state, Await):
                accepts = state.notes.union(state.on)
                waits[name] = Wait(accepts, state.hold, frozenset(), state.timeout, state.notes)
            elif isinstance(state, All):
                ends = (end for steps in state.lines.values() for step in steps for end in step.values() if end)
                races = any(not isinstance(self.states[end], End) for end in ends)
                for line, steps in state.lines.items():
                    notes = state.notes if line == next(iter(state.lines)) else frozenset()
                    for number, step in enumerate(steps):
                        accepts = notes.union(step)
                        last = frozenset(event for event, end in step.items() if end) | (accepts & state.yields)
                        own = (accepts, last, last, state.timeout, notes, state.yields, state.gates, races)
                        waits[f"{name}/{line}.{number}"] = Wait(*own)
        object.__setattr__(self, "waits", waits)

    @property
    def first(self) -> str:
        """Where journeys begin."""
        return next(iter(self.states))

    @property
    def known(self) -> frozenset[str]:
        """The events that some state accepts, and the start event."""
        return frozenset({"S"}).union(*(wait.accepts for wait in self.waits.values()))

    @property
    def contested(self) -> frozenset[str]:
        """The events that some state holds until they have settled."""
        return frozenset[str]().union(*(wait.hold for wait in self.waits.values()))

    @property
    def awaits_starts(self) -> bool:
        """Whether a start event may also move a journey."""
        return any("S" in wait.accepts for wait in self.waits.values())

    @property
    def tracked(self) -> bool:
        """Whether fast-path claims are in `claimed`: some wait is contested."""
        return bool(self.contested)


def _await(on: dict[str, str], hold: str = "", timeout: str | None = None, notes: str = "") -> Await:
    return Await(on, frozenset(hold.split()), timeout, frozenset(notes.split()))


def _all(
    lines: dict[str, str],
    then: str,
    timeout: str | None = None,
    notes: str = "",
    yields: str = "",
    gates: Mapping[str, tuple[str, ...]] | None = None,
    at_once: int | None = None,
) -> All:
    """Each line in words: events that follow each other; ``bad!Bad|fine`` for one of two, of which bad ends it all."""
    read = {
        name: tuple(
            {event: end or None for event, _, end in (one.partition("!") for one in step.split("|"))}
            for step in line.split()
        )
        for name, line in lines.items()
    }
    return All(read, then, timeout, frozenset(notes.split()), frozenset(yields.split()), gates or {}, at_once)


_END = End()


def _of(states: dict[str, State], ends: str = "Done") -> Choreography:
    return Choreography({**states, **dict.fromkeys(ends.split(), _END)})


_TWICE = {"B1": {"v1": "E11", "v2": "E12"}, "B2": {"v1": "E21", "v2": "E22"}}

CHOREOGRAPHIES: Mapping[str, Choreography] = {
    "seq": _of({"A": _await({"a": "B"}), "B": _await({"b": "Done"})}),
    "choice": _of({"A": _await({"a": "B", "c": "Other"}), "B": _await({"b": "Done"})}, "Done Other"),
    "lives": _of({"A": _await({"a": "DoneA", "b": "DoneB"})}, "DoneA DoneB"),
    "all": _of({"P": _all({"x": "a", "y": "b"}, "C"), "C": _await({"c": "Done"})}),
    "par": _of({"P": _all({"x": "a d", "y": "b"}, "Done")}),
    "fails": _of({"P": _all({"x": "bad!Bad|fine", "y": "b"}, "Done")}, "Done Bad"),
    "fails-two": _of({"P": _all({"x": "bad!Bad|fine", "y": "b d"}, "Done")}, "Done Bad"),
    "queue": _of({"P": _all({"x": "a", "y": "b d"}, "Done", at_once=1)}),
    "queue-out": _of({"P": _all({"x": "a", "y": "b"}, "Done", timeout="T", at_once=1), "T": _await({"c": "Done"})}),
    "loop": _of({"L": _await({"n": "L", "q": "Done"}, "q")}),
    "car": _of({"On": _await({"r": "Res"}), "Res": _await({"u": "On", "s": "Sold"}, "s")}, "Sold"),
    "car-free": _of({"On": _await({"r": "Res"}), "Res": _await({"u": "On", "s": "Sold"})}, "Sold"),
    "note": _of({"A": _await({"a": "B"}, "a r", notes="r"), "B": _await({"r": "Done"})}),
    "note-free": _of({"A": _await({"a": "B"}, notes="r"), "B": _await({"b": "Done"})}),
    "note-stale": _of({"A": _await({"a": "Done"}, timeout="B", notes="r"), "B": _await({"r": "Late"})}, "Done Late"),
    "note-lines": _of({"P": _all({"x": "a", "y": "r"}, "Done", notes="r", yields="r")}),
    "note-led": _of({"P": _all({"x": "a", "y": "b r"}, "Done", notes="r", yields="a b r")}),
    "led": _of({"P": _all({"x": "off!Q", "y": "b"}, "Done", yields="b"), "Q": _await({"b": "Off"})}, "Done Off"),
    "race": _of({"P": _all({"x": "a!Q", "y": "b!Q"}, "Done"), "Q": _await({"c": "Done"})}),
    "race-two": _of({"P": _all({"x": "a!Q", "y": "d b!Q"}, "Done"), "Q": _await({"c": "Done"})}),
    "gate": _of(
        {"P": _all({"x": "a!Away", "y": "b", "z": "c"}, "Done", yields="b c", gates={"a": ("P/y.0", "P/z.0")})},
        "Done Away",
    ),
    "gate-free": _of(
        {"P": _all({"x": "a!Away", "y": "b", "z": "c"}, "Done", gates={"a": ("P/y.0", "P/z.0")})}, "Done Away"
    ),
    "one": _of({"A": _await({"a": "Done"})}),
    "stale": _of({"A": _await({"a": "Done"}, timeout="Stale")}, "Done Stale"),
    "fallback": _of({"A": _await({"a": "Done"}, timeout="T"), "T": _await({"a": "Late"})}, "Done Late"),
    "fallback-other": _of({"A": _await({"a": "Done"}, timeout="T"), "T": _await({"b": "Late"})}, "Done Late"),
    "fallback-on": _of(
        {"A": _await({"a": "Done"}, timeout="T"), "T": _await({"a": "U"}), "U": _await({"u": "Late"})}, "Done Late"
    ),
    "par-out": _of({"P": _all({"x": "a", "y": "b"}, "Done", timeout="T"), "T": _await({"a": "Late"})}, "Done Late"),
    "again": _of({"L": _await({"n": "M"}, timeout="M"), "M": _await({"m": "N"}), "N": _await({"n": "Done"})}),
    "reenter": _of({"L": _await({"n": "Done"}, timeout="M"), "M": _await({"m": "L"})}),
    "stale-nap": _of(
        {"A": _await({"a": "Done"}, timeout="Nap"), "Nap": Pause("B"), "B": _await({"b": "Late"})}, "Done Late"
    ),
    "step": _of({"A": _await({"S": "B"}), "B": _await({"b": "Done"})}),
    "step-later": _of({"A": _await({"a": "B"}), "B": _await({"S": "Done"})}),
    "step-loop": _of({"L": _await({"S": "L", "q": "Done"}, "S q")}),
    "step-free": _of({"L": _await({"S": "L", "q": "Done"}, "q")}),
    "step-all": _of({"P": _all({"x": "S", "y": "b"}, "Done")}),
    "step-stale": _of({"A": _await({"S": "Done"}, timeout="Stale")}, "Done Stale"),
    "nap": _of({"A": _await({"a": "Nap"}), "Nap": Pause("Done")}),
    "nap-wait": _of({"A": _await({"a": "Nap"}), "Nap": Pause("B"), "B": _await({"b": "Done"})}),
    "twice": _of(
        {"A": _await({"v1": "B1", "v2": "B2"}), **{name: _await(on) for name, on in _TWICE.items()}},
        "E11 E12 E21 E22",
    ),
    "twice-held": _of(
        {"A": _await({"v1": "B1", "v2": "B2"}, "v1 v2"), **{name: _await(on) for name, on in _TWICE.items()}},
        "E11 E12 E21 E22",
    ),
}
