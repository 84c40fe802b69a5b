"""Gives a queue's redrive policy as AWS does: without the spaces that moto adds, which Terraform takes for a change."""

import json
from typing import Any

from moto.sqs.models import Queue

from choreography_insights.local.mends.fitting import MotoDoesNotFitError, digest

_FITS = "40cb990b1216"


def install() -> None:
    """Write the redrive policy as compact JSON."""
    original = Queue.attributes.fget  # type: ignore[attr-defined]
    if digest(original) != _FITS:
        raise MotoDoesNotFitError(f"Queue.attributes has another source now (digest {digest(original)}, not {_FITS}).")

    def attributes(self: Queue) -> dict[str, Any]:
        found: dict[str, Any] = original(self)
        if found.get("RedrivePolicy"):
            found["RedrivePolicy"] = json.dumps(json.loads(found["RedrivePolicy"]), separators=(",", ":"))
        return found

    Queue.attributes = property(attributes)  # type: ignore[assignment,method-assign]
