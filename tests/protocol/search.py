"""Every state that can be reached, nearest first, so that the trace of what goes wrong is a shortest one."""

import gc
from collections import Counter
from dataclasses import dataclass, field

from .deliveries import Deliveries, Moment
from .fixes import Fixes
from .scenario import Scenario
from .state import SUBMITTED, WRITTEN, State, status

#: What became of the executions and of whom was reported, and in how many final states.
Outcomes = Counter[tuple[tuple[str | None, ...], int]]


@dataclass(frozen=True)
class Verdict:
    """How many states there were; what is wrong, with the way there; None and no way if nothing is."""

    states: int
    wrong: str | None = None
    trace: tuple[str, ...] = ()
    outcomes: Outcomes = field(default_factory=Counter)
    cut_off: bool = False


class Search:
    """Breadth first; of the states seen only hashes of 64 bits are kept."""

    def __init__(self, scenario: Scenario, fixes: Fixes) -> None:
        self.scenario = scenario
        self.deliveries = Deliveries(scenario, fixes)
        self.outcomes: Outcomes = Counter()

    def run(self, limit: int) -> Verdict:
        """Look at every state, up to *limit*."""
        collects = gc.isenabled()
        gc.disable()  # millions of tuples, and no cycle among them
        try:
            return self._run(limit)
        finally:
            if collects:
                gc.enable()

    def _run(self, limit: int) -> Verdict:
        start = self.deliveries.start()
        parents = {hash(start): 0}
        layer, count = [start], 0
        while layer:
            following = []
            for s in layer:
                count += 1
                moment = self.deliveries.next(s)
                own = hash(s)
                if wrong := self._wrong(s, moment):
                    return Verdict(count, wrong, self._trace(parents, own), self.outcomes)
                for _, n in moment.steps:
                    key = hash(n)
                    if key not in parents:
                        parents[key] = own
                        following.append(n)
            layer = following
            if count > limit:
                return Verdict(count, outcomes=self.outcomes, cut_off=True)
        return Verdict(count, outcomes=self.outcomes)

    def _trace(self, parents: dict[int, int], end: int) -> tuple[str, ...]:
        way = [end]
        while parents[way[-1]]:
            way.append(parents[way[-1]])
        s, labels = self.deliveries.start(), []
        for key in reversed(way[:-1]):
            label, s = next(step for step in self.deliveries.next(s).steps if hash(step[1]) == key)
            labels.append(label)
        return tuple(labels)

    # ---- what must hold --------

    def _wrong(self, s: State, moment: Moment) -> str | None:
        if s.bad:
            return s.bad
        if s.noted & (s.moved | s.reported):
            return "2: an event was noted, and moved the journey or was reported"
        if s.moved & s.reported:
            return "2: an event moved the journey and was reported"
        if self.scenario.reports == "none" and s.reported | s.failed:
            return f"2: false alarm over {_events(s.reported | s.failed)}"
        if moment.quiet and (wrong := self._left_lying(s)):
            return wrong
        return self._wrong_end(s) if not moment.steps else None

    def _left_lying(self, s: State) -> str | None:
        """Nothing must happen any more; nobody may wait who need not."""
        accepts = self.scenario.choreography.waits
        names = self.scenario.names
        for execution in s.executions:
            for wait, phase, _, _ in execution[1] if execution and execution[0] == "R" else ():
                if phase not in (WRITTEN, SUBMITTED):
                    continue
                kept = (i for i, row in enumerate(s.rows) if status(row) == "K" and not s.disowned >> i & 1)
                there = {one for one, token in s.waits if token[0] == s.arn}
                open_to = {
                    name for name in accepts[wait].accepts if there.issuperset(accepts[wait].gates.get(name, ()))
                }
                oldest = next((i for i in kept if names[i] in open_to), None)
                settles = s.settles & ~self.scenario.starts  # of a start event, they are the start function's
                if oldest is not None and not (s.held | settles) >> oldest & 1:
                    return f"6: {wait} is open, e{oldest} kept, and only a deadline will look"
        for i, row in enumerate(s.rows):
            if status(row) in ("C", "F", "P", "S"):
                return f"6: e{i} is {row}, and nobody finishes it before a deadline"
        for i, row in enumerate(s.name_rows):
            if row == "P":
                return f"6: e{i} is being reported under its name, and nobody finishes it"
            if row == "K" and s.named:
                return f"6: e{i} waits under a name that is known, and only a deadline will look"
        return None

    def _wrong_end(self, s: State) -> str | None:
        of = self.scenario
        for i, row in enumerate(s.rows):
            reported, begun = s.reported >> i & 1, of.names[i] == "S" and s.executions[i]
            if row == "X" and not (s.moved >> i & 1 or begun or reported):
                continue
            under_name = s.name_rows[i]
            if i in of.under_name and under_name == "R" and reported and row is None:
                continue
            if i in of.teaches and under_name != ("R" if of.taken else None):
                return f"4: e{i} teaches a name that is taken: row {under_name}"
            if not (row == "R" and reported) and not (row == "D" and ((s.moved | s.noted) >> i & 1 or begun)):
                return f"3: e{i} lost: row {row}, moved {s.moved >> i & 1}, reported {reported}"
        if s.waiting:
            return f"7: left behind: waiting {_events(s.waiting)}"
        if s.kept or s.claimed:
            return f"7: left behind: kept {_events(s.kept)}, claimed {_events(s.claimed)}"
        ends = tuple(execution and execution[0] for execution in s.executions)
        ends = ends[: max((i + 1 for i, end in enumerate(ends) if end), default=0)]
        if "WriteFailed" in ends:
            return "2: a live wait was refused"
        if of.ends is not None and ends not in of.ends:
            return f"2: ends {ends}"
        if of.reports == "some" and not s.reported:
            return "4: not reported"
        self.outcomes[ends, s.reported] += 1
        return None


def _events(bits: int) -> list[str]:
    return [f"e{i}" for i in range(bits.bit_length()) if bits >> i & 1]
