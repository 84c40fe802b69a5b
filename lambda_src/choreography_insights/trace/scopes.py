"""Which of the author's states a wait belongs to, and which of them it lies in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from choreography_insights.model.names import added, arrival_name
from choreography_insights.model.workflow import State, Workflow, branches, spread

Scope = tuple[str, int]
"""The state that states lie in ("" for none), and which branch of it."""

TOP: Scope = ("", 0)


@dataclass(frozen=True, slots=True)
class Scopes:
    """The choreography's states by name; *owners* leads from what the compiler added, and from a state to itself."""

    states: Mapping[str, State]
    owners: Mapping[str, str]
    scopes: Mapping[str, Scope]

    @classmethod
    def of(cls, workflow: Workflow) -> "Scopes":
        """Look through *workflow*."""
        workflow = spread(workflow)
        brought: dict[str, list[str]] = {}
        for state, name in added(workflow):
            if name != arrival_name(state):  # where a journey is, it only tells
                brought.setdefault(state.name.text, []).append(name)
        states: dict[str, State] = {}
        owners: dict[str, str] = {}
        scopes: dict[str, Scope] = {}
        for scope, state in _scoped(workflow.states, TOP):
            name = state.name.text
            states[name], scopes[name] = state, scope
            owners.update(dict.fromkeys((name, *brought.get(name, ())), name))
        return cls(states, owners, scopes)

    def plain(self, wait: str) -> str:
        """Return *wait* without the keys of items, as the state machine names it: ``OnTheWay[4711]`` is `OnTheWay`."""
        name = wait
        while name not in self.owners and "[" in name:
            name = name[: name.rindex("[")]
        return name if name in self.owners else wait

    def owner(self, wait: str) -> str | None:
        """Return the author's state that *wait* belongs to, if there is one."""
        return self.owners.get(self.plain(wait))

    def met(self, waits: Sequence[tuple[str, Sequence[str]]]) -> str:
        """Return the author's state that an event met, which none of the open *waits* accepted; "" if none was open."""
        return (self.owner(waits[0][0]) or waits[0][0]) if waits else ""

    def around(self, state: str) -> Sequence[str]:
        """Return *state* and all that it lies in, from the inside."""
        found = [state]
        while (outer := self.scopes[found[-1]][0]) != "":
            found.append(outer)
        return found

    def closed(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of *names* that are the author's states, and all that they lie in."""
        return frozenset(one for name in names if name in self.states for one in self.around(name))


def _scoped(states: Iterable[State], scope: Scope) -> Iterator[tuple[Scope, State]]:
    for state in states:
        yield scope, state
        for number, branch in enumerate(branches(state)):
            yield from _scoped(branch.states, (state.name.text, number))
