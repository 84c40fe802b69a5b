"""The names of executions: readable, unique, and made from the start event alone."""

import hashlib
import re

_NAME_LIMIT = 80  # of Step Functions
_HASH_LENGTH = 12
#: Step Functions takes more characters than these, but then writes nothing of the execution to CloudWatch Logs.
_UNSAFE = re.compile(r"[^0-9A-Za-z_-]")


def execution_name(journey: str, entity_id: str, start_event_id: str) -> str:
    """``<entity id made safe>-<hash>``; the same start event always gets the same name, another one another."""
    digest = hashlib.sha256(f"{journey}\n{start_event_id}".encode()).hexdigest()[:_HASH_LENGTH]
    return f"{_UNSAFE.sub('_', entity_id)[: _NAME_LIMIT - _HASH_LENGTH - 1]}-{digest}"


def execution_arn(state_machine_arn: str, name: str) -> str:
    """The ARN that the execution *name* of a state machine will have."""
    return f"{state_machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}"
