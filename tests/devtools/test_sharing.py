"""What takes long is made by one worker, for all."""

import fcntl
from contextlib import suppress
from pathlib import Path

import pytest

from support.sharing import first_alone, once


def test_what_was_made_is_not_made_again(tmp_path: Path) -> None:
    calls: list[int] = []

    def make() -> dict[str, list[int]]:
        calls.append(1)
        return {"made": calls}

    assert [once(tmp_path, "one", make), once(tmp_path, "one", make)] == [{"made": [1]}, {"made": [1]}]
    assert once(tmp_path, "another", make) == {"made": [1, 1]}


def test_what_could_not_be_made_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        once(tmp_path, "one", lambda: 1 // 0)
    assert once(tmp_path, "one", lambda: 1) == 1


def alone(shared: Path) -> bool:
    """Whether somebody goes through the block alone just now."""
    with (shared / "one.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_the_first_goes_through_alone_and_all_others_together(tmp_path: Path) -> None:
    with first_alone(tmp_path, "one"):
        assert alone(tmp_path)
    with first_alone(tmp_path, "one"):
        assert not alone(tmp_path)


def test_while_none_got_through_whoever_comes_goes_alone(tmp_path: Path) -> None:
    with suppress(LookupError), first_alone(tmp_path, "one"):
        raise LookupError
    with first_alone(tmp_path, "one"):
        assert alone(tmp_path)
