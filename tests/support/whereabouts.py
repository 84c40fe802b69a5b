"""Where journeys' rows say that the journeys are, and where Step Functions has them."""

from collections.abc import Iterator

from fake_aws import FakeAws
from fake_aws.clock import iso_milliseconds
from fake_aws.executions import Execution
from fake_aws.scheduling import Action, Strategy

#: Of a state, and when it was entered; None of a journey that is nowhere.
Whereabouts = str | None


def told(aws: FakeAws) -> dict[str, Whereabouts]:
    """What the rows say of the journeys that have an execution."""
    rows = {key: items["JOURNEY"] for key, items in aws.table.partitions.items() if "JOURNEY" in items}
    return {
        key: row["since"]["S"] if {"at", "since"} <= row.keys() else None
        for key, row in rows.items()
        if "execution" in row and _execution(aws, key) is not None
    }


def held(aws: FakeAws) -> dict[str, Whereabouts]:
    """What Step Functions says of them."""
    found = {key: _execution(aws, key) for key in aws.table.partitions}
    return {key: _where(execution) for key, execution in found.items() if execution is not None}


def lost_sight_of(aws: FakeAws, *, ends_are_told: bool = True) -> dict[str, tuple[Whereabouts, Whereabouts]]:
    """The journeys whose rows say something else than Step Functions; *ends_are_told*: so it is with its word of ends.

    To be asked when nothing moves.
    """
    says, has = told(aws), held(aws)
    return {key: (says[key], has[key]) for key in has if says[key] != has[key] and (ends_are_told or has[key])}


class Looking:
    """Picks as *strategy* does; when nothing moves, no journey may be out of sight."""

    def __init__(self, aws: FakeAws, strategy: Strategy, *, ends_are_told: bool = True) -> None:
        self.aws, self.strategy, self.ends_are_told, self.looks = aws, strategy, ends_are_told, 0

    def __call__(self, actions: Iterator[Action]) -> Action | None:
        """Pick one."""
        action = self.strategy(actions)
        if action is None:
            self.looks += 1
            assert lost_sight_of(self.aws, ends_are_told=self.ends_are_told) == {}
        return action


def _execution(aws: FakeAws, key: str) -> Execution | None:
    name = aws.table.partitions[key].get("JOURNEY", {}).get("execution", {}).get("S")
    return next((one for one in aws.executions if one.name == name), None)


def _where(execution: Execution) -> Whereabouts:
    if execution.status != "RUNNING":
        return None
    state, entered = execution.root.now_in.name, execution.entered
    told = [f"{state}.Entered", *([f"{state}.Count"] if execution.root.now_in.type == "Task" else [])]
    before = next((one for one in told if one in execution.root.branch.states), state)
    return f"{state}#{iso_milliseconds(entered[before]).removesuffix('Z')}"
