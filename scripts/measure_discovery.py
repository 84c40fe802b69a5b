"""Measures drafts of `choreography discover` on logs by pm4py's alignments, beside what pm4py's own miners make.

pm4py is licensed under the AGPL: it is no part of this project. Install it into an environment of its own, and name
that environment's Python: python scripts/measure_discovery.py --python PYTHON LOG... (any log that discover reads).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from choreography_insights.cli import discovering
from choreography_insights.core.fields import iso_text
from choreography_insights.discover.event_log import EventLog
from choreography_insights.model.workflow import All, Await, Parallel, State, Succeed, Workflow, is_end
from choreography_insights.project.definitions import load_workflow

MEASURE = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pm4py
log = pm4py.read_xes(sys.argv[1])
net = pm4py.readpnml(sys.argv[2])
def measured(net):
    fitness = pm4py.fitness_alignments(log, *net)["log_fitness"]
    precision = pm4py.precision_alignments(log, *net)
    f = 2 * fitness * precision / (fitness + precision) if fitness + precision else 0.0
    return {"fitness": fitness, "precision": precision, "f": f}
found = {"draft": measured(net)}
miners = {
    "inductive": lambda: pm4py.discover_petri_net_inductive(log),
    "infrequent": lambda: pm4py.discover_petri_net_inductive(log, noise_threshold=0.2),
    "heuristics": lambda: pm4py.discover_petri_net_heuristics(log),
}
for name in sys.argv[3:]:
    try:
        found[name] = measured(miners[name]())
    except Exception as error:
        found[name] = {"f": None, "error": repr(error)}
print(json.dumps(found))
"""


