"""How moto is patched: one function replaced at a time, and only where it is still the one that was read."""

import functools
import hashlib
import inspect
from collections.abc import Callable
from typing import Any

import moto

PATCHED_FOR = "5.2.5"


class MotoChangedError(RuntimeError):
    """A function of moto is not the one that a patch was written for."""


def digest(function: Callable[..., Any]) -> str:
    """Return what tells one reading of a function from another: the start of its source's SHA-256."""
    return hashlib.sha256(inspect.getsource(inspect.unwrap(function)).encode()).hexdigest()[:12]


def require(function: Callable[..., Any], *, source_digest: str) -> None:
    """Raise unless *function* is the one that was read: for what is patched in the module around it, not in itself."""
    if digest(function) != source_digest:
        raise MotoChangedError(
            f"{function.__module__}.{function.__qualname__}: another source (digest {digest(function)}) than in "
            f"moto {PATCHED_FOR} (digest {source_digest}); install that version, or read the new source and write the "
            "patch anew."
        )


def patch(owner: Any, name: str, *, source_digest: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Replace ``owner.name`` by the decorated function, which gets the original as its first argument.

    *source_digest* is the digest of the source that the patch was written for. A moto that says something else there
    raises :class:`MotoChangedError`: a patch that no longer fits must be read again, not hoped for.
    """
    found = inspect.getattr_static(owner, name, None)
    place = f"{getattr(owner, '__module__', '')}.{getattr(owner, '__qualname__', owner.__name__)}.{name}".lstrip(".")
    original = found.__func__ if isinstance(found, (staticmethod, classmethod)) else found
    if original is None or digest(original) != source_digest:
        raise MotoChangedError(
            f"{place}: moto {moto.__version__} has "
            + ("no such function" if original is None else f"another source there (digest {digest(original)})")
            + f"; the embedded AWS patches the one of moto {PATCHED_FOR} (digest {source_digest}). "
            f"Install moto=={PATCHED_FOR}, or read the new source and write the patch anew."
        )

    def apply(substitute: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def patched(*args: Any, **kwargs: Any) -> Any:
            return substitute(original, *args, **kwargs)

        setattr(owner, name, type(found)(patched) if isinstance(found, (staticmethod, classmethod)) else patched)
        return substitute

    return apply
