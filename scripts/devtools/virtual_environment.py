"""The virtual environment: `.venv`, with exactly the packages that the requirement files pin by hash."""

import shutil
import subprocess
import sys
from pathlib import Path

from devtools.console import SetupError, run, step
from devtools.places import ENVIRONMENT, ROOT
from devtools.stamp import fingerprint, is_stamped

PYTHON = ENVIRONMENT / "bin" / "python"
DEMO = ROOT / "requirements" / "demo.txt"
DEVELOPMENT = ROOT / "requirements" / "development.txt"


def ensure(requirements: Path) -> None:
    """Make `.venv` hold the packages of *requirements* and the project itself, editable.

    What is already installed is not installed again, and `development.txt` has all that `demo.txt` has.
    """
    _ensure_environment()
    installed = [_stamp(file) for file in {requirements, DEVELOPMENT} if is_stamped(_stamp(file), _fingerprint(file))]
    if installed:
        return
    with step(
        f"Installing the packages pinned in {requirements.relative_to(ROOT)} into .venv (once; a minute or less)"
    ):
        _pip("install", "--require-hashes", "--requirement", requirements)
        _pip("install", "--no-deps", "--no-build-isolation", "--editable", ROOT)
    _stamp(requirements).write_text(_fingerprint(requirements), encoding="utf-8")


def _ensure_environment() -> None:
    if _answers():
        return
    with step(f"Making the virtual environment .venv with Python {sys.version_info.major}.{sys.version_info.minor}"):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        try:
            run([sys.executable, "-m", "venv", ENVIRONMENT], cwd=ROOT)
        except SetupError as error:
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            raise SetupError(f"{error}\nOn Debian and Ubuntu, python3-venv is a package of its own.") from error


def _answers() -> bool:
    """Say whether the environment is there, whole, and made by a Python of the same version as this one."""
    if not PYTHON.exists():
        return False
    question = "import sys, pip; print(sys.version_info[:2])"
    answer = subprocess.run([PYTHON, "-c", question], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == str(sys.version_info[:2])


def _fingerprint(requirements: Path) -> str:
    return fingerprint(sys.version, str(ROOT), files=[requirements, ROOT / "pyproject.toml"])


def _stamp(requirements: Path) -> Path:
    return ENVIRONMENT / f"installed-{requirements.stem}"


def _pip(*arguments: str | Path) -> None:
    run([PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments], cwd=ROOT)