def main() -> None:
    """Print a line for each log, and one for each miner that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="+", metavar="LOG")
    parser.add_argument("--python", required=True, help="the Python of an environment that has pm4py")
    parser.add_argument("--miners", nargs="*", default=[], choices=("inductive", "infrequent", "heuristics"))
    parser.add_argument("--noise", type=float, help="as that of discover (default: what fits best)")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long pm4py may take for a log")
    options = parser.parse_args()
    for name in options.logs:
        found = measured(Path(name), options.python, options.miners, options.noise, options.seconds)
        words = ", ".join(f"{who} {_in_words(values)}" for who, values in found.items())
        sys.stdout.write(f"{Path(name).name}: {words}\n")
        sys.stdout.flush()


def _in_words(values: dict[str, Any]) -> str:
    if values.get("f") is None:
        return f"- ({values.get('error')})"
    return f"F {values['f']:.2f} (fitness {values['fitness']:.2f}, precision {values['precision']:.2f})"


def measured(
    path: Path, python: str, miners: Sequence[str], noise: float | None, seconds: float
) -> dict[str, dict[str, Any]]:
    """Return what pm4py measures of the draft of the log at *path*, and of what *miners* make of it."""
    draft = discovering.draft(discovering.Asked([str(path)], name="log", noise=noise), print)
    log = draft.log
    with tempfile.TemporaryDirectory() as folder:
        xes, net = Path(folder) / "log.xes", Path(folder) / "net.pnml"
        xes.write_text("".join(_xes(log)), encoding="utf-8")
        net.write_text("".join(pnml(load_workflow(draft.text, "workflow.yaml"))), encoding="utf-8")
        try:
            answer = subprocess.run(
                [python, "-c", MEASURE, str(xes), str(net), *miners],
                capture_output=True,
                text=True,
                timeout=seconds,
                check=True,
            )
        except subprocess.TimeoutExpired:
            return {"draft": {"f": None, "error": f"pm4py took longer than {seconds:g} s"}}
    found: dict[str, dict[str, Any]] = json.loads(answer.stdout.splitlines()[-1])
    return found


def _xes(log: EventLog) -> Iterator[str]:
    yield "<log>"
    for case, events in log.cases.items():
        yield f'<trace><string key="concept:name" value={quoteattr(case)}/>'
        for position, event in enumerate(events):
            moment = iso_text(1_577_836_800.0 + position)  # their order, as discover settled it
            yield f'<event><string key="concept:name" value={quoteattr(event.name)}/>'
            yield f'<date key="time:timestamp" value="{moment}"/></event>'
        yield "</trace>"
    yield "</log>"


class _Net:
    """A Petri net as PNML. Places and transitions are named as they are first met."""

    def __init__(self) -> None:
        self.places: dict[str, None] = {}
        self.nodes: list[str] = []
        self._count = 0

    def transition(self, label: str | None, before: Sequence[str], after: Sequence[str]) -> None:
        """Add a transition from the places *before* to those *after*; no *label*: it shows nowhere."""
        self._count += 1
        name = f"t{self._count}"
        shown = (
            f"<name><text>{_escaped(label)}</text></name>"
            if label is not None
            else '<name><text>tau</text></name><toolspecific tool="ProM" version="6.4" activity="$invisible$"/>'
        )
        self.nodes.append(f'<transition id="{name}">{shown}</transition>')
        for place in (*before, *after):
            self.places[place] = None
        for place in before:
            self.nodes.append(f'<arc id="{name}-{place}-in" source="{place}" target="{name}"/>')
        for place in after:
            self.nodes.append(f'<arc id="{name}-{place}-out" source="{name}" target="{place}"/>')

    def text(self) -> Iterator[str]:
        """Yield the net as PNML; it begins in the place ``source`` and ends in ``sink``."""
        yield '<pnml><net id="n" type="http://www.pnml.org/version-2009/grammar/pnmlcoremodel"><page id="g">'
        for place in self.places:
            marked = "<initialMarking><text>1</text></initialMarking>" if place == "source" else ""
            yield f'<place id="{place}"><name><text>{place}</text></name>{marked}</place>'
        yield from self.nodes
        yield "</page><finalmarkings><marking>"
        yield '<place idref="sink"><text>1</text></place></marking></finalmarkings></net></pnml>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def pnml(workflow: Workflow) -> Iterator[str]:
    """Yield *workflow*, of which a draft has few kinds of states, as a Petri net."""
    number = {state.name.text: f"p{position}" for position, state in enumerate(workflow.states)}
    if workflow.anytime:
        raise TypeError("no net is made of what may come at any time")
    net = _Net()
    for start in workflow.starts:
        first = start.next or workflow.states[0].name
        net.transition(start.event.text, ["source"], [number[first.text]])
    for state in workflow.states:
        _add(net, state, number)
    yield from net.text()


def _add(net: _Net, state: State, number: Mapping[str, str]) -> None:
    here = number[state.name.text]
    match state:
        case Await():
            for event, following in {(one.event.text, one.next.text): None for one in state.variants}:
                net.transition(event, [here], [number[following]])
            if state.timeout:
                net.transition(None, [here], [number[state.timeout.next.text]])
        case All():
            ready = [f"{here}i{position}" for position in range(len(state.items))]
            done = [f"{here}o{position}" for position in range(len(state.items))]
            net.transition(None, [here], ready)
            for item, before, after in zip(state.items, ready, done, strict=True):
                net.transition(item.event.text, [before], [after])
            net.transition(None, done, [number[state.next.text]])
        case Parallel():
            inner = {
                one.name.text: f"{here}b{position}s{place}"
                for position, branch in enumerate(state.branches)
                for place, one in enumerate(branch.states)
            }
            firsts = [inner[branch.states[0].name.text] for branch in state.branches]
            ends = [inner[one.name.text] for branch in state.branches for one in branch.states if is_end(one)]
            net.transition(None, [here], firsts)
            for branch in state.branches:
                for one in branch.states:
                    if not is_end(one):
                        _add(net, one, inner)
            net.transition(None, ends, [number[state.next.text]])
        case Succeed():
            net.transition(None, [here], ["sink"])
        case _:
            raise TypeError(f"a draft has no {type(state).__name__}")


if __name__ == "__main__":
    main()
