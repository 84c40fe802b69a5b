"""Keys of the journeys table: of an entity's rows, and of those of the other names that events know it by.

A choreography's name has no ``#`` and no ``/``, so no two of the partition keys are the same, whatever the ids are.
"""

JOURNEY, EVENT, WAIT, NAME = "JOURNEY", "EVENT#", "WAIT#", "NAME#"
"""What the sort keys of a journey's rows are, or begin with."""


def journey_key(choreography: str, entity_id: str) -> str:
    """The key of an entity's rows."""
    return f"{choreography}#{entity_id}"


def name_key(choreography: str, name: str) -> str:
    """The key of a name's rows, of whichever kind it is."""
    return f"{choreography}/#{name}"


def taken_key(choreography: str, kind: str, name: str) -> str:
    """The key of the rows of events that teach a name of this *kind* which another entity has."""
    return f"{choreography}/{kind}#{name}"


def choreography_of(key: str) -> str:
    """The choreography that rows with this key are of."""
    return key.partition("#")[0].partition("/")[0]


def is_of_name(key: str) -> bool:
    """Whether rows with this key are of another name than an entity's id."""
    return "/" in key.partition("#")[0]


def kind_in(key: str) -> str:
    """The kind of the name that another entity has, as `taken_key` has it; empty for all other keys."""
    return key.partition("#")[0].partition("/")[2]


def id_of(key: str) -> str:
    """The entity's id, or its other name."""
    return key.partition("#")[2]
