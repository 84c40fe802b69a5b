"""Step Functions: executions that move, write their waits, try again, time out, end, and answer to tokens."""

from collections.abc import Iterator

from .choreographies import All, Await, End, Pause
from .fixes import Fixes
from .scenario import Scenario
from .state import CALLING, MOVING, PAUSED, QUEUED, SUBMITTED, THROTTLED, WRITTEN, Execution, State, Thread, Token, put

Labelled = tuple[str, State]


class StepFunctions:
    """What executions do by themselves, and what they answer."""

    def __init__(self, scenario: Scenario, fixes: Fixes) -> None:
        self.scenario = scenario
        self.fixes = fixes
        self.choreography = scenario.choreography

    # ---- asked by the functions --------

    def running(self, s: State, x: int) -> bool:
        """Whether DescribeExecution says that *x* runs; one that is not there yet is in flight."""
        execution = s.executions[x]
        return execution is None or execution[0] == "R"

    def thread(self, s: State, token: Token) -> Thread | None:
        """The open task that has *token*."""
        execution = s.executions[token[0]]
        if execution is None or execution[0] != "R":
            return None
        return next(
            (one for one in execution[1] if one[2] == token[1] and one[1] not in (MOVING, PAUSED, QUEUED)), None
        )

    def unstored(self, s: State, seen: tuple[tuple[str, Token], ...]) -> bool:
        """Whether history shows a task that is open and whose wait is none of *seen*.

        With "fresh", a line that is between two states counts too: history is too young to be believed.
        """
        execution = s.executions[s.arn]
        if execution is None or execution[0] != "R":
            return False
        stored = {token[1] for _, token in seen}
        return any(
            "fresh" in self.fixes if phase == MOVING else number not in stored
            for _, phase, number, _ in execution[1]
            if phase not in (PAUSED, QUEUED)
        )

    def is_for_a_line_to_begin(self, s: State, e: int) -> bool:
        """Whether history shows that a line which awaits event *e* somewhere has yet to begin."""
        execution = s.executions[s.arn]
        for wait, phase, _, _ in execution[1] if execution and execution[0] == "R" else ():
            if phase == QUEUED:
                name, _, place = wait.partition("/")
                state = self.choreography.states[name]
                assert isinstance(state, All)
                if self.scenario.names[e] in state.awaited_in(place.partition(".")[0]):
                    return True
        return False

    def succeed(self, s: State, token: Token, event: int) -> State:
        """SendTaskSuccess is accepted: the state is left."""
        x, thread = token[0], self.thread(s, token)
        execution = s.executions[x]
        assert thread
        assert execution
        if s.moved >> event & 1:
            return s._replace(bad=f"1: event {event} moved the journey twice")
        if x == s.arn and s.before >> event & 1:
            return s._replace(bad=f"10: event {event} moved a journey that began after its deadline")
        s = s._replace(moved=s.moved | 1 << event)
        name, _, place = thread[0].partition("/")
        state = self.choreography.states[name]
        happened = self.scenario.names[event]
        if isinstance(state, Await):
            return self._leave(s, x, state.on[happened])
        assert isinstance(state, All)
        line, _, number = place.partition(".")
        end = state.lines[line][int(number)][happened]
        if end and isinstance(self.choreography.states[end], End):
            return self.drop(s, x, end)
        threads, count = tuple(one for one in execution[1] if one != thread), execution[2]
        if end:  # until the line has come there, the tasks of the others are open
            threads, count = tuple(sorted((*threads, (end, MOVING, count + 1, 0)))), count + 1
            return s._replace(executions=put(s.executions, x, (execution[0], threads, count, None)))
        if int(number) + 1 < len(state.lines[line]):
            count += 1
            phase = MOVING if self.scenario.lags else CALLING
            threads = tuple(sorted((*threads, (f"{name}/{line}.{int(number) + 1}", phase, count, 0))))
        elif queued := next((one for one in threads if one[1] == QUEUED), None):
            count += 1
            phase = MOVING if self.scenario.lags else CALLING
            rest = (one for one in threads if one != queued)
            threads = tuple(sorted((*rest, (queued[0], phase, count, 0))))
        s = s._replace(executions=put(s.executions, x, (execution[0], threads, count, None)))
        return s if threads else self._leave(s, x, state.next)

    def drop(self, s: State, x: int, ending: str | None) -> State:
        """All threads of *x* go; calls in flight may still land."""
        execution = s.executions[x]
        assert execution
        name, threads, count, _ = execution
        zombies = s.zombies
        if self.scenario.zombies:
            late = ((wait, (x, number, again)) for wait, phase, number, again in threads if phase == CALLING)
            zombies = tuple(sorted((*zombies, *late)))
        return s._replace(zombies=zombies, executions=put(s.executions, x, (name, (), count, ending)))

    def begin(self, s: State, x: int) -> State:
        """StartExecution."""
        s = s._replace(executions=put(s.executions, x, ("R", (), 0, None)))
        return self._leave(s, x, self.choreography.first)

    # ---- moving --------

    def _leave(self, s: State, x: int, target: str) -> State:
        execution = s.executions[x]
        assert execution
        name, _, count, _ = execution
        if self.scenario.lags and not isinstance(self.choreography.states[target], End):
            threads: tuple[Thread, ...] = ((target, MOVING, count + 1, 0),)
            return s._replace(executions=put(s.executions, x, (name, threads, count + 1, None)))
        return self._enter(s, x, target)

    def _enter(self, s: State, x: int, target: str) -> State:
        execution = s.executions[x]
        assert execution
        name, _, count, _ = execution
        state = self.choreography.states[target]
        if isinstance(state, End):
            return s._replace(executions=put(s.executions, x, (name, (), count, target)))
        if isinstance(state, Pause):
            return s._replace(executions=put(s.executions, x, (name, ((target, PAUSED, count, 0),), count, None)))
        waits = [target] if isinstance(state, Await) else [f"{target}/{line}.0" for line in state.lines]
        at_once = state.at_once if isinstance(state, All) and state.at_once else len(waits)
        phases = (*[CALLING] * at_once, *[QUEUED] * (len(waits) - at_once))
        threads = tuple((wait, phases[i], count + 1 + i, 0) for i, wait in enumerate(waits))
        return s._replace(executions=put(s.executions, x, (name, threads, count + len(threads), None)))

    def touch(self, s: State) -> State:
        """The JOURNEY row changed: a stream record, if something is kept and a wait asks for an event of its name.

        Where waits have rows of their own, what they ask for is not known from the JOURNEY row.
        """
        if s.stream or not s.kept:
            return s
        if self.scenario.apart:
            return s._replace(stream=1)
        names = {name for i, name in enumerate(self.scenario.names) if s.kept >> i & 1}
        waits = self.choreography.waits
        asked = any(token[0] == s.arn and names & waits[wait].accepts for wait, token in s.waits)
        return s._replace(stream=1) if asked else s

    def _store(self, s: State, wait: str, token: Token) -> State | None:
        """The UpdateItem of a wait state; None if its condition fails."""
        if self.scenario.apart:
            return self._store_apart(s, wait, token)
        stored = dict(s.waits)
        if "waitexec" in self.fixes and s.arn != token[0]:
            return None
        there = stored.get(wait)
        if "waitver" in self.fixes and there and there[0] == token[0] and there[1] > token[1]:
            return None
        stored[wait] = token
        return self.touch(s._replace(waits=tuple(sorted(stored.items()))))

    def _store_apart(self, s: State, wait: str, token: Token) -> State | None:
        """The same where the wait has a row of its own, whose name has its execution in it; the stream has it, too."""
        there = next((one for one in s.waits if one[0] == wait and one[1][0] == token[0]), None)
        if "waitver" in self.fixes and there and there[1][1] > token[1]:
            return None
        waits = tuple(sorted((*(one for one in s.waits if one != there), (wait, token))))
        return s._replace(waits=waits, stream=s.stream if "waitstream" not in self.fixes else 1)

    # ---- what happens by itself --------

    def steps(self, s: State) -> tuple[list[Labelled], list[Labelled]]:
        """The steps that will happen, and those that may."""
        must: list[Labelled] = []
        may: list[Labelled] = []
        for x, execution in enumerate(s.executions):
            if execution is None or execution[0] != "R":
                continue
            _, threads, count, ending = execution
            if ending:
                expired = s.due if x == s.arn else s.expired
                done = s._replace(executions=put(s.executions, x, (ending, (), count, None)), expired=expired)
                must.append((f"SFN x{x} ends in {ending}", done))
                if self.scenario.closes:
                    told = done._replace(closing=done.closing | 1 << x)
                    must.append((f"SFN x{x} ends in {ending}, status event sent", told))
                continue
            for thread in threads:
                self._thread_steps(s, x, execution, thread, must, may)
            if s.aborts:
                may.append((f"SFN x{x} aborted", self.drop(s._replace(aborts=s.aborts - 1), x, "Aborted")))
        for one in s.zombies:
            gone = s._replace(zombies=tuple(other for other in s.zombies if other != one))
            may.append((f"late write of {one} lands", self._store(gone, *one) or gone))
        return must, may

    def _thread_steps(
        self, s: State, x: int, execution: Execution, thread: Thread, must: list[Labelled], may: list[Labelled]
    ) -> None:
        wait, phase, number, _ = thread
        if phase == MOVING:
            if "/" in wait:
                must.append((f"SFN x{x} enters {wait}", self._swap(s, x, thread, (wait, CALLING, number, 0))))
            else:
                must.append((f"SFN x{x} enters {wait}", self._enter(s, x, wait)))
            return
        if phase == QUEUED:
            return
        if phase == PAUSED:
            state = self.choreography.states[wait]
            assert isinstance(state, Pause)
            may.append((f"SFN x{x} the pause is over", self._leave(s, x, state.next)))
            return
        if phase in (CALLING, THROTTLED):
            (must if phase == CALLING else may).append(self._write(s, x, thread))
        if phase == WRITTEN:
            must.append((f"SFN x{x} {wait} submitted", self._swap(s, x, thread, (wait, SUBMITTED, *thread[2:]))))
        may.extend(self._trouble(s, x, execution, thread))
        if timeout := self.choreography.waits[wait].timeout:
            may.append((f"SFN x{x} {wait} times out", self._leave(self.drop(s, x, None), x, timeout)))

    def _write(self, s: State, x: int, thread: Thread) -> Labelled:
        wait, _, number, again = thread
        stored = self._store(s, wait, (x, number, again))
        if stored is None:
            return f"SFN x{x} wait {wait} refused", self.drop(s, x, "WriteFailed")
        phase = WRITTEN if self.scenario.submits else SUBMITTED
        return f"SFN x{x} writes wait {wait} #{number}", self._swap(stored, x, thread, (wait, phase, number, again))

    def _trouble(self, s: State, x: int, execution: Execution, thread: Thread) -> Iterator[Labelled]:
        wait, phase, number, again = thread
        late = tuple(sorted((*s.zombies, (wait, (x, number, again)))))
        if phase < SUBMITTED and s.retries:
            tried = self._swap(s._replace(retries=s.retries - 1), x, thread, (wait, CALLING, execution[2] + 1, 1))
            if phase == CALLING and self.scenario.zombies:
                tried = tried._replace(zombies=late)
            yield f"SFN x{x} retries {wait}", tried
        if phase == SUBMITTED and s.retries and self.scenario.zombies:
            yield f"SFN x{x} {wait}: SDK repeats the write", s._replace(retries=s.retries - 1, zombies=late)
        if phase == CALLING and s.throttles:
            put_off = s._replace(throttles=s.throttles - 1)
            yield (
                f"SFN x{x} write of {wait} throttled",
                self._swap(put_off, x, thread, (wait, THROTTLED, execution[2] + 1, 1)),
            )

    @staticmethod
    def _swap(s: State, x: int, old: Thread, new: Thread) -> State:
        execution = s.executions[x]
        assert execution
        threads = tuple(sorted((*(one for one in execution[1] if one != old), new)))
        return s._replace(
            executions=put(s.executions, x, (execution[0], threads, max(execution[2], new[2]), execution[3]))
        )
