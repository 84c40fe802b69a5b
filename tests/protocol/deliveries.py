"""Everything that can happen next: messages that come, workers that go on or die, time that passes."""

from collections.abc import Iterator

from .calls import HARMLESS, Calls
from .decisions import PARK, Decisions
from .fixes import Fixes
from .scenario import Scenario
from .state import NONE, Message, Op, State, Worker, put, status
from .stepfunctions import Labelled, StepFunctions

#: So often messages of older events may come again before a deadline passes, with the fix "redelivery".
REDELIVERIES = 1


class Moment:
    """What can happen at one moment.

    *must* happens if nothing else does; *may* needs luck, bad luck or time. *quiet*: nothing must happen.
    """

    __slots__ = ("again", "may", "must")

    def __init__(self) -> None:
        self.must: list[Labelled] = []
        self.may: list[Labelled] = []
        self.again: list[tuple[Message, Labelled]] = []

    @property
    def quiet(self) -> bool:
        """Whether only time, or bad luck, will do something."""
        return not self.must and not self.again

    @property
    def steps(self) -> list[Labelled]:
        """All of them."""
        return self.must + [step for _, step in self.again] + self.may


class Deliveries:
    """The successors of a state."""

    def __init__(self, scenario: Scenario, fixes: Fixes) -> None:
        self.scenario = scenario
        self.fixes = fixes
        self.executions = StepFunctions(scenario, fixes)
        self.decisions = Decisions(scenario, fixes, self.executions)
        self.calls = Calls(scenario, fixes, self.decisions, self.executions)
        self.contested = scenario.choreography.contested
        self.allowance = REDELIVERIES if "redelivery" in fixes else 0

    def start(self) -> State:
        """All events are on their queues, and nothing has happened."""
        of, count = self.scenario, self.scenario.count
        return State(
            arn=NONE, ended=0, disowned=0, before=0, expired=0, waits=(), kept=0, claimed=0,
            rows=(None,) * count, executions=(None,) * count, zombies=(), moved=0, noted=0, failed=0, reported=0,
            queue=tuple(1 + (i in of.repeated) for i in range(count)),
            deadlines=0, held=0, settles=0, finishes=0, again=(), stream=0, closing=0, done=0,
            named=0, waiting=0, overtaken=0, name_rows=(None,) * count, taught=0, expiries=0, told=0, settled=0, due=0,
            workers=(None, None, None),
            crashes=of.crashes, retries=of.retries, aborts=of.aborts, throttles=of.throttles, bad="",
        )  # fmt: skip

    def next(self, s: State) -> Moment:
        """Every step that is possible now."""
        moment = Moment()
        moment.must, moment.may = self.executions.steps(s)
        idle = not moment.must
        for place, worker in enumerate(s.workers):
            if worker:
                self._work(s, place, worker, moment)
        for number, (kind, e, tries) in enumerate(s.again):
            n = s._replace(again=s.again[:number] + s.again[number + 1 :])
            moment.again.extend(((kind, e, tries), step) for step in self._take(kind, e, n, tries))
        self._messages(s, moment)
        self._time(s, moment)
        self._deadlines(s, moment, idle=idle)
        return moment

    # ---- workers --------

    def _work(self, s: State, place: int, worker: Worker, moment: Moment) -> None:
        assert worker
        (kind, e, tries), op = worker
        who = f"{'S' if place == 2 else 'R'}[{kind} {e}]"
        outcome = self.calls.step(s, kind, op)
        if outcome:
            label, n, after = outcome
            went_on: Worker = ((kind, e, tries), after) if after else None
            moment.must.append((f"{who} {label}", n._replace(workers=_workers(n.workers, place, went_on))))
        if not s.crashes or op[0] in ("look", "rows", "lines", "rest"):
            return
        if op[0] in HARMLESS and self.scenario.grace != "redelivery":
            return
        died = s._replace(crashes=s.crashes - 1, workers=_workers(s.workers, place, None))
        if kind == "stream":
            moment.may.append((f"{who} dies before {op[0]}", died._replace(stream=1)))
            return
        if not s.done >> e & 1:
            died = died._replace(again=tuple(sorted((*s.again, (kind, e, tries + 1)))))
        moment.may.append((f"{who} dies before {op[0]}", died))
        moment.may.append((f"{who} is slow before {op[0]}: redelivered", died._replace(workers=s.workers)))

    # ---- messages --------

    def _messages(self, s: State, moment: Moment) -> None:
        must = moment.must
        for i in range(self.scenario.count):
            bit = 1 << i
            if s.queue[i] and not (self.scenario.starts_first and self._start_is_missing(s, i)):
                must.extend(self._take("event", i, s._replace(queue=put(s.queue, i, s.queue[i] - 1))))
            if s.settles & bit and self._settle_is_due(s, i):
                must.extend(self._take("settle", i, s._replace(settles=s.settles & ~bit)))
            if s.held & bit and s.settled & bit:
                must.extend(self._take("held", i, s._replace(held=s.held & ~bit)))
            if s.taught & bit:
                must.extend(self._take("taught", i, s._replace(taught=s.taught & ~bit)))
            if s.finishes & bit:
                must.extend(self._take("finish", i, s._replace(finishes=s.finishes & ~bit)))
            if s.closing & bit:
                n = s._replace(closing=s.closing & ~bit)
                must.append((f"status event of x{i}", self.executions.touch(n._replace(ended=1)) if n.arn == i else n))
            if self.scenario.forgets and s.rows[i] == "D" and s.queue[i]:
                moment.may.append((f"the row of e{i} expires", s._replace(rows=put(s.rows, i, None))))
        if s.stream and not any(worker and worker[0][0] == "stream" for worker in s.workers):
            must.extend(self._take("stream", 0, s._replace(stream=0)))
        if s.crashes and s.kept and not s.stream:
            moment.may.append(("stream record again", s._replace(stream=1, crashes=s.crashes - 1)))

    def _start_is_missing(self, s: State, i: int) -> bool:
        return any(name == "S" and s.rows[e] is None for e, name in enumerate(self.scenario.names[:i]))

    def _settle_is_due(self, s: State, i: int) -> bool:
        if self.scenario.names[i] != "S":
            return bool(s.settled >> i & 1)
        if s.arn == NONE or s.ended or status(s.rows[i]) != "K":
            return True
        execution = s.executions[s.arn]
        return execution is not None and execution[0] != "R"  # polling a running journey changes nothing

    def _time(self, s: State, moment: Moment) -> None:
        for i in self.scenario.may_be_held:
            if s.settled >> i & 1 or status(s.rows[i]) in (None, "D", "R", "X"):
                continue
            if self.scenario.names[i] not in self.contested and not (s.held | s.settles) >> i & 1:
                continue
            if self.scenario.grace == "any" or None not in s.rows[:i]:
                moment.must.append((f"e{i} has settled", s._replace(settled=s.settled | 1 << i)))

    def _deadlines(self, s: State, moment: Moment, *, idle: bool) -> None:
        """*idle*: Step Functions has nothing to do."""
        grace = self.scenario.grace
        if (
            not (s.deadlines or s.expiries)
            or (moment.must and grace in ("quiet", "redelivery"))
            or (moment.again and grace == "quiet")
        ):
            return
        if grace == "recorded" and not moment.quiet and (not self._all_recorded(s) or not idle):
            return
        for i in range(self.scenario.count):
            if s.expiries >> i & 1:
                moment.may.extend(self._take("name-deadline", i, s._replace(expiries=s.expiries & ~(1 << i))))
            if not s.deadlines >> i & 1:
                continue
            if grace == "redelivery" and any(e < i and tries <= self.allowance for (_, e, tries), _ in moment.again):
                continue
            moment.may.extend(self._deadline(s, i))

    @staticmethod
    def _all_recorded(s: State) -> bool:
        return all(row or under_name for row, under_name in zip(s.rows, s.name_rows, strict=True))

    def _deadline(self, s: State, i: int) -> Iterator[Labelled]:
        n = s._replace(deadlines=s.deadlines & ~(1 << i))
        if self.scenario.starts & (self.scenario.starts - 1):  # only then does it matter whose an event is
            n = n._replace(due=s.due | 1 << i)
        taken = list(self._take("deadline", i, n))
        yield from taken
        if not taken and n.due != s.due:
            yield f"the deadline of e{i} passes: nothing yet", n._replace(deadlines=s.deadlines)

    def _take(self, kind: str, e: int, n: State, tries: int = 0) -> Iterator[Labelled]:
        """A worker receives a message and reads the table."""
        name = self.scenario.names[e]
        start = name == "S" and kind in ("event", "settle")
        place = 2 if start else 0 if not n.workers[0] else 1
        if n.workers[place]:
            return
        if begins := self.calls.naming.first(kind, e):
            label = f"{'S' if start else 'R'} takes {kind} of e{e} ({name})"
            yield label, n._replace(workers=_workers(n.workers, place, ((kind, e, tries), begins)))
            return
        known = self.decisions.look(n, kind, e)
        if self._futile(n, kind, known, tries):
            return
        after = self.calls.first(n, kind, e)
        worker: Worker = ((kind, e, tries), after) if after else None
        label = f"{'S' if start else 'R'} takes {kind}{'' if kind == 'stream' else f' of e{e} ({name})'}"
        words = " ".join(str(word) for word in known) if known else "drop"
        yield f"{label} -> {words}", n._replace(workers=_workers(n.workers, place, worker))

    def _futile(self, n: State, kind: str, op: Op | None, tries: int) -> bool:
        """Whether the message would only come again later, and all be as it was."""
        if op is None:
            return False
        if op == PARK:
            return True
        match op[0]:
            case "timers":
                too_early = kind in ("deadline", "settle") or (kind == "held" and op[2] is not None)
                return too_early and not tries
            case "ask-execution":
                return self.executions.running(n, op[2])
            case "ask-start":
                return self.executions.running(n, op[2]) and op[3][0] in ("park", "ask-execution")
            case "ask" if kind in ("held", "settle"):
                return self.executions.unstored(n, op[4])
            case "judge":
                return "unstored" in self.fixes and self.executions.unstored(n, op[2])
        return False


def _workers(workers: tuple[Worker, Worker, Worker], place: int, worker: Worker) -> tuple[Worker, Worker, Worker]:
    """The two workers of the resume function are alike."""
    first, second, third = put(workers, place, worker)
    return (second, first, third) if hash(first) > hash(second) else (first, second, third)
