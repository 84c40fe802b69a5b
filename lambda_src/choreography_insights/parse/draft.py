"""What could be read of a definition, together with what could not."""

import re
from dataclasses import dataclass

from choreography_insights.diagnostics.problem import Problem
from choreography_insights.model.workflow import Name, Workflow

_FIRST = re.compile(r"[.\[]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A `Workflow` as far as it could be read (None: not at all), and every problem met in reading.

    *declared* holds the name of every state in the text, also of those that could not be read, and *settled* says
    whether all states could be: only then does it make sense to ask which are reachable.
    """

    workflow: Workflow | None
    declared: tuple[Name, ...]
    settled: bool
    problems: tuple[Problem, ...]

    def could_read(self, *keys: str) -> bool:
        """Whether nothing is wrong below any of *keys*, which the choreography may have."""
        broken = {_FIRST.split(problem.spot.path)[0] for problem in self.problems if problem.is_error}
        return not broken.intersection(keys)
