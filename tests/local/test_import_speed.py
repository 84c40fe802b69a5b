"""A module is imported without what its package imports."""

import importlib
import sys
from pathlib import Path

import pytest

from choreography_insights.local.import_speed import import_without_package


def test_a_module_is_imported_alone_and_is_the_same_once_its_package_is_imported_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "slow_package"
    package.mkdir()
    (package / "__init__.py").write_text("from . import slow, quick\n")
    (package / "slow.py").write_text("")
    (package / "quick.py").write_text("from .errors import Fault\n")
    (package / "errors.py").write_text("class Fault(Exception): ...\n")
    monkeypatch.syspath_prepend(tmp_path)

    import_without_package("slow_package.quick")
    assert {name for name in sys.modules if "slow_package" in name} == {"slow_package.quick", "slow_package.errors"}
    quick = sys.modules["slow_package.quick"]

    whole = importlib.import_module("slow_package")
    assert "slow_package.slow" in sys.modules
    assert whole.quick is quick

    import_without_package("slow_package.quick")
    assert sys.modules["slow_package"] is whole


def test_where_there_is_no_such_package_nothing_is_imported() -> None:
    import_without_package("no_such_package.quick")
    assert not {name for name in sys.modules if "no_such_package" in name}
