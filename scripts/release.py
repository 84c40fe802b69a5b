#!/usr/bin/env python3
"""Make the tag of a release: the commit of a version, and the functions' zip on top of it.

Whoever takes the modules from git at that tag has the zip, and builds nothing. The zip is built from the commit that is
checked out, and the same source gives the same bytes everywhere: `--check` builds it again and compares. The branch
stays as it is; nothing is pushed.

Usage:
    python3 scripts/release.py                   tag what is checked out as v<version of pyproject.toml>
    python3 scripts/release.py --check v1.2.3    say what is wrong with that tag; exit code 1 if anything is
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import build_lambda
from build_lambda import ROOT

ZIP = build_lambda.TARGET.relative_to(ROOT).as_posix()


class NoRelease(Exception):
    """What is checked out cannot be tagged; the message says why."""


def main() -> int:
    """Make the tag, or check one; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", metavar="TAG", help="check a tag that is there, and make none")
    tag = parser.parse_args().check
    if tag:
        faults = list(faults_of(tag))
        print("\n".join(faults) or f"{tag} is this version, with the zip of its source", flush=True)
        return 1 if faults else 0
    try:
        print(f"Tagged as {make()}. Publish it with: git push origin {tag_of(version())}")
    except NoRelease as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make() -> str:
    """Tag what is checked out, with the zip on top; return the tag's name."""
    tag = tag_of(version())
    if git("status", "--porcelain", "--untracked-files=no"):
        raise NoRelease("There are changes that are not committed; commit them, or put them aside.")
    if git("tag", "--list", tag):
        raise NoRelease(f"{tag} is there already; raise the version in pyproject.toml.")
    if fault := unwritten(version()):
        raise NoRelease(fault)
    git("tag", "--annotate", "--message", f"Release {version()}", tag, commit_with_zip(tag))
    return tag


def commit_with_zip(tag: str) -> str:
    """A commit upon HEAD that adds the zip, made in an index of its own; the same at every try."""
    date = git("show", "--no-patch", "--format=%cI", "HEAD")
    blob = git("hash-object", "-w", "--stdin", given=build_lambda.zip_bytes())
    with tempfile.TemporaryDirectory() as folder:
        settings = {"GIT_INDEX_FILE": str(Path(folder, "index")), "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        git("read-tree", "HEAD", settings=settings)
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},{ZIP}", settings=settings)
        tree = git("write-tree", settings=settings)
        message = f"Add the functions' zip of {tag}"
        return git("commit-tree", tree, "-p", "HEAD", "-m", message, settings=settings)


def faults_of(tag: str) -> Iterator[str]:
    """Yield what is wrong with *tag*, which is checked out."""
    if tag != tag_of(version()):
        yield f"{tag}: pyproject.toml says {version()}"
    if git("rev-parse", f"{tag}^{{commit}}") != git("rev-parse", "HEAD"):
        yield f"{tag} is not what is checked out"
    elif git("show", "--name-status", "--format=", "HEAD") != f"A\t{ZIP}":
        yield f"{tag}: its commit must add {ZIP} and nothing else; make it with scripts/release.py"
    elif git("rev-parse", f"HEAD:{ZIP}") != git("hash-object", "--stdin", given=build_lambda.zip_bytes()):
        yield f"{tag}: {ZIP} is not what its source builds; make it with scripts/release.py"
    if fault := unwritten(version()):
        yield fault


def unwritten(released: str) -> str | None:
    """Say so if the changelog does not speak of *released* as of a version that is out."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if re.search(rf"^## {re.escape(released)}, \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        return None
    return f'CHANGELOG.md: there is no heading "## {released}, YYYY-MM-DD"'


def version() -> str:
    """The version that pyproject.toml says."""
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return found


def tag_of(released: str) -> str:
    """What the tag of a version is called."""
    return f"v{released}"


def git(*words: str, given: bytes | None = None, settings: dict[str, str] | None = None) -> str:
    """Run git in this repository, and return what it says."""
    done = subprocess.run(
        ["git", *words], cwd=ROOT, input=given, env=os.environ | (settings or {}), capture_output=True, check=False
    )
    if done.returncode:
        raise NoRelease(f"git {words[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode().strip()


if __name__ == "__main__":
    sys.exit(main())
