"""A journey as a test asks about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from choreography_insights.authoring.drawing.course import Course
from choreography_insights.authoring.generated_names import UNEXPECTED_EVENT, UNEXPECTED_TRANSITION, added_by
from choreography_insights.authoring.problems import suggestion
from choreography_insights.authoring.workflow import Workflow, is_end

NOT_BEGUN = "NOT BEGUN"


@dataclass(frozen=True, slots=True, repr=False)
class Journey:
    """Where the events led.

    *deviations*: the names of the events that were unexpected, in order. What a test asks for by a name that the
    choreography does not have raises `ValueError`: it could never be true.
    """

    workflow: Workflow
    course: Course
    events: Sequence[str]
    deviations: tuple[str, ...]

    @property
    def status(self) -> str:
        """``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT``, or ``NOT BEGUN``."""
        return self.course.status

    @property
    def states(self) -> frozenset[str]:
        """Every state that it was in."""
        return self.course.states

    def waits_in(self, *states: str) -> bool:
        """Whether it runs, and waits in each of *states*; a branch of an `all` goes by ``State.Branch`` too."""
        for state in states:
            self._must_exist(state)
        waits = {name for wait in self.course.here for name in (wait, self._owner(wait))}
        return self.status == "RUNNING" and waits.issuperset(states)

    def ended_in(self, state: str) -> bool:
        """Whether it has ended in *state*, well or not."""
        self._must_exist(state, ends=True)
        return self.status in ("SUCCEEDED", "FAILED") and self.course.here == (state,) and not self._cut_off()

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
        return not any(is_end(state) and (state.name.text,) == self.course.here for state in self.workflow.states)

    def _owner(self, wait: str) -> str:
        """Return the state that *wait* belongs to."""
        return next((one.name.text for one in self.workflow.states if wait in added_by(one)), wait)

    def _must_exist(self, name: str, *, ends: bool = False) -> None:
        states = [state for state in self.workflow.states if is_end(state) or not ends]
        known = {state.name.text for state in states}
        if not ends:
            known.update(added for state in states for added in added_by(state))
        if name not in known - {UNEXPECTED_EVENT, UNEXPECTED_TRANSITION}:
            what = "its ends" if ends else "its states"
            raise ValueError(f"{self.workflow.name.text} has no {name!r}; {suggestion(name, known, what)}")

    def picture(self) -> str:
        """Return where it went as text, a line for each transition."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.workflow.name.text}, {self.course.entity}: {self.status}"
        yield f"events: {', '.join(self.events)}"
        steps = list(self.course.transitions.items())
        width = max((len(origin) for (origin, _, _), _ in steps), default=0)
        middle = max((len(event) for (_, event, _), _ in steps), default=0)
        for (origin, event, target), times in steps:
            often = f"  ({times} times)" if times > 1 else ""
            yield f"  {origin:{width}}  --{f' {event} ':-<{middle + 2}}-->  {target}{often}"
        for here in self.course.here:
            yield f"  {'waits in' if self.status == 'RUNNING' else 'ended in'} {here}{self._awaited(here)}"
        for event in self.deviations:
            yield f"  unexpected: {event}"

    def _awaited(self, wait: str) -> str:
        from choreography_insights.authoring.replay.choreography import Choreography  # noqa: PLC0415

        places = Choreography.of(self.workflow).places.values()
        accepts = [name for place in places for one in place.waits if one.name == wait for name in one.accepts]
        return f", for {' or '.join(accepts)}" if accepts and self.status == "RUNNING" else ""

    def __repr__(self) -> str:
        where = " and ".join(self.course.here) or "nowhere"
        return f"<journey of {self.course.entity}: {self.status} in {where}>"
