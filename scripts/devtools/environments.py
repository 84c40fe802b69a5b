"""Virtual environments, each with exactly the packages that a requirements file pins by hash.

The project's own is `.venv`. What would hold back its pins has an environment of its own below `build/`; these are
optional: a machine that cannot install one is told in one line what it goes without.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
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

    def install(self, uv: Path | None = None) -> None:
        """Make it, whatever is there, with *uv* or with pip. One that is optional says in one line why it cannot be."""
        try:
            if not (uv and self._install_with(uv)):
                self._install_with_pip()
        except SetupError as error:
            if self.without is None:
                raise
            shutil.rmtree(self.folder, ignore_errors=True)
            reason = str(error).strip().splitlines()[-1]
            print(f"{self.name} cannot be installed, {self.without}: {reason}", flush=True)

    def _install_with(self, uv: Path) -> bool:
        """Install with *uv*; return whether it could: it may not reach what pip reaches."""
        try:
            self._make("sys", "--without-pip")
            self._fill([uv, "pip", "install", "--python", self._python])
        except SetupError:
            shutil.rmtree(self.folder, ignore_errors=True)
            return False
        return True

    def _install_with_pip(self) -> None:
        self._make("pip")
        # What is imported is compiled then: most of what is installed never is.
        self._fill([self._python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--no-compile"])

    def _make(self, needed: str, *options: str) -> None:
        """Have a Python there that has the module *needed*; what is optional is made anew."""
        if self._answers(needed) and not self.without:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            run([sys.executable, "-m", "venv", *options, self.folder], cwd=ROOT)
        except SetupError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise SetupError(f"{error}\nOn Debian and Ubuntu, python3-venv is a package of its own.") from error

    def _fill(self, install: Sequence[str | Path]) -> None:
        run([*install, "--require-hashes", "--requirement", self.requirements], cwd=ROOT)
        if self.without is None:
            run([*install, "--no-deps", "--no-build-isolation", "--editable", ROOT], cwd=ROOT)
        self._stamp.write_text(self._fingerprint(), encoding="utf-8")

    def _answers(self, needed: str = "sys") -> bool:
        if not self._python.exists():
            return False
        question = f"import sys, {needed}; print(sys.version_info[:2])"
        answer = subprocess.run([self._python, "-c", question], capture_output=True, text=True, check=False)
        return answer.returncode == 0 and answer.stdout.strip() == str(sys.version_info[:2])

    def pip_has_an_index(self) -> bool:
        """Whether its pip is told to take packages from somewhere of the user's own."""
        settings = subprocess.run(
            [self._python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
        )
        return re.search(r"\.(index-url|no-index)=", settings.stdout) is not None

    @property
    def _python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def _stamp(self) -> Path:
        return self.folder / f"installed-{self.requirements.stem}"

    def _fingerprint(self) -> str:
        files = [self.requirements, *([ROOT / "pyproject.toml"] if self.without is None else [])]
        made_from = [sys.version, str(ROOT), *(file.read_text("utf-8") for file in files)]
        return hashlib.sha256("\0".join(made_from).encode()).hexdigest()


def ensure(*environments: Environment) -> None:
    """Have them all; what is there already is not installed again. They are made side by side."""
    lacking = [environment for environment in environments if not environment.is_ready()]
    if not lacking:
        return
    pins = ", ".join(str(environment.requirements.relative_to(ROOT)) for environment in lacking)
    places = ", ".join(str(environment.folder.relative_to(ROOT)) for environment in lacking)
    with (
        step(f"Installing the packages pinned in {pins} into {places} (once; up to a minute or two)"),
        ThreadPoolExecutor(len(lacking)) as pool,
    ):
        uv = _uv()
        list(pool.map(lambda environment: environment.install(uv), lacking))


def _uv() -> Path | None:
    """The command that installs in a tenth of pip's time; None where pip is told of an index: uv does not hear that."""
    if not UV.is_ready():
        UV.install()
    return UV.command if UV.is_installed() and not UV.pip_has_an_index() else None


_PINS = ROOT / "requirements"

#: They are one folder, and `development.txt` has all that `demo.txt` has. They hold the project itself too, editable.
DEMO, DEVELOPMENT = (Environment(ENVIRONMENT, _PINS / f"{job}.txt") for job in ("demo", "development"))

#: Installs the packages of all others.
UV = Environment(BUILD / "uv", _PINS / "uv.txt", "packages are installed with pip")

#: Holds the Terraform modules against its AWS policies.
CHECKOV = Environment(BUILD / "checkov", _PINS / "checkov.txt", "its policies are not checked")

#: Makes a site of the documents.
ZENSICAL = Environment(BUILD / "zensical", _PINS / "docs.txt", "the site of the documents is not built")

#: What `make test-spark` tests on: a large download, so `make test` goes without where nobody has asked for it.
SPARK = Environment(BUILD / "spark", _PINS / "spark.txt", "the job on Spark is not tested")

#: The functions' clients are tested with what Lambda's Python 3.13 runtime had when it came, and with the newest.
BOTO3S = [
    Environment(BUILD / name, _PINS / f"{name}.txt", "the functions' clients are not tested with it")
    for name in ("boto3-oldest", "boto3-newest")
]
