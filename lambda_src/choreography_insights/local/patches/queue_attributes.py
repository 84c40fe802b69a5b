"""Patches how moto gives a queue's redrive policies.

moto 5.2.5 adds spaces to the redrive policy, which Terraform takes for a change, and keeps the redrive allow policy to
itself, for which Terraform waits.
"""

import json
from typing import Any

from moto.sqs.models import Queue

from choreography_insights.local.patches.source_digests import MotoChangedError, digest

_FITS = "40cb990b1216"
_ALLOW = "RedriveAllowPolicy"


def install() -> None:
    """Write both policies as compact JSON."""
    original = Queue.attributes.fget  # type: ignore[attr-defined]
    if digest(original) != _FITS or _ALLOW in Queue.BASE_ATTRIBUTES:
        raise MotoChangedError(f"Queue.attributes has another source now (digest {digest(original)}, not {_FITS}).")
    Queue.BASE_ATTRIBUTES.append(_ALLOW)
    Queue.redrive_allow_policy = None  # type: ignore[attr-defined]

    def attributes(self: Queue) -> dict[str, Any]:
        found: dict[str, Any] = original(self)
        for name in ("RedrivePolicy", _ALLOW):
            if found.get(name):
                found[name] = json.dumps(json.loads(found[name]), separators=(",", ":"))
        if not found[_ALLOW]:
            del found[_ALLOW]
        return found

    Queue.attributes = property(attributes)  # type: ignore[assignment,method-assign]
