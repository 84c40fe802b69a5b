"""What a function does after it has read the table: the protocol's reading half (`runtime/decision.py`)."""

from enum import Enum

from .fixes import Fixes
from .scenario import Scenario
from .state import NONE, Op, State, Token, status
from .stepfunctions import StepFunctions

#: Nothing can be done yet: the message comes again later.
PARK: Op = ("park",)


class Hold(Enum):
    """Whether an event may be claimed by a wait that accepts it."""

    FREE = "nothing holds it"
    HELD = "it is held"
    ASK = "history must be asked whether the wait of a line beside it is stored late"


class Decisions:
    """Values in, the next call out."""

    def __init__(self, scenario: Scenario, fixes: Fixes, executions: StepFunctions) -> None:
        self.scenario = scenario
        self.fixes = fixes
        self.executions = executions
        self.names = scenario.names
        self.asks = scenario.choreography.waits

    # ---- what the rows say --------

    def waits(self, s: State) -> list[tuple[str, Token]]:
        """The waits of the journey's own execution."""
        return [one for one in s.waits if one[1][0] == s.arn]

    def owned(self, s: State, e: int) -> bool:
        """Whether the journey may use the event at all."""
        return "owner" not in self.fixes or not s.disowned >> e & 1

    def accepts(self, s: State, wait: str, name: str) -> bool:
        """Whether this wait accepts events of that name now: the gate may be shut."""
        asked, there = self.asks[wait], {one for one, _ in self.waits(s)}
        return name in asked.accepts and there.issuperset(asked.gates.get(name, ()))

    def offer(self, s: State, wait: str, own: int | None = None) -> int | None:
        """The oldest event that this wait accepts."""
        for i, name in enumerate(self.names):
            if (
                self.accepts(s, wait, name)
                and (i == own or (s.kept >> i & 1 and status(s.rows[i]) == "K"))
                and self.owned(s, i)
            ):
                return i
        return None

    def held(self, s: State, wait: str, e: int) -> Hold:
        """Whether something holds *e* at this wait."""
        asked, name = self.asks[wait], self.names[e]
        if name not in asked.hold and not self._next_life(s, e):
            return Hold.FREE
        if not s.settled >> e & 1:
            return Hold.HELD
        older = [i for i in range(e) if s.claimed >> i & 1]
        if "oldclaim" in self.fixes and any(self.names[i] in asked.accepts for i in older):
            return Hold.HELD
        if name not in asked.last:
            return Hold.FREE
        kept = [i for i in range(e) if s.kept >> i & 1 and status(s.rows[i]) == "K" and self.owned(s, i)]
        kept = [i for i in kept if self.names[i] != "S" or self.scenario.choreography.awaits_starts]
        others = [other for other, _ in self.waits(s) if other != wait]
        taken = [i for i in kept if any(self.accepts(s, other, self.names[i]) for other in others)]
        if "mustlast" in self.fixes and (older or taken):
            return Hold.HELD
        if "yieldask" in self.fixes and name in asked.yields:
            return Hold.ASK
        if "raceask" in self.fixes and asked.races and name not in asked.yields:
            return Hold.ASK
        if "beside" in self.fixes and len(taken) < len(kept):
            return Hold.ASK
        return Hold.FREE

    def leads(self, s: State, wait: str, e: int) -> bool:
        """Whether another wait leads on by an event that *wait* only notes."""
        name = self.names[e]
        others = (self.asks[other] for other, _ in self.waits(s) if other != wait)
        return name in self.asks[wait].notes and any(name in one.accepts - one.notes for one in others)

    def use(self, e: int, wait: str, token: Token, *, was_kept: bool) -> Op:
        """The next call where nothing holds *e*."""
        if self.names[e] not in self.asks[wait].notes:
            return ("claim", e, wait, token, was_kept)
        return ("ask-wait" if "stayopen" in self.fixes else "note", e, wait, token, was_kept)

    def _next_life(self, s: State, e: int) -> bool:
        """Whether *e* may belong to the next journey, whose start event is kept."""
        if "younger" not in self.fixes or not self.scenario.starts & s.kept:
            return False
        return any(s.kept >> i & 1 and self.names[i] == "S" for i in range(e))

    # ---- what to do --------

    def look(self, s: State, kind: str, e: int) -> Op | None:
        """The next call for a message; None when it is finished."""
        if kind == "stream":
            return self._look_at_change(s)
        row, letter = s.rows[e], status(s.rows[e])
        start = self.names[e] == "S"
        if letter in ("D", "R", "X"):
            return None
        if start and kind in ("event", "settle"):
            return self._look_at_start(s, e)
        if letter == "P":
            return ("emit", e)
        if letter == "S":
            return ("hand", e)
        if letter == "F":
            return ("sendfail", e, row[1], False)
        if letter == "C":
            if kind != "event" and not row[2]:
                return PARK  # the message that brought it has the payload
            return ("send", e, row[1], False) if kind == "event" or "help" in self.fixes else None
        if start and not (row and self.scenario.choreography.awaits_starts and not s.ended and s.arn != NONE):
            return self._look_at_kept_start(s, e)
        return self._look_at_event(s, kind, e)

    def _look_at_event(self, s: State, kind: str, e: int) -> Op | None:
        row, hold, seen = s.rows[e], None, False
        for wait, token in self.waits(s):
            if not self.accepts(s, wait, self.names[e]) or not self.owned(s, e):
                continue
            seen = True
            if self.offer(s, wait, e) != e or self.leads(s, wait, e):
                continue
            if "nowfirst" not in self.fixes and kind != "deadline":
                return self.use(e, wait, token, was_kept=row is not None)
            match self.held(s, wait, e):
                case Hold.FREE:
                    return self.use(e, wait, token, was_kept=row is not None)
                case Hold.ASK:
                    return ("ask", e, wait, token, tuple(self.waits(s)))
                case Hold.HELD:
                    hold = token
        if row is None:
            return ("keep", e, hold) if kind == "event" else None
        if kind == "settle":
            return ("timers", e, hold, kind) if hold else None
        if kind == "event":
            return ("timers", e, hold, kind) if "resched" in self.fixes else None
        if kind in ("held", "finish") or seen:
            return ("timers", e, hold, kind)
        return self._look_at_kept_start(s, e) if self.names[e] == "S" else self.deviation(s, e)

    def _look_at_change(self, s: State) -> Op | None:
        for i in range(self.scenario.count):
            if s.claimed >> i & 1 and status(s.rows[i]) == "C" and s.rows[i][2]:
                return ("send", i, s.rows[i][1], "finishall" in self.fixes)
        holds = 0
        for wait, token in self.waits(s):
            e = self.offer(s, wait)
            if e is None or self.leads(s, wait, e):
                continue
            held = self.held(s, wait, e) if "nowfirst" in self.fixes else Hold.FREE
            if held is Hold.FREE:
                return self.use(e, wait, token, was_kept=True)
            if held is Hold.ASK:
                return ("ask", e, wait, token, tuple(self.waits(s)))
            if s.rows[e] != ("K", token):  # else whoever kept it for this very wait has it looked at again
                holds |= 1 << e
        return ("settle", holds) if holds else None

    def _look_at_start(self, s: State, e: int) -> Op | None:
        """The start function's."""
        match status(s.rows[e]):
            case "S":
                return ("exec", e)
            case "C" | "F" | "P":
                return ("finish", e)
        if s.arn == NONE or s.ended:
            return ("sclaim", e, s.arn)
        if s.rows[e] is None and any("S" in self.asks[wait].accepts for wait, _ in self.waits(s)):
            return ("keep", e, None)  # it is about to move the journey, so that nobody is asked whether that runs
        return ("describe", e, s.arn)

    def _look_at_kept_start(self, s: State, e: int) -> Op | None:
        """The resume function's, at the deadline."""
        if s.rows[e] is None:
            return None
        if s.arn == NONE or s.ended:
            return ("hand", e)
        return ("ask-start", e, s.arn, self.deviation(s, e))

    # ---- a deadline has passed, and nothing accepts the event --------

    def deviation(self, s: State, e: int) -> Op:
        """What becomes of *e*."""
        if s.arn == NONE or s.ended:
            return self.without_journey(s, e)
        if not self.owned(s, e):
            return ("report", e)
        waits = tuple(self.waits(s))
        if "inflight" in self.fixes:
            if s.claimed & ~(1 << e):
                return PARK
            if any(self.offer(s, wait) is not None for wait, _ in waits):
                return PARK
        return ("judge", e, waits) if waits else ("ask-execution", e, s.arn, self.without_journey(s, e))

    def without_journey(self, s: State, e: int) -> Op:
        """There is no journey, or it has ended."""
        others = (i for i in range(self.scenario.count) if i != e and self.names[i] == "S" and s.kept >> i & 1)
        begins = any(status(s.rows[i]) == "K" for i in others)
        if "startkept" in self.fixes and begins:
            return PARK
        return ("report", e, begins and not s.expired >> e & 1)

    def judged(self, e: int, waits: tuple[tuple[str, Token], ...]) -> Op:
        """The journey waits, and not for *e*."""
        if self.scenario.alike and self.names[e] == "S":
            return ("repeats", e)
        return ("failclaim", e, *waits[0]) if self.scenario.policy == "fail" else ("report", e)
