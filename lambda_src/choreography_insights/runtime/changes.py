"""A batch of the table's stream: each changed journey is looked at once, all of them side by side."""

from collections.abc import Callable, Mapping
from typing import Any

from .batch import BatchResponse, TimeLeft, failures, side_by_side
from .log import logger, reason_of
from .table import journey_from

_Changed = tuple[str, list[dict[str, Any]]]


def process_changes(
    records: list[dict[str, Any]],
    look: Callable[[str], None],
    *,
    time_left: TimeLeft,
) -> BatchResponse:
    """*look* at each changed journey; name the first record of one that failed, so that Lambda goes on from there.

    What a journey is like now, the table says. So one look serves all its records, and the order of journeys among each
    other is free; it is the order of their records, so that Lambda goes on behind what was done where there is no time
    left for all.
    """
    changes: dict[str, list[dict[str, Any]]] = {}
    for change in (record["dynamodb"] for record in records):
        changes.setdefault(change["Keys"]["journey"]["S"], []).append(change)
    looked = side_by_side(list(changes.items()), _looker(look, time_left))
    failed = [first for (first, *_), ok in zip(changes.values(), looked, strict=True) if not ok]
    return failures(change["SequenceNumber"] for change in failed)


def _looker(look: Callable[[str], None], time_left: TimeLeft) -> Callable[[_Changed], bool]:
    def looked(changed: _Changed) -> bool:
        key, changes = changed
        try:
            if any(_matters(key, change) for change in changes):
                if not time_left.is_enough:
                    logger.warning("no time left: the journey's stream record comes again", journey=key)
                    return False
                look(key)
        except Exception as error:  # noqa: BLE001 - said here; Lambda repeats the record
            logger.exception("journey with kept events could not be looked at", journey=key, reason=reason_of(error))
            return False
        return True

    return looked


def _matters(key: str, change: Mapping[str, Any]) -> bool:
    """If no wait asked then for what was kept then, the next change that could matter has a record of its own."""
    return journey_from(key, change["NewImage"]).may_accept_kept
