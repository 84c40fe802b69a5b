"""The zip that scripts/build_lambda.py builds: the same bytes from the same source, and only what is deployed."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import build_lambda
from devtools.places import ROOT

PACKAGE = "choreography_insights"


def handlers_that_terraform_names() -> list[str]:
    functions = (ROOT / "modules" / "insights" / "functions.tf").read_text(encoding="utf-8")
    return re.findall(r'^\s+handler\s+= "([^"]+)"$', functions, re.MULTILINE)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the source, as another clone on another day would have it."""
    copy = tmp_path / "lambda_src"
    shutil.copytree(ROOT / "lambda_src", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for number, path in enumerate(sorted(copy.rglob("*.py"), reverse=True)):
        os.utime(path, (1_000_000_000 + number, 1_000_000_000 + number))
        path.chmod(0o600)
    return copy


def test_the_same_source_gives_the_same_bytes_whatever_its_dates_and_modes_are(source: Path) -> None:
    assert build_lambda.zip_bytes(source) == build_lambda.zip_bytes()


def test_other_python_versions_build_the_same_bytes(tmp_path: Path) -> None:
    others = sorted({path for version in (11, 12, 13, 14) if (path := shutil.which(f"python3.{version}"))})
    expected = build_lambda.zip_bytes()
    for python in others:
        target = tmp_path / f"{Path(python).name}.zip"
        command = [python, str(ROOT / "scripts" / "build_lambda.py"), "--output", str(target)]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if "command not found" in answer.stderr:  # a version manager's stand-in for a Python that is not installed
            continue
        assert answer.returncode == 0, answer.stderr
        assert target.read_bytes() == expected, python


def test_a_changed_line_changes_the_bytes(source: Path) -> None:
    with (source / PACKAGE / "runtime" / "start.py").open("a", encoding="utf-8") as module:
        module.write("# changed\n")
    assert build_lambda.zip_bytes(source) != build_lambda.zip_bytes()


def test_caches_and_what_is_never_deployed_stay_out(source: Path) -> None:
    cache = source / PACKAGE / "runtime" / "__pycache__"
    cache.mkdir()
    (cache / "start.cpython-313.pyc").write_bytes(b"compiled")
    (source / PACKAGE / "runtime" / "notes.txt").write_text("not a module", encoding="utf-8")
    assert build_lambda.zip_bytes(source) == build_lambda.zip_bytes()


def test_the_zip_holds_the_package_with_the_deployed_rooms_sorted_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "functions.zip"
    build_lambda.build(target)
    source = ROOT / "lambda_src"
    expected = sorted(
        [
            f"{PACKAGE}/__init__.py",
            *(
                f"{PACKAGE}/{room}/{file.name}"
                for room in ("core", "insights", "runtime", "views")
                for file in (source / PACKAGE / room).glob("*.py")
            ),
        ]
    )
    with zipfile.ZipFile(target) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == expected
    assert {(entry.date_time, entry.external_attr >> 16, entry.compress_type) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), 0o100644, zipfile.ZIP_STORED)
    }


def test_terraform_names_one_handler_for_each_function() -> None:
    assert handlers_that_terraform_names() == [
        f"{PACKAGE}.runtime.start.handler",
        f"{PACKAGE}.runtime.resume.handler",
        f"{PACKAGE}.insights.widget.handler",
        f"{PACKAGE}.insights.statistics.handler",
    ]


@pytest.mark.parametrize("handler", handlers_that_terraform_names())
def test_a_handler_that_terraform_names_is_found_as_lambda_finds_it(handler: str, tmp_path: Path) -> None:
    """Unpacked into a folder of its own, in a clean process: nothing of this repository is in the way or helps."""
    task_root = tmp_path / "task"
    build_lambda.build(tmp_path / "functions.zip")
    with zipfile.ZipFile(tmp_path / "functions.zip") as archive:
        archive.extractall(task_root)
    module, function = handler.rsplit(".", 1)
    script = f"""
import importlib, sys
sys.path.insert(0, {str(task_root)!r})
assert callable(getattr(importlib.import_module({module!r}), {function!r}))
ours = [name for name in sys.modules if name.split(".")[0] == {PACKAGE!r}]
strangers = [name for name in ours if not sys.modules[name].__file__.startswith({str(task_root)!r})]
assert not strangers, strangers
"""
    environment = {
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "JOURNEYS_TABLE": "journeys",
        "START_QUEUE_URL": "http://127.0.0.1/start",
        "EVENT_QUEUE_URL": "http://127.0.0.1/event",
        "EVENT_BUS_NAME": "bus",
    }
    command = [sys.executable, "-I", "-c", script]
    answer = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr


def test_check_says_whether_the_zip_is_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "build" / "functions.zip"
    arguments = ["--check", "--output", str(target)]
    assert build_lambda.main(arguments) == 1
    assert capsys.readouterr().err == f"{target} is not there; build it with: python3 scripts/build_lambda.py\n"

    assert build_lambda.main(["--output", str(target)]) == 0
    line = capsys.readouterr().out
    assert re.fullmatch(rf"{re.escape(str(target))}  {target.stat().st_size} bytes  sha256 [0-9a-f]{{64}}\n", line)
    assert build_lambda.main(arguments) == 0
    assert capsys.readouterr().out == line

    target.write_bytes(b"old")
    assert build_lambda.main(arguments) == 1
    assert "does not hold the source as it is now" in capsys.readouterr().err


def test_a_zip_that_is_up_to_date_is_left_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "functions.zip"
    build_lambda.build(target)
    os.utime(target, (1, 1))
    build_lambda.build(target)
    assert target.stat().st_mtime == 1
