"""What the correlation writes into its rows for those who look, in the writes that it makes anyhow.

No condition and no decision reads it (docs/operations-and-design/correlation.md, "For those who look"). A name in
capitals is what an update's expression has, the function of that name the values. The forms are in
docs/reference/interfaces.md, section 5.
"""

from typing import Any
from zlib import crc32

from choreography_insights.core.keys import choreography_of

#: The indexes of who waits where, and of deviations, have so many partitions for each choreography.
SHARDS = 16

#: What a journey's row says of where the journey is, which is nowhere once it has ended.
WHEREABOUTS = "#at, since"
#: All that it says of a journey, of which the next one knows nothing.
OF_A_JOURNEY = f"{WHEREABOUTS}, version, lapsed"
#: What an event's row says of how the event was used.
USE = "usedAt, entered, variant, came"

#: An event came once more. A call that botocore repeats, as its answer was lost, counts once.
REPEATED = "SET repeatedAt = :now ADD repeats :one"
REPEATED_ANEW = "attribute_exists(journey) AND (attribute_not_exists(repeatedAt) OR repeatedAt < :now)"

USED = "usedAt = :usedAt, entered = :entered, variant = :variant"
COUNTED = "came = :came"
#: It was only noted: the journey stayed where it was.
NOTED = f"{USED}, noted = :noted"
BEGUN = "usedAt = :usedAt"
LAPSED = "lapsed = :lapsed"
DEVIATED = "deviatedIn = :deviatedIn, deviatedAt = :deviatedAt"


def partition(key: str) -> str:
    """The partition of the indexes in which a journey stands, and what departs from it."""
    return f"{choreography_of(key)}#{crc32(key.encode()) % SHARDS}"


def begun(now: float) -> dict[str, Any]:
    """A start event was used at *now*."""
    return {":usedAt": {"N": repr(now)}}


def noted(now: float, entered: str, variant: int) -> dict[str, Any]:
    """An event was noted at *now* as that *variant* of a wait that was *entered* then."""
    return {
        ":usedAt": {"N": repr(now)},
        ":entered": {"S": entered},
        ":variant": {"N": str(variant)},
        ":noted": {"BOOL": True},
    }


def repeated(now: float) -> dict[str, Any]:
    """An event came again at *now*."""
    return {":now": {"N": repr(now)}, ":one": {"N": "1"}}


def lapsed(state: str, entered: str) -> dict[str, Any]:
    """The *state* that was *entered* then was left without an event."""
    return {":lapsed": {"S": f"{state}#{entered}"}}


def deviated(key: str, now: float) -> dict[str, Any]:
    """An event that departed from the journey of *key* was reported at *now*."""
    return {":deviatedIn": {"S": partition(key)}, ":deviatedAt": {"N": repr(now)}}
