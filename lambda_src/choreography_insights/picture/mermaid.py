"""A picture as a Mermaid state diagram: the one that `diagram.md` shows, with a journey's trace on it."""

from choreography_insights.model.workflow import Workflow
from choreography_insights.picture.diagram import mermaid_ids, state_diagram
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.trace import Trace


def mermaid(workflow: Workflow, trace: Trace | None = None) -> str:
    """Return the diagram. Mermaid cannot paint the arrows of such a diagram, so the states alone are painted."""
    lines = list(state_diagram(workflow))
    if trace is not None:
        ids = mermaid_ids(workflow)
        there = Scopes.of(workflow)
        here = {there.owner(place) for place in trace.places}
        for kind, look, names in (
            ("taken", "stroke:#0967d2,stroke-width:3px", trace.states - here),
            ("here", "stroke:#d9770a,stroke-width:4px", here),
        ):
            found = [ids[name] for name in ids if name in names]
            if found:
                lines += [f"classDef {kind} {look}", f"class {','.join(found)} {kind}"]
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in lines)]) + "\n"
