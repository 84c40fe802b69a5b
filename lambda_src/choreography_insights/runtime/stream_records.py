"""A batch of the table's stream: each changed journey is looked at once, all of them side by side."""

from collections.abc import Callable
from typing import Any, NamedTuple

from .batch import BatchResponse, TimeLeft, failures, side_by_side
from .journey import is_of_journey
from .log import logger, reason_of

_Records = tuple[str, list[dict[str, Any]]]


class JourneyChange(NamedTuple):
    """A journey with the partition key *key* that changed. *keeps*: its own row did, which says that events are kept.

    Else only waits came, that have rows of their own.
    """

    key: str
    keeps: bool


def process_stream_records(
    records: list[dict[str, Any]],
    look: Callable[[JourneyChange], None],
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


def _looker(look: Callable[[JourneyChange], None], time_left: TimeLeft) -> Callable[[_Records], bool]:
    def looked(records: _Records) -> bool:
        key, changes = records
        try:
            if not time_left.is_enough:
                logger.warning("no time left: the journey's stream record comes again", journey=key)
                return False
            look(JourneyChange(key, keeps=any(is_of_journey(change["Keys"]) for change in changes)))
        except Exception as error:  # noqa: BLE001 - said here; Lambda repeats the record
            logger.exception("journey with kept events could not be looked at", journey=key, reason=reason_of(error))
            return False
        return True

    return looked
