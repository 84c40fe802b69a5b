"""Virtual environments, each with exactly the packages that a requirements file pins by hash.

The project's own is `.venv`. What would hold back its pins has an environment of its own below `build/`; these are
optional: a machine that cannot install one is told in one line what it goes without.
"""

import hashlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devtools.console import SetupError, run, step
from devtools.places import BUILD, ENVIRONMENT, ROOT


@dataclass(frozen=True)
class Environment:
    """A virtual environment and its pins. *without*: what is not done without it; None if it must be there."""

    folder: Path
    requirements: Path
    without: str | None = None

    @property
    def name(self) -> str:
        """What it is called: a tool's is called as the command that it brings."""
        return self.folder.name

    @property
    def command(self) -> Path:
        """The command that a tool's package brings."""
        return self.folder / "bin" / self.name

    @property
    def site_packages(self) -> Path:
        """Where its packages lie."""
        return self.folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"

    def is_installed(self) -> bool:
        """Whether it was made from just these pins by this Python."""
        return self._stamp.is_file() and self._stamp.read_text("utf-8") == self._fingerprint()

    def is_ready(self) -> bool:
        """Whether it is installed, and its Python still is where it was."""
        return self.is_installed() and self._answers()

    def install(self) -> None:
        """Make it, whatever is there. One that is optional says in one line why it cannot be."""
        try:
            self._install()
        except SetupError as error:
            if self.without is None:
                raise
            shutil.rmtree(self.folder, ignore_errors=True)
            reason = str(error).strip().splitlines()[-1]
            print(f"{self.name} cannot be installed, {self.without}: {reason}", flush=True)

    def _install(self) -> None:
        if not self._answers() or self.without:
            shutil.rmtree(self.folder, ignore_errors=True)
            try:
                run([sys.executable, "-m", "venv", self.folder], cwd=ROOT)
            except SetupError as error:
                shutil.rmtree(self.folder, ignore_errors=True)
                raise SetupError(f"{error}\nOn Debian and Ubuntu, python3-venv is a package of its own.") from error
        self._pip("--require-hashes", "--requirement", self.requirements)
        if self.without is None:
            self._pip("--no-deps", "--no-build-isolation", "--editable", ROOT)
        self._stamp.write_text(self._fingerprint(), encoding="utf-8")

    def _answers(self) -> bool:
        python = self.folder / "bin" / "python"
        if not python.exists():
            return False
        question = "import sys, pip; print(sys.version_info[:2])"
        answer = subprocess.run([python, "-c", question], capture_output=True, text=True, check=False)
        return answer.returncode == 0 and answer.stdout.strip() == str(sys.version_info[:2])

    @property
    def _stamp(self) -> Path:
        return self.folder / f"installed-{self.requirements.stem}"

    def _fingerprint(self) -> str:
        files = [self.requirements, *([ROOT / "pyproject.toml"] if self.without is None else [])]
        made_from = [sys.version, str(ROOT), *(file.read_text("utf-8") for file in files)]
        return hashlib.sha256("\0".join(made_from).encode()).hexdigest()

    def _pip(self, *what: str | Path) -> None:
        python = self.folder / "bin" / "python"
        # What is imported is compiled then: most of what is installed never is.
        options = ["--disable-pip-version-check", "--no-input", "install", "--no-compile"]
        run([python, "-m", "pip", *options, *what], cwd=ROOT)


def ensure(*environments: Environment) -> None:
    """Have them all; what is there already is not installed again. They are made side by side."""
    lacking = [environment for environment in environments if not environment.is_ready()]
    if not lacking:
        return
    pins = ", ".join(str(environment.requirements.relative_to(ROOT)) for environment in lacking)
    places = ", ".join(str(environment.folder.relative_to(ROOT)) for environment in lacking)
    with (
        step(f"Installing the packages pinned in {pins} into {places} (once; a minute or two)"),
        ThreadPoolExecutor(len(lacking)) as pool,
    ):
        list(pool.map(Environment.install, lacking))


_PINS = ROOT / "requirements"

#: They are one folder, and `development.txt` has all that `demo.txt` has. They hold the project itself too, editable.
DEMO, DEVELOPMENT = (Environment(ENVIRONMENT, _PINS / f"{job}.txt") for job in ("demo", "development"))

#: Holds the Terraform modules against its AWS policies.
CHECKOV = Environment(BUILD / "checkov", _PINS / "checkov.txt", "its policies are not checked")

#: Makes a site of the documents.
ZENSICAL = Environment(BUILD / "zensical", _PINS / "docs.txt", "the site of the documents is not built")

#: The functions' clients are tested with what Lambda's Python 3.13 runtime had when it came, and with the newest.
BOTO3S = [
    Environment(BUILD / name, _PINS / f"{name}.txt", "the functions' clients are not tested with it")
    for name in ("boto3-oldest", "boto3-newest")
]
