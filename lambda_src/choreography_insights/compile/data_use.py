"""Whether a journey shows which of two events alike has moved it: whether anything later looks at what is in it."""

from collections.abc import Iterator

from choreography_insights.model.graph import memory_ways, newest_ways, reach_masks
from choreography_insights.model.patterns import fields_read
from choreography_insights.model.workflow import Choose, State, Variant, Workflow, conditions, data_read, nested


class Traces:
    """Knows which states look at the newest event's detail, and which at what the journey remembers."""

    def __init__(self, workflow: Workflow) -> None:
        self._with_memory = reach_masks(memory_ways(workflow))
        self._with_newest = reach_masks(newest_ways(workflow))
        self._detail_readers = 0
        self._memory_readers: dict[str, int] = {}
        for position, state in enumerate(nested(workflow.states)):
            if _reads_detail(state):
                self._detail_readers |= 1 << position
            for name in _memory_read(state):
                self._memory_readers[name] = self._memory_readers.get(name, 0) | 1 << position

    def are_left_by(self, variant: Variant) -> bool:
        """Whether a state behind *variant* may look at the event that took it, or at what is remembered of it."""
        following = variant.next.text
        remembered = (self._memory_readers.get(memory.name.text, 0) for memory in variant.remember)
        return bool(self._with_newest[following] & self._detail_readers) or any(
            self._with_memory[following] & readers for readers in remembered
        )


def _reads_detail(state: State) -> bool:
    """Whether *state* looks at the event that led to it; an `Await` looks at the one that comes."""
    if isinstance(state, Choose) and any(condition.when for condition, _ in conditions(state)):
        return True
    return any(data.path[0] == "detail" for data in data_read(state))


def _memory_read(state: State) -> Iterator[str]:
    for condition, _ in conditions(state):
        if condition.remembered is not None:
            yield from (path[0] for path in fields_read(condition.remembered))
    yield from (data.path[1] for data in data_read(state) if data.path[0] == "remembered")
