"""docs/figures.md: sections that commands print, and what was written by hand below their tables."""

import re
from collections.abc import Mapping

from devtools.places import ROOT

PAGE = ROOT / "docs" / "figures.md"
_SECTION = re.compile(r"^## (?P<title>[^\n]*)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def renewed(page: str, printed: Mapping[str, str]) -> str:
    """*page* with the *printed* sections, by title. A new one comes behind the printed one before it.

    What is printed has a line for each paragraph. Below a table, paragraphs of several lines are by hand, and stay.
    """
    page = page.rstrip("\n") + "\n\n"
    end = len(page)
    for title, text in printed.items():
        there = next((one for one in _SECTION.finditer(page) if one["title"] == title), None)
        begin, end = there.span() if there else (end, end)
        section = "\n\n".join([text, *(_by_hand(there[0]) if there else [])]) + "\n\n"
        page = page[:begin] + section + page[end:]
        end = begin + len(section)
    return page.rstrip("\n") + "\n"


def _by_hand(section: str) -> list[str]:
    paragraphs = section.strip().split("\n\n")
    tables = [position for position, text in enumerate(paragraphs) if text.startswith("|")]
    below = paragraphs[tables[-1] + 1 :] if tables else []
    return [text for text in below if "\n" in text]
