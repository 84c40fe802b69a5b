"""Do a thing once, and again only when what it was made from has changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(*facts: str, files: Iterable[Path] = ()) -> str:
    """Return a text that changes when a fact or the content of a file changes."""
    digest = hashlib.sha256("\0".join(facts).encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    """Say whether *stamp* holds *value*, that is, whether the thing was made from just this."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == value
