"""A journey as a test asks about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from choreography_insights.diagnostics.problem import suggestion
from choreography_insights.model.workflow import Fail, Workflow, is_end, nested
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.trace import Trace

NOT_BEGUN = "NOT BEGUN"


@dataclass(frozen=True, slots=True, repr=False)
class Journey:
    """Where the events led.

    *deviations*: the names of the events that were unexpected, in order. What a test asks for by a name that the
    choreography does not have raises `ValueError`: it could never be true.
    """

    workflow: Workflow
    trace: Trace
    events: Sequence[str]
    deviations: tuple[str, ...]

    @property
    def status(self) -> str:
        """``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT``, or ``NOT BEGUN``."""
        return self.trace.status

    @property
    def states(self) -> frozenset[str]:
        """Every state that it was in."""
        return self.trace.states

    def waits_in(self, *states: str) -> bool:
        """Whether it runs, and waits in each of *states*.

        A branch of an `all` goes by ``State.Branch`` too, and a state in an `each`, for one item, by ``State[key]``.
        """
        for state in states:
            self._must_exist(state)
        there = Scopes.of(self.workflow)
        waits = set(self.trace.here)
        for wait in self.trace.here:
            owner = there.owner(wait)
            waits.update((there.plain(wait), *(there.around(owner) if owner else ())))
        return self.status == "RUNNING" and waits.issuperset(states)

    def ended_in(self, state: str) -> bool:
        """Whether it has ended in *state*, well or not."""
        self._must_exist(state, ends=True)
        return self.status in ("SUCCEEDED", "FAILED") and self.trace.here == (state,) and not self._cut_off()

    def went_through(self, *states: str) -> bool:
        """Whether it was in each of *states* at some time."""
        for state in states:
            self._must_exist(state)
        return self.states.issuperset(states)

    def deviated(self, event: str | None = None) -> bool:
        """Whether *event*, or any at all, was unexpected."""
        return bool(self.deviations) if event is None else event in self.deviations

    def _cut_off(self) -> bool:
        """Whether an unexpected event ended it, in a state that is no end."""
        return self.trace.here not in [(name,) for name in self._ends()]

    def _ends(self) -> Iterator[str]:
        """Yield every state in which a journey can end: a `succeed` in a branch ends the branch only."""
        top = {state.name.text for state in self.workflow.states}
        for state in nested(self.workflow.states):
            if isinstance(state, Fail) or (is_end(state) and state.name.text in top):
                yield state.name.text

    def _must_exist(self, name: str, *, ends: bool = False) -> None:
        there = Scopes.of(self.workflow)
        known = set(self._ends() if ends else there.owners)
        if (name if ends else there.plain(name)) not in known:
            what = "its ends" if ends else "its states"
            inner = name.rpartition(".")[2]  # states have names of their own, also in a branch or an item
            remedy = suggestion(inner if inner in known else name, known, what)
            raise ValueError(f"{self.workflow.name.text} has no {name!r}; {remedy}")

    def picture(self) -> str:
        """Return where it went as text, a line for each transition."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.workflow.name.text}, {self.trace.entity}: {self.status}"
        yield f"events: {', '.join(self.events)}"
        steps = list(self.trace.transitions.items())
        width = max((len(origin) for (origin, _, _), _ in steps), default=0)
        middle = max((len(event) for (_, event, _), _ in steps), default=0)
        for (origin, event, target), times in steps:
            often = f"  ({times} times)" if times > 1 else ""
            yield f"  {origin:{width}}  --{f' {event} ':-<{middle + 2}}-->  {target}{often}"
        for here in self.trace.here:
            yield f"  {'waits in' if self.status == 'RUNNING' else 'ended in'} {here}{self._awaited(here)}"
        for event in self.deviations:
            yield f"  unexpected: {event}"

    def _awaited(self, wait: str) -> str:
        from choreography_insights.replay.automaton import Automaton  # noqa: PLC0415

        places, plain = Automaton.of(self.workflow).places.values(), Scopes.of(self.workflow).plain(wait)
        accepts = [name for place in places for one in place.all_waits if one.name == plain for name in one.accepts]
        return f", for {' or '.join(accepts)}" if accepts and self.status == "RUNNING" else ""

    def __repr__(self) -> str:
        where = " and ".join(self.trace.here) or "nowhere"
        return f"<journey of {self.trace.entity}: {self.status} in {where}>"
