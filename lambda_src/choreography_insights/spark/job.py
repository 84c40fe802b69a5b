"""The job: read files, bring together the events of what has to do with one another, replay, put in order.

Between its tasks go pickled events, and what was told of journeys. Reading and replaying are those of one process; here
is only what goes where.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from choreography_insights.replay.engine import InOrder
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import Recording, without_events
from choreography_insights.replay.journey import EndlessError
from choreography_insights.replay.journey_log import Tally
from choreography_insights.replay.kin import Node, links, node
from choreography_insights.replay.report import Form
from choreography_insights.replay.shares import Entry, Share, share_of
from choreography_insights.spark.reading import Definition, FileRead, files_of, read

if TYPE_CHECKING:
    from pyspark import RDD, SparkContext

_AT_ONCE = 10_000
"""So many events are replayed together, and all those of one entity."""

_MOST_TASKS = 10_000
_UNUSABLE_SHOWN = 10

Key = tuple[Node | None, int]
"""What an event has to do with, and its position; of a file that was read nothing, and its number."""

Say = Callable[[str], None]


class NotReplayedError(Exception):
    """The events cannot be replayed; the message says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there is of the files, and the shares with what was told of entities. These are kept on disk."""

    files: Tally
    shares: "RDD[Share]"

    def tallies(self) -> Iterable[Tally]:
        """Return the sums of all shares."""
        found: list[Tally] = self.shares.mapPartitions(_sum).collect()
        return found

    def entries(self, *, with_lines: bool) -> Iterator[Entry]:
        """Yield what was told, in order. Without their lines it is only what the sum hangs on."""
        partitions = self.shares.getNumPartitions()
        told = self.shares.flatMap(_numbered if with_lines else _needed_for_the_sum)
        ordered = told.sortByKey(numPartitions=partitions).values()
        found: Iterator[Entry] = ordered.toLocalIterator(prefetchPartitions=True)
        yield from found


def replayed(
    context: "SparkContext", definition: Definition, recording: Recording, partitions: int, complain: Say
) -> Outcome:
    """Replay the *recording* in so many *partitions*; *complain* is told what one process is told of."""
    names = [(number, file.only) for number, file in enumerate(files_of(recording))]
    found = context.parallelize(names, min(len(names), _MOST_TASKS)).flatMap(
        lambda one: read(definition, one[0], replace(recording, only=one[1]))
    )
    keyed = _keyed_by_kin(found, partitions) if definition.choreography.knows_names else _keyed(found)
    together = keyed.repartitionAndSortWithinPartitions(partitions + 1, lambda key: _partition(key, partitions))
    files: list[FileRead] = context.runJob(together, lambda part: [file for _, file in part], [partitions])
    _tell(files, complain)
    last = max(file.last for file in files)
    if any(file.has_own_ids for file in files):
        last = together.mapPartitions(lambda part: [_last_taken(part)]).max()
    shares = together.mapPartitions(lambda part: _replayed(part, definition, last))
    outcome = shares.persist(_on_disk())
    trouble = outcome.filter(lambda share: isinstance(share, str)).take(1)
    if trouble:
        raise NotReplayedError(f"{definition.file}: {trouble[0]}")
    left_out = Tally()
    for file in files:
        left_out.merge(file.tally)
    return Outcome(left_out, outcome)


# ---- what belongs together --------


def _keyed(found: "RDD[Event | FileRead]") -> "RDD[tuple[Key, Any]]":
    return found.map(lambda one: ((None, one.number) if isinstance(one, FileRead) else (node(one), one.position), one))


def _keyed_by_kin(found: "RDD[Event | FileRead]", partitions: int) -> "RDD[tuple[Key, Any]]":
    """Let the events of entities with other names have the least name of them all in their keys."""
    found = found.persist(_on_disk())
    linked = found.flatMap(lambda one: () if isinstance(one, FileRead) else links(one))
    least = _least_of_kin(linked.distinct(partitions), partitions)
    nodes = found.map(lambda one: (None if isinstance(one, FileRead) else node(one), one))

    def keyed(joined: tuple[Node | None, tuple[Any, Node | None]]) -> tuple[Key, Any]:
        own, (one, kin) = joined
        return ((None, one.number) if own is None else (kin or own, one.position)), one

    return nodes.leftOuterJoin(least, partitions).map(keyed)


def _least_of_kin(linked: "RDD[tuple[Node, Node]]", partitions: int) -> "RDD[tuple[Node, Node]]":
    """Return the least node of the connected component of each: all pass on the least that they know, until none new.

    That takes as many rounds as there are names between two of one entity: mostly two or three.
    """
    linked = linked.partitionBy(partitions).persist(_on_disk())
    least = linked.map(lambda link: (link[0], min(link))).reduceByKey(min, partitions)
    while True:
        told = linked.join(least, partitions).values().reduceByKey(min, partitions)
        passed = least.join(told, partitions).mapValues(lambda one: (min(one), one[1] < one[0])).persist(_on_disk())
        least = passed.mapValues(lambda one: one[0])
        if passed.filter(lambda one: one[1][1]).isEmpty():
            return least


def _partition(key: Key, partitions: int) -> int:
    """Return where what has this key goes: the files behind all others. It is the same in every process."""
    return partitions if key[0] is None else zlib.crc32("\0".join(key[0]).encode("utf-8", "surrogatepass")) % partitions


def _tell(files: list[FileRead], complain: Say) -> None:
    files.sort(key=lambda file: file.number)
    said = list(chain.from_iterable(file.said for file in files))
    for one in said[:_UNUSABLE_SHOWN]:
        complain(one)
    for file in files:
        if file.error is not None:
            raise NotReplayedError(file.error)
    if strangers := list(chain.from_iterable(file.strangers for file in files)):
        complain(without_events(strangers))


# ---- replaying --------


def _last_taken(part: Iterable[tuple[Key, Any]]) -> float:
    """Return when the last event happened that is no repetition."""
    last = float("-inf")
    for events in _some(part):
        for event in InOrder(float("inf"))(events):
            last = max(last, event.time)
    return last


def _replayed(part: Iterable[tuple[Key, Any]], definition: Definition, last: float) -> Iterator[Share | str]:
    choreography = definition.choreography
    lines = Form.of("json", choreography).case
    for events in _some(part):
        try:
            yield share_of(choreography, events, last, lines)
        except EndlessError as error:
            yield str(error)


def _some(part: Iterable[tuple[Key, Any]]) -> Iterator[list[Event]]:
    """Yield the events of some entities, and of some others, and so on."""
    events: list[Event] = []
    for own, keyed in groupby(part, lambda one: one[0][0]):
        if own is None:
            return
        events += (event for _, event in keyed)
        if len(events) >= _AT_ONCE:
            yield events
            events = []
    if events:
        yield events


# ---- putting together --------


def _sum(shares: Iterable[Share]) -> Iterator[Tally]:
    tally = Tally()
    for share in shares:
        tally.merge(share.tally)
    yield tally


def _numbered(share: Share) -> Iterator[tuple[Any, Entry]]:
    """Yield each entry with what puts it in order: what is told of one at one moment stays as it is."""
    return (((entry.moment, number), entry) for number, entry in enumerate(share.entries))


def _needed_for_the_sum(share: Share) -> Iterator[tuple[Any, Entry]]:
    """Yield what something may follow from, and what is told of such entities after that."""
    followed: set[str] = set()
    for key, entry in _numbered(share):
        if entry.told is not None:
            followed.add(entry.entity)
            yield key, entry
        elif entry.entity in followed:
            yield key, entry._replace(lines=())


def _on_disk() -> Any:
    from pyspark import StorageLevel  # noqa: PLC0415 # only who runs the job has it

    return StorageLevel.DISK_ONLY
