"""How much room text and boxes take, in pixels, without asking a font: about that of Helvetica and its relatives."""

from choreography_insights.views.picture import Box, Label

TITLE, SMALL = 13.0, 11.0
"""Sizes of type."""

LINE = 1.35
"""Height of a line, in sizes of type."""

DOT = 14.0
"""Height and width of what is drawn where a journey begins."""

_NARROW, _WIDE = set("iIjltfr.,:;'|!()[] "), set("mwMW@%&+=<>→")
_MOST_CONDITION = 44


def width_of(text: str, size: float) -> float:
    """Return about how wide *text* is."""
    return size * sum(_share(letter) for letter in text)


def _share(letter: str) -> float:
    if letter in _NARROW:
        return 0.34
    if letter in _WIDE or ord(letter) > 0x2E80:  # ideographs and such
        return 0.95
    return 0.72 if letter.isupper() else 0.58


def lines_of(label: Label) -> list[tuple[str, float]]:
    """Return what a label says, line by line, with the size of type."""
    lines = [(label.text, SMALL)] if label.text else []
    if label.condition:
        short = label.condition if len(label.condition) <= _MOST_CONDITION else f"{label.condition[:_MOST_CONDITION]}…"
        lines.append((short, SMALL - 1))
    return lines


def size_of_labels(labels: tuple[Label, ...]) -> tuple[float, float]:
    """Return width and height of the labels of one arrow, one below the other."""
    lines = [line for label in labels for line in lines_of(label)]
    width = max((width_of(text, size) for text, size in lines), default=0.0)
    return width + (8 if lines else 0), sum(size * LINE for _, size in lines)


def size_of_words(box: Box) -> tuple[float, float]:
    """Return width and height of what *box* says of itself, with the room around it."""
    if box.look == "begin" and not box.note:
        return DOT, DOT
    if box.look == "begin":
        return width_of(short_note(box), SMALL) + 8, DOT + SMALL * LINE + 4
    width = max(width_of(box.title, TITLE), width_of(short_note(box), SMALL))
    height = TITLE * LINE + (SMALL * LINE if box.note else 0)
    return max(width + 28, 64), height + 16


def short_note(box: Box) -> str:
    """Return the second line of *box*, cut where it would be too wide."""
    return box.note if len(box.note) <= _MOST_CONDITION else f"{box.note[:_MOST_CONDITION]}…"
