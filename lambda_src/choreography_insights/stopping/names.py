"""What Terraform calls the parts of a choreography: modules/choreography/main.tf and rules.tf."""

import re
from hashlib import sha256
from typing import Literal

_LONGEST, _KEPT = 54, 45
"""Rules have 64 characters, the last ten of which say what a rule is for."""

RuleKind = Literal["start", "events"]


def parameter_name(prefix: str) -> str:
    """Return the SSM parameter in which the insights say where everything is."""
    return f"/choreography-insights/{prefix}"


def rule_name_prefix(prefix: str, choreography: str) -> str:
    """Return what the names of all rules of the choreography begin with, the hyphen that follows it included."""
    name = f"{prefix}-{choreography}"
    short = name if len(name) <= _LONGEST else f"{name[:_KEPT]}-{sha256(name.encode()).hexdigest()[:8]}"
    return f"{short}-"


def rule_kind(prefix: str, choreography: str, rule: str) -> RuleKind | None:
    """Return which events *rule* catches; None if it is not of this choreography (but of ``order-2``, say)."""
    found = re.fullmatch(r"(start|events)(?:-\d+)?", rule.removeprefix(rule_name_prefix(prefix, choreography)))
    match found and found[1]:
        case "start":
            return "start"
        case "events":
            return "events"
        case _:
            return None
