"""Step Functions' writes of waits, refused by DynamoDB."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from world import World
from world.errors import client_error


def refuse_writes(
    patch: pytest.MonkeyPatch,
    world: World,
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
    write = world.stepfunctions.write

    def refusing(parameters: Mapping[str, Any]) -> None:
        stored = str(parameters["ExpressionAttributeNames"]["#wait"])
        now = world.clock.now
        if (of is None or stored == of) and len(refused) < times and not until(now):
            refused.append(now)
            raise client_error(code, "told to go wrong", "UpdateItem")
        write(parameters)

    patch.setattr(world.stepfunctions, "write", refusing)
    return refused
