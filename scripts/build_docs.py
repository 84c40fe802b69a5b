#!/usr/bin/env python3
"""Build the site of the documents in build/site; exit with 1 if a link, or the navigation, leads nowhere.

The documents are written to be read in the repository, and lie where they belong: in docs/, beside modules, beside
examples. Here they become pages at the same places, below build/pages, and their pictures go with them. A link to any
other file becomes one to the repository.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from devtools.console import SetupError
from devtools.environments import ZENSICAL, ensure
from devtools.places import BUILD, ROOT

SETTINGS = ROOT / "zensical.toml"
PAGES = BUILD / "pages"
SITE = BUILD / "site"

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FENCE = re.compile(r" *(```|~~~)")
#: A piece of code, which stays as it is, or the target of a link.
_LINK = re.compile(r"`[^`\n]*`|(?<=\]\()(?P<target>[^()\s]+)(?=\))")


def main() -> int:
    """Gather the pages, hold the navigation against them, and build; return the exit code."""
    try:
        ensure(ZENSICAL)
        documents = list(_documents())
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    if not ZENSICAL.is_installed():
        return 1
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["project"]
    faults = navigation_faults({page_of(document) for document in documents}, set(_targets(settings["nav"])))
    _gather(documents, settings["repo_url"])
    shutil.rmtree(SITE, ignore_errors=True)
    build: list[str | Path] = [ZENSICAL.command, "build", "--clean", "--strict", "--config-file", SETTINGS]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        # Its last words are the stack of its own code.
        print(_COLOUR.sub("", done.stdout + done.stderr).partition("Traceback")[0])
    print("\n".join(faults) or f"{len(documents)} pages in {SITE.relative_to(ROOT)}")
    return 1 if faults or done.returncode else 0


def navigation_faults(pages: set[str], named: set[str]) -> list[str]:
    """Say which pages nothing in the navigation leads to, and what leads nowhere."""
    homes = {page.removesuffix("README.md") for page in named if page.endswith("/README.md")}
    unnamed = [page for page in pages - named if f"{page.rpartition('/')[0]}/" not in homes]
    return [
        *(f"zensical.toml: nav does not name {page}" for page in sorted(unnamed)),
        *(f"zensical.toml: nav names {page}, which is not there" for page in sorted(named - pages)),
    ]


def page_of(document: str) -> str:
    """Where a document's page lies; the README is the first one."""
    return "index.md" if document == "README.md" else document


def converted(text: str, document: str, documents: set[str], repository: str) -> str:
    """Return *text* with its links as the pages need them."""
    folder = Path(document).parent
    fence = None
    lines = []
    for line in text.splitlines(keepends=True):
        marker = _FENCE.match(line)
        if marker and fence in (None, marker[1]):
            fence = None if fence else marker[1]
        elif not fence:
            line = _LINK.sub(lambda found: _link(found, folder, documents, repository), line)  # noqa: PLW2901
        lines.append(line)
    return "".join(lines)


def _link(found: re.Match[str], folder: Path, documents: set[str], repository: str) -> str:
    target = found["target"]
    if not target or target.startswith("#") or re.match(r"[a-z]+:", target):
        return found[0]
    path, mark, anchor = target.partition("#")
    goal = os.path.normpath(folder / path)
    if f"{goal}/README.md" in documents:
        goal = f"{goal}/README.md"
    if goal in documents or goal.endswith(".png"):
        return os.path.relpath(page_of(goal), folder) + mark + anchor
    if not (ROOT / goal).exists():
        return found[0]  # the build will say so
    return f"{repository}/{'tree' if (ROOT / goal).is_dir() else 'blob'}/main/{goal}{mark}{anchor}"


def _documents() -> Iterator[str]:
    """Yield all documents of the repository but the generated diagrams and GitHub's own."""
    answer = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SetupError("not a git clone: which documents there are cannot be told")
    for name in filter(None, answer.stdout.split("\0")):
        if not name.startswith(".github/") and not name.endswith("diagram.md") and (ROOT / name).is_file():
            yield name


def _gather(documents: list[str], repository: str) -> None:
    shutil.rmtree(PAGES, ignore_errors=True)
    for document in documents:
        text = converted((ROOT / document).read_text(encoding="utf-8"), document, set(documents), repository)
        page = PAGES / page_of(document)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    for picture in (ROOT / "docs").rglob("*.png"):
        copy = PAGES / picture.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, copy)


def _targets(nav: list[Any] | dict[str, Any] | str) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for item in nav.values() if isinstance(nav, dict) else nav:
            yield from _targets(item)


if __name__ == "__main__":
    sys.exit(main())
