"""Tools that are no part of the project's own pins: each in a virtual environment of its own, with pins of its own.

All of it is optional: a machine that cannot install one is told in one line what it goes without.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from devtools.console import SetupError, run, step
from devtools.places import BUILD, ROOT
from devtools.stamp import fingerprint, is_stamped


@dataclass(frozen=True)
class Tool:
    """A command that a package brings, and what is not done without it."""

    name: str
    requirements: Path
    without: str

    @property
    def command(self) -> Path:
        """Where the command is, once it is installed."""
        return self._environment / "bin" / self.name

    def ensure(self) -> None:
        """Have it below `build/`, or say in one line why not."""
        if self.is_installed():
            return
        pins = self.requirements.relative_to(ROOT)
        try:
            with step(f"Installing {self.name}, pinned in {pins}, into build/{self.name} (once; a minute or less)"):
                self._install()
        except SetupError as error:
            shutil.rmtree(self._environment, ignore_errors=True)
            print(f"{self.name} cannot be installed, {self.without}: {_last_line(error)}", flush=True)

    def is_installed(self) -> bool:
        """Whether it is there in just the version that is pinned."""
        return is_stamped(self._stamp, self._fingerprint())

    @property
    def _environment(self) -> Path:
        return BUILD / self.name

    @property
    def _stamp(self) -> Path:
        return self._environment / "installed"

    def _install(self) -> None:
        shutil.rmtree(self._environment, ignore_errors=True)
        run([sys.executable, "-m", "venv", self._environment], cwd=ROOT)
        pip = self._environment / "bin" / "pip"
        pins = ["--require-hashes", "--requirement", str(self.requirements)]
        run([pip, "--disable-pip-version-check", "install", *pins], cwd=ROOT)
        self._stamp.write_text(self._fingerprint(), encoding="utf-8")

    def _fingerprint(self) -> str:
        return fingerprint(sys.version, str(ROOT), files=[self.requirements])


def _last_line(error: SetupError) -> str:
    return str(error).strip().splitlines()[-1]


#: Holds the Terraform modules against its AWS policies.
CHECKOV = Tool("checkov", ROOT / "requirements" / "checkov.txt", "its policies are not checked")

#: Makes a site of the documents.
ZENSICAL = Tool("zensical", ROOT / "requirements" / "docs.txt", "the site of the documents is not built")
