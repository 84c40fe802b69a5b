"""One call of a worker at a time: to the table, to Step Functions, to the queues. Each is atomic."""

from collections.abc import Callable, Sequence
from typing import Any

from .decisions import PARK, Decisions, Hold
from .fixes import Fixes
from .naming import UNDER_A_NAME, Naming
from .scenario import Scenario
from .state import JOURNEY, SUBMITTED, Op, State, Token, put, status
from .stepfunctions import StepFunctions

#: What is told of the call, what it made of the world, and what the worker does next (None: it has finished).
Outcome = tuple[str, State, Op | None]

#: Calls before which nothing has been done for the message: dying there is as if it had not been taken yet.
HARMLESS = frozenset(
    {
        *(
            "look",
            "rows",
            "lines",
            "rest",
            "whole",
            "again",
            "keep",
            "claim",
            "ask-wait",
            "note",
            "settle",
            "ask",
            "hand",
            "finish",
        ),
        *("judge", "partition", "drop-waits", "ask-execution", "ask-start", "failclaim", "repeats", "report"),
        *("describe", "sclaim"),
        *("teach", "name", "name-row", "name-keep", "name-report"),
    }
)


#: Calls that only send word.
SENDING = frozenset({"timers", "settle", "hand", "finish", "reltimer"})


