"""What may be tracked: source that means the same on every machine, and nothing that a build makes."""

import re
from collections.abc import Iterator
from pathlib import Path

from devtools.places import ROOT

LARGEST = 500_000
# Written in pieces, as this file is tracked too.
MACHINE_PATHS = re.compile(r"(?<![\w./~$}-])/(?:work|farm|root|home|Users|opt)" + r"/[\w.-]+")
REGISTRY_HOSTS = re.compile(
    "|".join(re.escape(".".join(host)) for host in [("registry", "npmjs"), ("pypi", "org"), ("pythonhosted", "org")])
)
BUILT = re.compile(r"\.(?:zip|jar|py[cod]|tfstate|tfplan)$|(?:^|/)(?:node_modules|\.terraform|\.venv|build)/")


def found_in(files: list[Path], pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield ``file:line: text`` for each place where *pattern* is found."""
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if hit := pattern.search(line):
                yield f"{file.relative_to(ROOT)}:{number}: {hit[0]}"


def text_files(files: list[Path]) -> list[Path]:
    return [file for file in files if file.suffix != ".png"]


def test_no_tracked_file_names_a_path_of_one_machine(tracked: list[Path]) -> None:
    assert list(found_in(text_files(tracked), MACHINE_PATHS)) == []


def test_no_tracked_file_names_a_package_registry(tracked: list[Path]) -> None:
    assert list(found_in(text_files(tracked), REGISTRY_HOSTS)) == []


def test_no_tracked_file_is_large(tracked: list[Path]) -> None:
    assert [str(file.relative_to(ROOT)) for file in tracked if file.stat().st_size > LARGEST] == []


def test_no_tracked_file_is_a_build_product(tracked: list[Path]) -> None:
    names = [file.relative_to(ROOT).as_posix() for file in tracked]
    assert [name for name in names if BUILT.search(name)] == []


def test_every_tracked_text_ends_with_a_line_end_and_has_no_carriage_return(tracked: list[Path]) -> None:
    contents = {file: file.read_bytes() for file in text_files(tracked)}
    faulty = [
        file for file, content in contents.items() if content and (not content.endswith(b"\n") or b"\r" in content)
    ]
    assert [str(file.relative_to(ROOT)) for file in faulty] == []
