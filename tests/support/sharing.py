"""What takes long is made once for a whole test run: by the worker that wants it first, for all of them."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")


def once(shared: Path, name: str, make: Callable[[], Made]) -> Made:
    """Return what *make* returns, as JSON knows it; it is called only if no worker that knows *shared* did before.

    Nothing is kept of a call that fails: the next who asks makes another one.
    """
    with _locked(shared / f"{name}.lock"):
        record = shared / f"{name}.json"
        if not record.exists():
            record.write_text(json.dumps(make()), encoding="utf-8")
        made: Made = json.loads(record.read_text(encoding="utf-8"))
        return made


@contextmanager
def first_alone(shared: Path, name: str) -> Iterator[None]:
    """Let one worker that knows *shared* go through a block before all others, which then go through it together."""
    with ExitStack() as turn:
        turn.enter_context(_locked(shared / f"{name}.lock"))
        done = shared / f"{name}.done"
        if done.exists():
            turn.close()
        yield
        done.touch()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
