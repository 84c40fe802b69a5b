"""Step Functions' writes of waits, refused by DynamoDB."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fake_aws import FakeAws
from fake_aws.errors import client_error


def name_of(parameters: Mapping[str, Any]) -> str:
    """The name of the wait that is written: of one that is about items, with their keys."""
    wait = parameters["ExpressionAttributeValues"][":wait"]["M"]
    if "state" not in wait:
        return str(parameters["ExpressionAttributeNames"]["#wait"])
    items = wait["a"]["L"][0]["M"]["items"]["L"]
    return str(wait["state"]["S"]) + "".join(f"[{item['M']['key']['S']}]" for item in items)


def refuse_writes(
    patch: pytest.MonkeyPatch,
    aws: FakeAws,
    code: str,
    *,
    of: str | None = None,
    times: float = float("inf"),
    until: Callable[[float], bool] = lambda _: False,
) -> list[float]:
    """Let the next writes of waits go wrong, and return the moments at which they do, in a list that grows.

    *of*: only those of this wait; *times*: so many; *until*: as long as this is not so of the clock.
    """
    refused: list[float] = []
    write = aws.stepfunctions.write

    def refusing(parameters: Mapping[str, Any]) -> None:
        if ":wait" not in parameters["ExpressionAttributeValues"]:  # it only tells where the journey is
            write(parameters)
            return
        stored = name_of(parameters)
        now = aws.clock.now
        if (of is None or stored == of) and len(refused) < times and not until(now):
            refused.append(now)
            raise client_error(code, "told to go wrong", "UpdateItem")
        write(parameters)

    patch.setattr(aws.stepfunctions, "write", refusing)
    return refused