class Calls:
    """The functions' performing half (`runtime/correlation.py`, `runtime/starting.py`, `runtime/table.py`)."""

    def __init__(self, scenario: Scenario, fixes: Fixes, decisions: Decisions, executions: StepFunctions) -> None:
        self.scenario = scenario
        self.fixes = fixes
        self.decisions = decisions
        self.executions = executions
        self.touch = executions.touch
        self.naming = Naming(scenario, fixes)
        self._calls: dict[str, Callable[[State, str, Op], Outcome | None]] = {
            "look": self._look,
            "rows": self._rows,
            "lines": self._lines,
            "rest": self._rest,
            "whole": self._whole,
            "again": self._again,
            "keep": self._keep,
            "timers": self._timers,
            "settle": self._settle,
            "ask": self._ask,
            "claim": self._claim,
            "ask-wait": self._ask_wait,
            "note": self._note,
            "send": self._send,
            "reltimer": self._reltimer,
            "release": self._release,
            "record": self._record,
            "judge": self._judge,
            "partition": self._partition,
            "drop-waits": self._drop_waits,
            "ask-execution": self._ask_execution,
            "ask-start": self._ask_start,
            "failclaim": self._failclaim,
            "sendfail": self._sendfail,
            "repeats": self._repeats,
            "report": self._report,
            "emit": self._emit,
            "reported": self._reported,
            "hand": self._hand,
            "finish": self._finish,
            "describe": self._describe,
            "sclaim": self._sclaim,
            "exec": self._exec,
            "started": self._started,
            **self.naming.calls,
        }

    def step(self, s: State, kind: str, op: Op) -> Outcome | None:
        """The worker's next call; None if it can do nothing but let its message come again.

        Where no more function dies, word that is only sent is sent with it: it may be taken at any time after.
        """
        outcome = self._call(s, kind, op)
        if outcome is None or s.crashes:
            return outcome
        label, n, after = outcome
        then = self._call(n, kind, after) if after and after[0] in SENDING else None
        return (f"{label}; {then[0]}", then[1], then[2]) if then else outcome

    def _call(self, s: State, kind: str, op: Op) -> Outcome | None:
        own = "event" if kind in UNDER_A_NAME and op[0] not in self.naming.calls else kind
        outcome = self._calls[op[0]](s, own, op)
        return outcome and (*outcome[:2], self.naming.then(outcome[1], kind, op, outcome[2]))

    @staticmethod
    def back(s: State, kind: str, e: int) -> State:
        """The message comes again later."""
        bit = 1 << e & ~s.done
        if kind == "settle":
            return s._replace(settles=s.settles | bit)
        if kind == "held":
            return s._replace(held=s.held | bit)
        return s._replace(deadlines=s.deadlines | bit)

    def _close(self, s: State, e: int, letter: str) -> State:
        """The event is done or reported: whatever message about it comes now is dropped, so it need not come."""
        n = s._replace(rows=put(s.rows, e, letter), kept=s.kept & ~(1 << e), claimed=s.claimed & ~(1 << e))
        if self.scenario.forgets or self.scenario.under_name:
            return n
        left = ~(1 << e)
        return n._replace(
            done=s.done | 1 << e,
            queue=put(s.queue, e, 0),
            deadlines=s.deadlines & left,
            held=s.held & left,
            settles=s.settles & left,
            finishes=s.finishes & left,
            settled=s.settled & left,
            due=s.due & left,
            again=tuple(one for one in s.again if one[1] != e),
        )

    # ---- reading --------

    def first(self, s: State, kind: str, e: int) -> Op | None:
        """What a worker does that takes a message: it reads, and knows the next call."""
        if self.scenario.apart and not (self.scenario.names[e] == "S" and kind in ("event", "settle")):
            return ("lines", e, (*s[:JOURNEY], s.settled), None, None)
        if self.scenario.two_reads and not (self.scenario.names[e] == "S" and kind in ("event", "settle")):
            return ("rows", e, (*s[:JOURNEY], s.settled))
        return self.decisions.look(s, kind, e)

    def _look(self, s: State, kind: str, op: Op) -> Outcome | None:
        after = self.first(s, kind, op[1])
        if after == PARK:
            return "reads: nothing yet", self.back(s, kind, op[1]), None
        return "reads", s, after

    def _rows(self, s: State, kind: str, op: Op) -> Outcome | None:
        """The rows are read only now; the JOURNEY row (and the clock) were before."""
        _, e, (*journey, settled) = op
        seen = State._make((*journey, *s[JOURNEY:]))._replace(settled=settled)
        if self._must_read_again(s, kind, e, seen):
            return "reads the rows: the JOURNEY row is out of date", s, ("look", e)
        after = self.decisions.look(seen, kind, e)
        if after == PARK:
            return "reads the rows: nothing yet", self.back(s, kind, e), None
        return "reads the rows", s, after

    def _must_read_again(self, s: State, kind: str, e: int, seen: State) -> bool:
        """Whether a row shows that the JOURNEY row is another by now: one in `kept` was claimed, or one given back."""
        return (
            "reread" in self.fixes
            and (kind == "stream" or status(s.rows[e]) in (None, "K"))
            and any(
                (seen.kept >> i & 1 and status(row) != "K") or (seen.claimed >> i & 1 and status(row) == "K")
                for i, row in enumerate(seen.rows)
            )
        )

    # ---- waits that have rows of their own --------

    def _lines(self, s: State, _kind: str, op: Op) -> Outcome | None:
        """The JOURNEY row was read before; now the waits of the first line are."""
        _, e, (*journey, settled), before, rows = op
        first, _ = self._by_line(s)
        return "reads the first line", s, ("rest", e, (*journey, settled), before, rows, first)

    def _rest(self, s: State, kind: str, op: Op) -> Outcome | None:
        """And now all other waits, and the rows of events, unless all *rows* were read before.

        *before*: what was read before history was asked.
        """
        _, e, (*journey, settled), before, rows, first = op
        _, rest = self._by_line(s)
        seen = State._make((*journey, *s[JOURNEY:]))._replace(
            settled=settled, waits=tuple(sorted((*first, *rest))), rows=rows or s.rows
        )
        waits = tuple(self.decisions.waits(seen))
        if before is not None:
            if (waits, _lists(journey)) != before:
                return f"reads again for e{e}: it has changed", self.back(s, kind, e), None
            return f"reads again for e{e}: as before", s, self.decisions.judged(e, waits)
        if self._must_read_again(s, kind, e, seen):
            return "reads the other rows: the JOURNEY row is out of date", s, ("look", e)
        after = self.decisions.look(seen, kind, e)
        if after == PARK:
            return "reads the other rows: nothing yet", self.back(s, kind, e), None
        if after and after[0] == "judge":
            is_whole = rows is not None or "judgeread" not in self.fixes
            after = (*after, _lists(journey)) if is_whole else ("whole", e)
        return "reads the other rows", s, after

    def _whole(self, s: State, kind: str, op: Op) -> Outcome | None:
        """The rows of all events are read, and then the journey anew: a claim may be in no set."""
        e = op[1]
        if any(status(row) == "C" for row in s.rows):
            return f"reads all for e{e}: a claim is on its way", self.back(s, kind, e), None
        return f"reads all for e{e}", s, ("lines", e, (*s[:JOURNEY], s.settled), None, s.rows)

    def _again(self, s: State, kind: str, op: Op) -> Outcome | None:
        """History has been asked; the JOURNEY row is read again, and then its waits."""
        _, e, waits, lists = op
        if _lists(s[:JOURNEY]) != lists:
            return f"reads again for e{e}: the JOURNEY row has changed", self.back(s, kind, e), None
        return f"reads again for e{e}", s, ("lines", e, (*s[:JOURNEY], s.settled), (waits, lists), None)

    @staticmethod
    def _by_line(s: State) -> tuple[tuple[tuple[str, Token], ...], tuple[tuple[str, Token], ...]]:
        """The waits of the first line, and all others."""
        return tuple(one for one in s.waits if "/y" not in one[0]), tuple(one for one in s.waits if "/y" in one[0])

    # ---- an event is kept --------

    def _keep(self, s: State, kind: str, op: Op) -> Outcome | None:
        _, e, hold = op
        if s.rows[e] is not None:
            return f"keep e{e}: its row is there", s, ("look", e)
        n = s._replace(rows=put(s.rows, e, ("K", hold) if hold else "K"))
        if self.scenario.known >> e & 1:
            n = self.touch(n._replace(kept=s.kept | 1 << e))
        return f"keep e{e}", n, ("timers", e, hold, kind)

    def _timers(self, s: State, kind: str, op: Op) -> Outcome | None:
        _, e, hold, why = op
        bit = 1 << e & ~s.done
        label = f"delayed message for e{e}"
        if self.scenario.names[e] == "S" and kind in ("event", "settle"):  # the start function's
            deadline = bit if why == "event" else 0
            return label, s._replace(deadlines=s.deadlines | deadline, settles=s.settles | bit), None
        if why == "settle":
            return label, s._replace(settles=s.settles | bit), None
        if hold:
            return label, s._replace(held=s.held | bit), None
        return label, s._replace(deadlines=s.deadlines | bit), None

    def _settle(self, s: State, _kind: str, op: Op) -> Outcome | None:
        """Those about a start event are the resume function's, too: the start function does not claim for waits."""
        events = op[1] & ~s.done
        starts = self.scenario.starts
        return "settle messages", s._replace(settles=s.settles | events & ~starts, held=s.held | events & starts), None

    # ---- claim, send, record --------

    def _ask(self, s: State, kind: str, op: Op) -> Outcome | None:
        """Before an event goes that ends all lines, history tells whether the wait of one is stored late."""
        _, e, wait, token, seen = op
        if not self.executions.unstored(s, seen):
            return (
                f"history for e{e}: every open task has its wait",
                s,
                self.decisions.use(e, wait, token, was_kept=s.rows[e] is not None),
            )
        return f"history for e{e}: a wait is stored late", s, self._held(s, kind, e, token)

    def _held(self, s: State, kind: str, e: int, token: object) -> Op | None:
        if kind == "stream":
            return None if s.rows[e] == ("K", token) else ("settle", 1 << e)
        return ("keep", e, token) if s.rows[e] is None else ("timers", e, token, kind)

    def _claim(self, s: State, kind: str, op: Op) -> Outcome | None:
        _, e, wait, token, was_kept = op
        bit, row = 1 << e, s.rows[e]
        if "nowfirst" not in self.fixes and self.decisions.held(s, wait, e) is not Hold.FREE:  # the clock is read now
            return f"e{e} is contested", s, self._held(s, kind, e, token)
        as_seen = (status(row) == "K") if was_kept else row is None
        good = as_seen if "asseen" in self.fixes else status(row) in (None, "K")
        if not good or (wait, token) not in s.waits:
            return f"claim e{e}: refused", s, ("look", e)
        opening = self.scenario.choreography.waits[wait].gates.get(self.scenario.names[e], ())
        beside = [one for one in s.waits if one[0] in opening and one[1][0] == token[0]]
        if len(beside) < len(opening):
            return f"claim e{e}: refused, the gate is shut", s, ("look", e)
        kept, claimed = s.kept, s.claimed
        if was_kept:
            kept &= ~bit
            claimed |= bit if "claimedset" in self.fixes else 0
        elif self.scenario.choreography.tracked and "tracked" in self.fixes:
            claimed |= bit
        n = s._replace(
            rows=put(s.rows, e, ("C", token, int(row is not None))),
            kept=kept,
            claimed=claimed,
            waits=tuple(one for one in s.waits if one != (wait, token) and one not in beside),
        )
        is_touched = not self.scenario.apart or (n.kept, n.claimed) != (s.kept, s.claimed)
        n = self.touch(n) if is_touched else n
        return f"claim e{e} for {wait} #{token[1]}", n, ("send", e, token, False)

    def _ask_wait(self, s: State, _kind: str, op: Op) -> Outcome | None:
        """A heartbeat, and where that is refused the history."""
        e, wait, token = op[1:4]
        if self.executions.thread(s, token) is None:
            n = s._replace(waits=tuple(one for one in s.waits if one != (wait, token)))
            return f"{wait} is closed, and goes", n, ("look", e)
        return f"{wait} is open", s, ("note", *op[1:])

    def _note(self, s: State, _kind: str, op: Op) -> Outcome | None:
        """The event is done at once; the wait stays."""
        _, e, wait, token, was_kept = op
        row = s.rows[e]
        as_seen = (status(row) == "K") if was_kept else row is None
        if "stayrow" in self.fixes and not as_seen:
            return f"note e{e}: refused", s, ("look", e)
        if (wait, token) not in s.waits:
            if "staywait" in self.fixes:
                return f"note e{e}: refused", s, ("look", e)
            return "", s._replace(bad=f"11: event {e} is noted in a state that another has left"), None
        n = self._close(s, e, "D")._replace(noted=s.noted | 1 << e, claimed=s.claimed)
        if "stayopen" not in self.fixes and self.executions.thread(s, token) is None:
            n = n._replace(bad=f"11: event {e} is noted where the journey is no more")
        return f"note e{e} for {wait} #{token[1]}", self.touch(n) if n.kept != s.kept else n, None

    def _send(self, s: State, _kind: str, op: Op) -> Outcome | None:
        _, e, token, more = op
        thread = self.executions.thread(s, token)
        after: Op = ("record", e, token, more)
        if thread and (thread[1] == SUBMITTED or self.scenario.early_ok):
            return f"SendTaskSuccess e{e}", self.executions.succeed(s, token, e), after
        return self._refused(s, op, after, by_event=bool(s.moved >> e & 1), is_open=thread is not None)

    def _refused(self, s: State, op: Op, after: Op, *, by_event: bool, is_open: bool) -> Outcome | None:
        call, e, token, more = op
        if is_open and "openretry" in self.fixes:
            return None
        if by_event:
            return f"{call} e{e}: refused, history: by this event", s, after
        back = "reltimer" if "reltimer" in self.fixes else "release"
        return f"{call} e{e}: refused, history: not by it", s, (back, e, token, more)

    def _reltimer(self, s: State, _kind: str, op: Op) -> Outcome | None:
        bit = 1 << op[1] & ~s.done
        n = s._replace(deadlines=s.deadlines | bit, settles=s.settles | bit & self.scenario.starts)
        return f"delayed message for e{op[1]}", n, ("release", *op[1:])

    def _is_ours(self, s: State, op: Op) -> bool:
        row = s.rows[op[1]]
        return "rowcond" not in self.fixes or (status(row) in ("C", "F") and row[1] == op[2])

    def _release(self, s: State, _kind: str, op: Op) -> Outcome | None:
        _, e, _, more = op
        after = ("look", e) if more else None
        if not self._is_ours(s, op):
            return f"give back e{e}: no longer ours", s, after
        known = self.scenario.known & 1 << e
        n = s._replace(rows=put(s.rows, e, "K"), kept=s.kept | known, claimed=s.claimed & ~(1 << e))
        return f"give back e{e}", self.touch(n), after

    def _record(self, s: State, _kind: str, op: Op) -> Outcome | None:
        _, e, _, more = op
        after = ("look", e) if more else None
        if not self._is_ours(s, op):
            return f"record e{e}: no longer ours", s, after
        n = self._close(s, e, "D")._replace(kept=s.kept)  # a claim has taken it out of there
        return f"record e{e} done", self.touch(n) if n.claimed != s.claimed else n, after

    # ---- a deadline has passed --------

    def _judge(self, s: State, kind: str, op: Op) -> Outcome | None:
        """A heartbeat for each wait, and the history."""
        _, e, waits, *lists = op
        if "unstored" in self.fixes and self.executions.unstored(s, waits):
            return f"history for e{e}: a wait is stored late", self.back(s, kind, e), None
        if "begins" in self.fixes and self.executions.is_for_a_line_to_begin(s, e):
            return f"history for e{e}: its line has yet to begin", self.back(s, kind, e), None
        closed = tuple(one for one in waits if self.executions.thread(s, one[1]) is None)
        if closed == waits and "askwaits" not in self.fixes and self.scenario.policy == "report":
            return "", s._replace(bad=f"8: event {e} is judged by waits that are closed"), None
        if closed and "askwaits" in self.fixes:
            rest = tuple(one for one in waits if one not in closed)
            return f"history for e{e}: waits are closed", s, ("drop-waits", e, closed, rest, *lists)
        after = "again" if self.scenario.apart else "partition"
        return f"history for e{e}: its waits are open", s, (after, e, waits, *lists)

    def _partition(self, s: State, kind: str, op: Op) -> Outcome | None:
        """All rows are read, since a claim may be in no set."""
        _, e, waits = op
        if "judgeread" not in self.fixes:
            return f"judges e{e}", s, self.decisions.judged(e, waits)
        if any(status(row) == "C" for row in s.rows):
            return f"reads all for e{e}: a claim is on its way", self.back(s, kind, e), None
        if status(s.rows[e]) != "K" or self.decisions.deviation(s, e) != ("judge", e, waits):
            return f"reads all for e{e}: it has changed", s, ("look", e)
        return f"reads all for e{e}", s, self.decisions.judged(e, waits)

    def _drop_waits(self, s: State, kind: str, op: Op) -> Outcome | None:
        _, e, closed, rest, *lists = op
        n = s._replace(waits=tuple(one for one in s.waits if one not in closed))
        if rest:
            return "closed waits go", n, ("again" if self.scenario.apart else "partition", e, rest, *lists)
        if self.scenario.names[e] == "S":  # that its execution runs is known already
            return "closed waits go", self.back(n, kind, e), None
        return "closed waits go", n, ("ask-execution", e, s.arn, self.decisions.without_journey(s, e))

    def _ask_execution(self, s: State, kind: str, op: Op) -> Outcome | None:
        _, e, x, fallback = op
        if self.executions.running(s, x):
            return f"Describe x{x} for e{e}: it runs", self.back(s, kind, e), None
        if fallback == PARK:
            return f"Describe x{x} for e{e}: ended; a start event is kept", self.back(s, kind, e), None
        return f"Describe x{x} for e{e}: ended", s, fallback

    def _ask_start(self, s: State, kind: str, op: Op) -> Outcome | None:
        _, e, x, deviation = op
        if not self.executions.running(s, x):
            return f"Describe x{x} for start e{e}: ended", s, ("hand", e)
        if deviation[0] in ("park", "ask-execution"):  # that it runs is known already
            return f"Describe x{x} for start e{e}: it runs", self.back(s, kind, e), None
        return f"Describe x{x} for start e{e}: it runs", s, deviation

    def _failclaim(self, s: State, _kind: str, op: Op) -> Outcome | None:
        _, e, wait, token = op
        bit = 1 << e
        if status(s.rows[e]) != "K" or (wait, token) not in s.waits:
            return f"failclaim e{e}: refused", s, ("look", e)
        n = s._replace(
            rows=put(s.rows, e, ("F", token)),
            kept=s.kept & ~bit,
            claimed=s.claimed | (s.kept & bit),
            waits=tuple(one for one in s.waits if one != (wait, token)),
        )
        return f"failclaim e{e} for {wait} #{token[1]}", self.touch(n), ("sendfail", e, token, False)

    def _sendfail(self, s: State, _kind: str, op: Op) -> Outcome | None:
        _, e, token, _ = op
        thread, x = self.executions.thread(s, token), token[0]
        if thread and (thread[1] == SUBMITTED or self.scenario.early_ok):
            n = self.executions.drop(s._replace(failed=s.failed | 1 << e), x, "UnexpectedEvent")
            if x == s.arn and s.before >> e & 1:
                n = n._replace(bad=f"10: event {e} failed a journey that began after its deadline")
            return f"SendTaskFailure e{e}", n, ("emit", e)
        return self._refused(s, op, ("emit", e), by_event=bool(s.failed >> e & 1), is_open=thread is not None)

    def _repeats(self, s: State, _kind: str, op: Op) -> Outcome | None:
        e = op[1]
        if status(s.rows[e]) != "K":
            return f"e{e} repeats a start: its row has changed", s, ("look", e)
        return f"e{e} repeats a start", self.touch(self._close(s, e, "X")), None

    def _report(self, s: State, _kind: str, op: Op) -> Outcome | None:
        e = op[1]
        bit = 1 << e
        if "repclaim" not in self.fixes:
            return f"report e{e} at once", s._replace(reported=s.reported | bit), ("reported", e)
        if status(s.rows[e]) not in (None, "K"):
            return f"report e{e}: its row has changed", s, ("look", e)
        n = s._replace(rows=put(s.rows, e, "P"), kept=s.kept & ~bit)
        if op[2:] == (True,):
            n = n._replace(bad=f"10: event {e} is taken for left over; a start event is kept that begins its journey")
        if s.disowned & ~s.before & bit and not s.ended and self.executions.running(s, s.arn):
            n = n._replace(bad=f"10: event {e} is taken for left over; its deadline passed after the journey began")
        return f"e{e} is being reported", self.touch(n), ("emit", e)

    def _emit(self, s: State, _kind: str, op: Op) -> Outcome | None:
        return f"report e{op[1]}", s._replace(reported=s.reported | 1 << op[1]), ("reported", op[1])

    def _reported(self, s: State, _kind: str, op: Op) -> Outcome | None:
        e = op[1]
        return f"record e{e} reported", self.touch(self._close(s, e, "R")), None

    # ---- between the functions --------

    def _hand(self, s: State, _kind: str, op: Op) -> Outcome | None:
        return f"e{op[1]} handed to the start function", s._replace(settles=s.settles | 1 << op[1] & ~s.done), None

    def _finish(self, s: State, _kind: str, op: Op) -> Outcome | None:
        return f"e{op[1]} handed to the resume function", s._replace(finishes=s.finishes | 1 << op[1] & ~s.done), None

    # ---- a start event --------

    def _describe(self, s: State, kind: str, op: Op) -> Outcome | None:
        _, e, x = op
        execution = s.executions[x]
        ended = execution[0] != "R" if execution else "startinfl" not in self.fixes
        label = f"Describe x{x} for e{e}: {execution[0] if execution else 'does not exist'}"
        if ended:
            return label, s, ("sclaim", e, x)
        if s.rows[e] is not None:
            return label, s, ("timers", e, None, kind)
        return label, s, ("keep", e, None) if "startkeep" in self.fixes else ("report", e)

    def _sclaim(self, s: State, _kind: str, op: Op) -> Outcome | None:
        _, e, old = op
        if s.arn != old or status(s.rows[e]) not in (None, "K"):
            return f"claim start e{e}: refused", s, ("look", e)
        # A journey begins when its start event is there and the last one has ended, however late it is claimed.
        before = s.expired if s.rows[e] else s.due
        n = s._replace(
            rows=put(s.rows, e, "S"),
            arn=e,
            ended=0,
            before=before,
            disowned=before if "begin" in self.fixes else s.due,
            expired=0,
            kept=s.kept & ~(1 << e),
            waits=s.waits if self.scenario.apart else tuple(one for one in s.waits if one[1][0] != old),
        )
        return f"claim start e{e}", self.touch(n), ("exec", e)

    def _exec(self, s: State, _kind: str, op: Op) -> Outcome | None:
        e = op[1]
        if s.executions[e]:
            return f"StartExecution x{e}: it is there", s, ("started", e)
        n = self.executions.begin(s, e)
        if any(one and one[0] == "R" for one in s.executions):
            n = n._replace(bad="5: two running journeys")
        return f"StartExecution x{e}", n, ("started", e)

    def _started(self, s: State, _kind: str, op: Op) -> Outcome | None:
        return f"record start e{op[1]} done", self._close(s, op[1], "D"), None


def _lists(journey: Sequence[Any]) -> tuple[Any, ...]:
    """What the JOURNEY row says apart from its waits."""
    arn, ended, *_, kept, claimed = journey
    return arn, ended, kept, claimed
