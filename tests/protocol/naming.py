"""Other names of the entity: an event teaches one, others come under it (`runtime/naming.py`, `runtime/name_rows.py`).

The name has rows of its own: NAME, which says whose it is and who waits for that, and those of events that wait.
"""

from collections.abc import Callable

from .fixes import Fixes
from .scenario import Scenario
from .state import Op, State, put

Outcome = tuple[str, State, Op | None]

#: Messages about an event that waits under a name: word of who teaches it, and its deadline there.
UNDER_A_NAME = frozenset({"taught", "name-deadline"})


class Naming:
    """What is done for a message before the protocol of its entity, and after it."""

    def __init__(self, scenario: Scenario, fixes: Fixes) -> None:
        self.scenario = scenario
        self.fixes = fixes
        self.calls: dict[str, Callable[[State, str, Op], Outcome | None]] = {
            "teach": self._teach,
            "tell": self._tell,
            "name-taken": self._taken,
            "name": self._name,
            "name-row": self._row,
            "name-keep": self._keep,
            "name-timer": self._timer,
            "name-report": self._report,
            "name-emit": self._emit,
            "name-reported": self._reported,
            "name-done": self._done,
        }

    # ---- before and after --------

    def first(self, kind: str, e: int) -> Op | None:
        """The call with which a message begins; None if it is the entity's own."""
        if e in self.scenario.under_name and kind in ("event", *UNDER_A_NAME):
            return ("name", e)
        return ("teach", e) if kind == "event" and e in self.scenario.teaches else None

    def then(self, s: State, kind: str, op: Op, after: Op | None) -> Op | None:
        """What follows once the protocol of the entity has done with a message."""
        e = op[1]
        if after is not None or op[0] in self.calls or self.first(kind, e) is None:
            return after
        if e in self.scenario.under_name:
            return ("name-done", e) if s.name_rows[e] == "K" else None
        if not s.named or ("nametell" not in self.fixes and op[0] == "look"):
            return None
        return ("tell", e)

    # ---- the event that teaches --------

    def _teach(self, s: State, _kind: str, op: Op) -> Outcome | None:
        """The name is its entity's, unless it is another's; who waits is known from the same row."""
        e = op[1]
        if self.scenario.taken:
            return f"the name of e{e} is another's", s, ("name-taken", e)
        return f"e{e} teaches the name", s._replace(named=1), ("look", e)

    def _tell(self, s: State, _kind: str, op: Op) -> Outcome | None:
        """Who waited when the name was taught: nobody comes to wait after that."""
        return "word to those that wait", s._replace(taught=s.taught | s.waiting), None

    def _taken(self, s: State, _kind: str, op: Op) -> Outcome | None:
        e = op[1]
        match s.name_rows[e]:
            case None:
                return f"e{e} is being reported for its name", s._replace(name_rows=put(s.name_rows, e, "P")), (
                    "name-emit", e,
                )  # fmt: skip
            case "P":
                return f"e{e} is being reported already", s, ("name-emit", e)
            case _:
                return f"e{e} was reported for its name", s, ("look", e)

    # ---- an event that comes under the name --------

    def _name(self, s: State, kind: str, op: Op) -> Outcome | None:
        """NAME is read, and nothing else."""
        e = op[1]
        if s.named:
            more = s.overtaken and "namerow" in self.fixes
            return f"the name of e{e} is known", s, ("name-row", e) if more else ("look", e)
        if kind == "event":
            return f"the name of e{e} is not known", s, ("name-keep", e)
        return f"the name of e{e} is not known", s, ("name-report", e)

    def _row(self, s: State, kind: str, op: Op) -> Outcome | None:
        """The event may have waited under the name before, and be reported."""
        e = op[1]
        match s.name_rows[e]:
            case "P":
                return f"e{e} is being reported", s, ("name-emit", e)
            case "R":
                return f"e{e} was reported", s, None
            case None if kind in UNDER_A_NAME:
                return f"e{e} has left its name", s, None
            case "K" if "namelast" not in self.fixes:
                return f"e{e} leaves its name", self._left(s, e), ("look", e)
            case _:
                return f"e{e} is the entity's", s, ("look", e)

    def _keep(self, s: State, _kind: str, op: Op) -> Outcome | None:
        e = op[1]
        if s.named and "namekeep" in self.fixes:
            return f"e{e} cannot wait: the name is known", s, ("name", e)
        match s.name_rows[e]:
            case None:
                n = s._replace(name_rows=put(s.name_rows, e, "K"), waiting=s.waiting | 1 << e, overtaken=1)
                return f"e{e} waits under its name", n, ("name-timer", e)
            case "K":
                return f"e{e} waits already", s, ("name-timer", e)
            case "P":
                return f"e{e} is being reported", s, ("name-emit", e)
            case _:
                return f"e{e} was reported", s, None

    def _timer(self, s: State, _kind: str, op: Op) -> Outcome | None:
        return f"delayed message for e{op[1]} under its name", s._replace(expiries=s.expiries | 1 << op[1]), None

    def _report(self, s: State, _kind: str, op: Op) -> Outcome | None:
        """Its deadline has passed, and nobody has taught the name."""
        e = op[1]
        if s.named and "namereport" in self.fixes:
            return f"report e{e}: the name is known", s, ("name", e)
        if s.name_rows[e] == "P":
            return f"e{e} is being reported already", s, ("name-emit", e)
        if s.name_rows[e] != "K":
            return f"report e{e}: it has left its name", s, None
        n = s._replace(name_rows=put(s.name_rows, e, "P"), waiting=s.waiting & ~(1 << e))
        return f"e{e} is being reported", n, ("name-emit", e)

    def _emit(self, s: State, _kind: str, op: Op) -> Outcome | None:
        e = op[1]
        if e in self.scenario.teaches:
            return f"report e{e} for its name", s._replace(told=s.told | 1 << e), ("name-reported", e)
        return f"report e{e}", s._replace(reported=s.reported | 1 << e), ("name-reported", e)

    def _reported(self, s: State, _kind: str, op: Op) -> Outcome | None:
        e = op[1]
        n = s._replace(name_rows=put(s.name_rows, e, "R"))
        return f"record e{e} reported under its name", n, ("look", e) if e in self.scenario.teaches else None

    def _done(self, s: State, _kind: str, op: Op) -> Outcome | None:
        """It stands in its entity's partition: its row under the name goes."""
        return f"e{op[1]} waits no more", self._left(s, op[1]), None

    def _left(self, s: State, e: int) -> State:
        if s.name_rows[e] != "K":
            return s
        return s._replace(name_rows=put(s.name_rows, e, None), waiting=s.waiting & ~(1 << e))
