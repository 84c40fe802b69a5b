"""Whether what lines remember is handed out as the compiler writes it: docs/reference/interfaces.md, section 2."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from choreography_insights.compile.groups import (
    KNOWN_OF_LINES,
    gathered,
    gathered_as,
    gathering,
    kept_behind,
    learning,
    line_done,
    remembering,
)
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, listed
from choreography_insights.lint.json_document import Document, Path
from choreography_insights.lint.machines import Machine, inside
from choreography_insights.model.lists import MOST_ITEMS
from choreography_insights.model.workflow import ITEMS_AT_ONCE, Gathering

_KNOWN = re.compile(re.escape(KNOWN_OF_LINES) + r"(\.[^\s.,()\[\]]+|\['[^']*'\])")
_RANGE = re.compile(r"ArrayRange\(1, (\d+), 1\)")

_WHOLE = "$"
"""What stands for a field that is not there."""


def handed_out_problems(document: Document, machine: Machine) -> Iterator[Problem]:
    """Yield the problems of each Parallel and Map of *machine* that keeps what its lines end with."""
    for name, state in machine.states.items():
        if state.get("Type") in ("Parallel", "Map") and state.get("ResultPath") == gathered()["ResultPath"]:
            yield from _Group(document, machine, name).problems()


class _Group:
    """One group under examination."""

    def __init__(self, document: Document, machine: Machine, name: str) -> None:
        self._document = document
        self._machine = machine
        self._name = name
        self._path: Path = (*machine.path, "States")

    def problems(self) -> Iterator[Problem]:
        state = self._machine.states[self._name]
        yield from self._holds(self._name, "ResultSelector", gathered()["ResultSelector"], "it keeps each line's end")
        for _, line, path in inside(state, (*self._path, self._name)):
            yield from self._line(line["States"], (*path, "States"))
        yield from self._behind()

    def _line(self, states: Mapping[str, Any], path: Path) -> Iterator[Problem]:
        """Say where a line ends well and hands on nothing."""
        right = line_done()
        for name, state in states.items():
            ends = state.get("Type") == "Succeed" or state.get("End") is True
            if ends and any(state.get(key) != value for key, value in right.items()):
                yield self._wrong(
                    (*path, name), f"the line ends here, and what it remembers is lost; write {json.dumps(right)}"
                )

    def _behind(self) -> Iterator[Problem]:
        """Follow the three states behind the group, as far as they are there."""
        name: str | None = self._name
        for why, right in (
            ("gathers what the lines remember", gathering({"votes.$": f"{KNOWN_OF_LINES}.vote"})),
            ("puts what was gathered to what is remembered", remembering()),
            ("puts it into the event, and leaves the other data", learning(kept_behind(0, 0, nested=False))),
        ):
            before, name = name, self._passes(name)
            if name is None:
                wanted = json.dumps({"Type": "Pass", **right})
                yield self._wrong(
                    (*self._path, str(before), "Next"), f"what leads on from here is no Pass that {why}; write {wanted}"
                )
                return
            if "own" in right["Parameters"]:
                yield from self._gathers(name)
            else:
                kept = self._machine.states[name].get("Parameters")
                others = kept if "event.$" in right["Parameters"] and isinstance(kept, dict) else {}
                yield from self._holds(name, "Parameters", {**others, **right["Parameters"]}, f"it {why}")
            yield from self._holds(name, "ResultPath", right.get("ResultPath", _WHOLE), f"it {why}")

    def _passes(self, name: str | None) -> str | None:
        """Return the Pass that the state *name* leads to; None if that is something else."""
        following = self._machine.states[str(name)].get("Next")
        found = self._machine.states.get(following) if isinstance(following, str) else None
        return following if found and found.get("Type") == "Pass" and "Parameters" in found else None

    def _gathers(self, name: str) -> Iterator[Problem]:
        parameters = self._machine.states[name]["Parameters"]
        own = parameters.get("own") if isinstance(parameters, dict) and set(parameters) == {"own"} else None
        if not isinstance(own, dict) or not own:
            form = json.dumps(gathering({"votes.$": f"{KNOWN_OF_LINES}.vote"})["Parameters"])
            yield self._wrong(
                (*self._path, name, "Parameters"), f"this gathers nothing of the lines, as 'own' does; write {form}"
            )
            return
        for key, seen in own.items():
            known = _KNOWN.search(seen) if isinstance(seen, str) and key.endswith(".$") else None
            example, most = known[0] if known else f"{KNOWN_OF_LINES}.vote", _most_lines(seen)
            forms = [gathered_as(how, example, most) for how in get_args(Gathering)]
            if known is None or seen not in forms:
                yield self._wrong(
                    (*self._path, name, "Parameters", "own", key),
                    "this is no count or list of what lines remember, nor whether any or all do; "
                    f"under a name that ends in '.$', write one of {listed(forms)}",
                )

    def _holds(self, name: str, key: str, right: Any, why: str) -> Iterator[Problem]:
        state = self._machine.states[name]
        if state.get(key, _WHOLE) != right:
            place = (*self._path, name, key) if key in state else (*self._path, name)
            wanted = f'remove "{key}"' if right == _WHOLE else f'write "{key}": {json.dumps(right)}'
            yield self._wrong(place, f"{key!r} is not as it must be: {why}; {wanted}")

    def _wrong(self, path: Path, message: str) -> Problem:
        return self._document.spot(path).problem(catalogue.HANDED_OUT_MEMORY, message)


def _most_lines(seen: Any) -> int:
    """Return of how many lines it is *seen* whether any knows something: those that run at once, or of a long list."""
    found = _RANGE.search(seen) if isinstance(seen, str) else None
    return int(found[1]) if found and ITEMS_AT_ONCE <= int(found[1]) <= MOST_ITEMS else ITEMS_AT_ONCE
