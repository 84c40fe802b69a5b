#!/usr/bin/env python3
"""Build the zip that all functions run from: build/choreography_insights.zip.

The same source gives the same bytes on every machine and Python version: names are sorted, dates and modes are fixed,
and nothing is compressed, for zlib's output differs between versions. The zip holds the package's `__init__.py`,
`core/`, `insights/`, `runtime/` and `views/`, which need nothing but boto3 and Powertools; Lambda provides the one, the
layer the other.

Usage:
    python3 scripts/build_lambda.py            build, and print path, size and sha256
    python3 scripts/build_lambda.py --check    say whether the zip is there and up to date; exit code 1 if not
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lambda_src"
PACKAGE = "choreography_insights"
ROOMS = ("core", "insights", "runtime", "views")
TARGET = ROOT / "build" / f"{PACKAGE}.zip"

# The oldest date that a zip can say.
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
UNIX = 3
REGULAR_FILE_READABLE_BY_ALL = 0o100644 << 16


def deployed_files(source: Path = SOURCE) -> Iterator[Path]:
    """Yield the modules that belong into the zip, sorted by their names in it."""
    package = source / PACKAGE
    modules = [package / "__init__.py", *(file for room in ROOMS for file in (package / room).rglob("*.py"))]
    return iter(sorted(modules, key=lambda module: name_in_zip(module, source)))


def name_in_zip(module: Path, source: Path = SOURCE) -> str:
    """The name under which Python finds *module* in the zip."""
    return module.relative_to(source).as_posix()


def zip_bytes(source: Path = SOURCE) -> bytes:
    """The zip of the package below *source*; equal source gives equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for module in deployed_files(source):
            entry = zipfile.ZipInfo(name_in_zip(module, source), FIXED_DATE)
            entry.create_system = UNIX
            entry.external_attr = REGULAR_FILE_READABLE_BY_ALL
            archive.writestr(entry, module.read_bytes())
    return buffer.getvalue()


def build(target: Path, source: Path = SOURCE) -> bytes:
    """Write the zip to *target*, untouched if it is there already, and return its bytes."""
    content = zip_bytes(source)
    if not is_up_to_date(target, content):
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".tmp")
        unfinished.write_bytes(content)
        unfinished.replace(target)
    return content


def is_up_to_date(target: Path, content: bytes) -> bool:
    """Whether *target* holds just *content*."""
    return target.is_file() and target.read_bytes() == content


def described(target: Path, content: bytes) -> str:
    """One line for people and scripts: path, size, sha256."""
    return f"{target}  {len(content)} bytes  sha256 {hashlib.sha256(content).hexdigest()}"


def main(arguments: list[str] | None = None) -> int:
    """Build or check the zip, and say so."""
    parser = argparse.ArgumentParser(description="Build the zip that all functions run from.")
    parser.add_argument("--output", type=Path, default=TARGET, help="where the zip goes (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="build nothing; exit with 1 unless the zip is up to date")
    options = parser.parse_args(arguments)
    target: Path = options.output

    if options.check:
        content = zip_bytes()
        if not is_up_to_date(target, content):
            fault = "does not hold the source as it is now" if target.exists() else "is not there"
            print(f"{target} {fault}; build it with: python3 scripts/build_lambda.py", file=sys.stderr)
            return 1
    else:
        content = build(target)
    print(described(target, content))
    return 0


if __name__ == "__main__":
    sys.exit(main())
