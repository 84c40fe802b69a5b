"""Ids by kind of event: where an event carries the id may hang on what is in its detail."""

from collections.abc import Mapping
from typing import Any

from choreography_insights.core.patterns import matches


def form_for(form: Any, detail: Any) -> Any:
    """The form of the id of an event with this *detail*, in the form that `core.fields.id_of_form` reads.

    *form* is that already, or ``{"entries": [{"when": pattern, "entity": form}, ..., {"entity": form}]}``, of which the
    first entry that fits says it. Raises `LookupError` if it is no such form.
    """
    if not (isinstance(form, Mapping) and "entries" in form):
        return form
    for entry in form["entries"]:
        if "when" not in entry or matches(entry["when"], detail):
            return entry["entity"]
    raise LookupError("none of the entries fits")
