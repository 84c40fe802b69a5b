"""Finds the definition that a test means."""

from pathlib import Path

from choreography_insights.diagnostics.problem import suggestion
from choreography_insights.model.workflow import Workflow
from choreography_insights.project import definitions
from choreography_insights.project.definitions import WORKFLOW


def find(name: str | Path | None, test: Path, root: Path) -> Workflow:
    """Return the choreography *name* for the file *test* of a project in *root*.

    None is the definition beside the test. A path is one, from the test's folder. Any other name is that of a
    choreography beside the test, below its folder, or below one of the folders above, the nearest first.
    """
    here = test.parent
    if name is None:
        return definitions.load(here)
    if isinstance(name, Path) or "/" in name:
        return definitions.load(here / name)
    seen: dict[str, Workflow] = {}
    for folder in [here, *(above for above in here.parents if above == root or root in above.parents)]:
        for file in _definitions(folder):
            workflow = definitions.load(file)
            if workflow.name.text == name:
                return workflow
            seen[workflow.name.text] = workflow
    remedy = suggestion(name, seen, "the choreographies here") if seen else f"there is no {WORKFLOW} from {root} down"
    raise LookupError(f"no {WORKFLOW} defines a choreography {name!r}; {remedy}")


def _definitions(folder: Path) -> list[Path]:
    """Return the definitions in *folder* and in folders just below it, then those further down."""
    try:
        found = definitions.definitions([folder])
    except definitions.NoDefinitionError:
        return []
    return sorted(found, key=lambda file: (len(file.parts), file))
