"""How set-up speaks: one line for what it does, one clear line for what stops it."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class SetupError(Exception):
    """Set-up cannot go on; the message says what is missing and how to get it."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print *what* is being done before it begins, and the time it took once it is done."""
    print(f"{what} ...", flush=True)
    began = time.monotonic()
    yield
    print(f"    done in {time.monotonic() - began:.0f} s", flush=True)


def run(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run *command* quietly; when it fails, raise SetupError with all that it printed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        words = " ".join(str(word) for word in command)
        raise SetupError(f"This command failed (exit code {done.returncode}):\n    {words}\nIt printed:\n{done.stdout}")
