"""What several tests of the whole repository need."""

import subprocess
from pathlib import Path

import pytest

from devtools.places import ROOT


@pytest.fixture(scope="package")
def tracked() -> list[Path]:
    """Return the files that git tracks and that are there."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        pytest.skip("not a git clone: what is tracked cannot be told")
    return [ROOT / name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]
