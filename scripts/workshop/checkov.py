"""checkov, which holds the Terraform modules against its AWS policies, in a virtual environment of its own.

It is optional: a machine that cannot install it is told in one line what it goes without.
"""

import shutil
import sys

from workshop.console import SetupError, run, step
from workshop.places import BUILD, ROOT
from workshop.stamp import fingerprint, is_stamped

REQUIREMENTS = ROOT / "requirements" / "checkov.txt"
_ENVIRONMENT = BUILD / "checkov"
_STAMP = _ENVIRONMENT / "installed"
COMMAND = _ENVIRONMENT / "bin" / "checkov"


def ensure() -> None:
    """Have checkov in `build/checkov`, or say in one line why not."""
    if is_installed():
        return
    try:
        with step(
            "Installing checkov, pinned in requirements/checkov.txt, into build/checkov (once; a minute or less)"
        ):
            _install()
    except SetupError as error:
        shutil.rmtree(_ENVIRONMENT, ignore_errors=True)
        print(f"checkov cannot be installed, its policies are not checked: {_last_line(error)}", flush=True)


def is_installed() -> bool:
    """Whether it is there in just the version that is pinned."""
    return is_stamped(_STAMP, _fingerprint())


def _install() -> None:
    shutil.rmtree(_ENVIRONMENT, ignore_errors=True)
    run([sys.executable, "-m", "venv", _ENVIRONMENT], cwd=ROOT)
    pip = _ENVIRONMENT / "bin" / "pip"
    run([pip, "--disable-pip-version-check", "install", "--require-hashes", "--requirement", REQUIREMENTS], cwd=ROOT)
    _STAMP.write_text(_fingerprint(), encoding="utf-8")


def _fingerprint() -> str:
    return fingerprint(sys.version, str(ROOT), files=[REQUIREMENTS])


def _last_line(error: SetupError) -> str:
    return str(error).strip().splitlines()[-1]
