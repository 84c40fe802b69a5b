"""What takes long is made by one worker, for all."""

from pathlib import Path

import pytest

from support.sharing import once


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
