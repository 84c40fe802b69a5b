"""A new choreography from its name and its events: they are taken for a chain, one after the other."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from choreography_insights.parse.scalars import scalar
from choreography_insights.project.definitions import WORKFLOW
from choreography_insights.schema import FILE

SCHEMA = "choreography.schema.json"


def beginning(name: str, events: Sequence[str], source: str) -> Mapping[str, str]:
    """Return the files of a choreography *name* whose journeys go through *events*, at least two, by their names."""
    states = _state_names(events[1:])
    return {
        WORKFLOW: _workflow(name, events, source, states),
        f"test_{_identifier(name)}.py": _test(name, events, states),
        SCHEMA: FILE.read_text(encoding="utf-8"),
    }


def _state_names(events: Sequence[str]) -> list[str]:
    """Name the state that waits for each event: ``WaitForOrderPaid``, and ``WaitForOrderPaid2`` the second time."""
    names: list[str] = []
    for event in events:
        words = re.findall(r"[^\W_]+", event)
        name = f"WaitFor{''.join(word[:1].upper() + word[1:] for word in words)}"[:76]
        times = sum(re.fullmatch(rf"{re.escape(name)}\d*", other) is not None for other in names)
        names.append(f"{name}{times + 1}" if times else name)
    return names


def _workflow(name: str, events: Sequence[str], source: str, states: Sequence[str]) -> str:
    first, *awaited = events
    lines = [
        f"# yaml-language-server: $schema={SCHEMA}",
        f"choreography: {scalar(name)}",
        "# description: What it is about, in a sentence",
        "entity: $.detail.id # where every event carries the id of what is followed",
        f"source: {scalar(source)} # the events' source on the bus; several: [orders, payments]",
        f"start: {scalar(first)} # begins a journey, in the first state",
        "# timeout: 90d # of a whole journey",
        "# unexpected: fail # an unexpected event ends its journey; otherwise it is reported, and the journey goes on",
        "",
        "states:",
    ]
    for position, (state, event) in enumerate(zip(states, awaited, strict=True)):
        following = states[position + 1] if position + 1 < len(states) else "Completed"
        lines += [f"  {scalar(state)}:", f"    await: {{{scalar(event)}: {scalar(following)}}}"]
        if not position:
            lines += [
                "    # Several ways: one line each, in place of { }",
                "    #   Something Else: Failed",
                "    # and if nothing comes:",
                "    # timeout: {after: 14d, next: Failed}",
            ]
        lines.append("")
    lines += ["  Completed: succeed", "  # Failed: {fail: {cause: What went wrong, in words}}"]
    return "\n".join(lines) + "\n"


def terraform(name: str, folder: str, modules: str) -> str:
    """Return the Terraform block that deploys the choreography in *folder*, with the modules that lie at *modules*."""
    return f"""\
# module.insights is what all choreographies share, once in a configuration:
#
#   module "insights" {{
#     source      = "{modules}/insights"
#     name_prefix = "shop"
#   }}

module "{_identifier(name)}" {{
  source = "{modules}/choreography"

  insights = module.insights
  workflow = "${{path.module}}/{folder}"
}}
"""


def _test(name: str, events: Sequence[str], states: Sequence[str]) -> str:
    function = _identifier(name)
    begun = ", ".join(json.dumps(event, ensure_ascii=False) for event in events[:1])
    unexpected = json.dumps(events[-1], ensure_ascii=False)
    everything = "".join(f"        {json.dumps(event, ensure_ascii=False)},\n" for event in events)
    deviation = f"""

def test_what_comes_out_of_turn_deviates(choreography):
    journey = choreography("{name}").play({begun}, {unexpected})
    assert journey.deviated({unexpected})
"""
    return f'''\
"""What a journey of {name} goes through. Run with: pytest (the fixture `choreography` comes with the package)."""


def test_{function}_waits_for_its_next_event(choreography):
    journey = choreography("{name}").play({begun})
    assert journey.waits_in({json.dumps(states[0], ensure_ascii=False)})


def test_{function}_is_completed(choreography):
    journey = choreography("{name}").play(
{everything}    )
    assert journey.ended_in("Completed")
{deviation if len(set(events)) == len(events) and len(events) > 2 else ""}'''


Step = tuple[str, Mapping[str, Any]]
"""An event, and what its detail must have."""


def learned(name: str, workflow: str, ways: Mapping[str, Sequence[Step]]) -> Mapping[str, str]:
    """Return the files of a choreography *name* with the text *workflow*; *ways*: events that lead to each end."""
    return {
        WORKFLOW: workflow,
        f"test_{_identifier(name)}.py": _test_of_ways(name, ways),
        SCHEMA: FILE.read_text(encoding="utf-8"),
    }


def _test_of_ways(name: str, ways: Mapping[str, Sequence[Step]]) -> str:
    used = any(detail for way in ways.values() for _, detail in way)
    lines = [
        f'"""What journeys of {name} mostly go through. Run with: pytest (it brings the fixture `choreography`)."""',
        *(["", "from choreography_insights.testing import event"] if used else []),
    ]
    functions = _functions(name, sorted(ways))
    for function, (end, way) in zip(functions, sorted(ways.items()), strict=True):
        lines += ["", "", f"def {function}(choreography):"]
        lines += [
            f'    journey = choreography("{name}").play(',
            *(f"        {_played(step)}," for step in way),
            "    )",
        ]
        lines += [
            f"    assert journey.ended_in({json.dumps(end, ensure_ascii=False)})",
            "    assert not journey.deviated()",
        ]
    return "\n".join(lines) + "\n"


def _functions(name: str, ends: Iterable[str]) -> Iterator[str]:
    """Yield the name of a test for each of *ends*: one of its own, as Python would forget the first of two."""
    used: set[str] = set()
    for end in ends:
        ending = re.sub(r"\W+", "_", end.lower())
        usual = f"test_{_identifier(name)}_ends_in_{ending}"
        names = (usual, *(f"{usual}_{number}" for number in range(2, len(used) + 2)))
        used.add(function := next(one for one in names if one not in used))
        yield function


def _played(step: Step) -> str:
    event, detail = step
    quoted = json.dumps(event, ensure_ascii=False)
    return f"event({quoted}, {detail!r})" if detail else quoted


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower())
