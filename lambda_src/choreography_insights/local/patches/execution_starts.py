"""Patches what moto accepts as the start of an execution.

moto 5.2.5 takes any name (AWS: 1-80 characters, some forbidden), gives all executions without a name the name
``None`` (AWS: a UUID), and two starts at the same time both run although they have the same name.
"""

import re
import threading
import uuid
from typing import Any

from moto.stepfunctions.exceptions import InvalidName
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from choreography_insights.local.patches.source_digests import patch

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
_FORBIDDEN = re.compile(r"""[\s<>{}\[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff\U00010000-\U0010ffff]""")
_LONGEST = 80

_starting = threading.Lock()


def is_name(name: str) -> bool:
    """Whether AWS takes *name* as the name of an execution."""
    return 1 <= len(name) <= _LONGEST and not _FORBIDDEN.search(name)


def install() -> None:
    """Mend StartExecution."""

    @patch(StepFunctionsParserBackend, "start_execution", source_digest="0f8d9dd57baf")
    def start_execution(
        original: Any,
        self: StepFunctionsParserBackend,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: Any = None,
    ) -> Any:
        if name is not None and not is_name(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        with _starting:
            return original(self, state_machine_arn, name or str(uuid.uuid4()), execution_input, trace_header)
