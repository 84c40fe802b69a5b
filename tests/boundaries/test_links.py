"""Every link in a document leads somewhere: to a file that is tracked, and to a heading that it has."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.places import ROOT

_FENCED = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *#*$", re.MULTILINE)


@pytest.fixture(scope="module")
def documents() -> dict[Path, str]:
    """Every tracked document, without what is in code blocks."""
    answer = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        pytest.skip("not a git clone: what is tracked cannot be told")
    files = [ROOT / name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]
    return {file: _FENCED.sub("", file.read_text(encoding="utf-8")) for file in files}


def links(documents: dict[Path, str]) -> Iterator[tuple[Path, str]]:
    """Each link that stays in the repository, and the document that has it."""
    for file, text in documents.items():
        for found in _LINK.finditer(_CODE.sub("`", text)):
            if not re.match(r"[a-z]+:", found["target"]):
                yield file, found["target"]


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.finditer(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading["text"])
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def broken(file: Path, target: str, documents: dict[Path, str]) -> str | None:
    """What is wrong with a link; None if nothing is."""
    path, _, anchor = target.partition("#")
    goal = (file.parent / path).resolve() if path else file
    if not goal.is_relative_to(ROOT) or not goal.exists():
        return f"{file.relative_to(ROOT)}: {target}: there is no such file"
    page = goal / "README.md" if goal.is_dir() else goal
    if anchor and anchor not in anchors(documents.get(page, "")):
        return f"{file.relative_to(ROOT)}: {target}: there is no such heading"
    return None


def test_every_link_within_the_repository_leads_to_a_file_and_a_heading(documents: dict[Path, str]) -> None:
    found = list(links(documents))
    assert [fault for file, target in found if (fault := broken(file, target, documents))] == []
    assert len(found) > 50


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("docs/nowhere.md", "there is no such file"),
        ("../elsewhere.md", "there is no such file"),
        ("docs/operations-and-design/operations.md#no-such-alarm", "there is no such heading"),
        ("#no-such-section", "there is no such heading"),
        ("docs/operations-and-design/operations.md#deviations", None),
        ("modules/insights#an-own-key", None),
    ],
)
def test_a_broken_link_is_told_with_its_fault(target: str, fault: str | None, documents: dict[Path, str]) -> None:
    assert broken(ROOT / "README.md", target, documents) == (fault and f"README.md: {target}: {fault}")


def test_anchors_are_those_that_github_makes() -> None:
    text = "# What it costs, and what may surprise\n## `init`\n## A [link](x.md) & more\n## `init`\n"
    assert anchors(text) == {"what-it-costs-and-what-may-surprise", "init", "a-link--more", "init-1"}


def test_every_document_can_be_reached_from_the_readme(documents: dict[Path, str]) -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    ways = list(links(documents))
    while waiting:
        file = waiting.pop()
        if file in documents and file not in reached:
            reached.add(file)
            goals = [(file.parent / target.partition("#")[0]).resolve() for source, target in ways if source == file]
            waiting += [goal / "README.md" if goal.is_dir() else goal for goal in goals]
    left = [str(file.relative_to(ROOT)) for file in sorted(documents.keys() - reached) if file.name != "diagram.md"]
    assert left == []
