"""Of an activity with a lifecycle, which events count, and by which name.

XES has a standard lifecycle (schedule, assign, start, complete, …) and that of BPAF, and lets a log have one of its own
(IEEE 1849, extension "Lifecycle"). What is of its own says something else than how far an activity is, mostly a status:
so it belongs to the event's name, as in the classes of events of ProM and OpenXES: ``Accepted+In Progress``.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from choreography_insights.discover.files.row import Row

_STANDARD = frozenset(
    (
        *("schedule", "assign", "withdraw", "reassign", "start", "suspend", "resume"),
        *("pi_abort", "ate_abort", "complete", "autoskip", "manualskip", "unknown"),
    )
)
_OF_BPAF = ("open", "closed")
_SHOWN = 3


def counted(rows: Sequence[Row], note: Callable[[str], None], *, by_name_alone: bool) -> Iterator[Row]:
    """Yield those of *rows* that count, by the names that they have in the draft. *note* is told of the others.

    Where an activity is completed, the other transitions of a standard lifecycle do not count. Else each event counts,
    with its transition behind its name where the activity has several, unless events go *by_name_alone*.
    """
    known: defaultdict[object, Counter[str]] = defaultdict(Counter)
    for row in rows:
        known[row.activity][row.transition.lower()] += 1
    skipped: Counter[str] = Counter()
    longer: dict[str, None] = {}
    for row in rows:
        word, others = row.transition.lower(), known[row.activity]
        if not word or _completes(word) or len(others) == 1:
            yield row
        elif _is_standard(word) and any(map(_completes, others)):
            skipped[word] += 1
        elif by_name_alone:
            yield row
        else:
            name = f"{row.activity}+{row.transition}"
            longer[name] = None
            yield row._replace(activity=name)
    if skipped:
        words = ", ".join(f"{word} ({times:,})" for word, times in skipped.most_common())
        note(f"lifecycle   counted is what completes an activity; not {words}")
    if longer:
        names = ", ".join(list(longer)[:_SHOWN]) + (f" and {len(longer) - _SHOWN} more" if len(longer) > _SHOWN else "")
        note(f"lifecycle   tells events of one activity apart: {names}; --activity concept:name leaves it out")


def _completes(word: str) -> bool:
    return word == "complete" or word.startswith("closed.completed")


def _is_standard(word: str) -> bool:
    return word in _STANDARD or word.partition(".")[0] in _OF_BPAF
