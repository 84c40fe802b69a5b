"""The one command that checks everything: what it makes of the steps' outcomes."""

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import check
from devtools.environments import CHECKOV, Environment
from devtools.places import ROOT

PYTEST = """\
SKIPPED [2] tests/a/test_a.py:6: java is not on the PATH
SKIPPED [1] tests/b/test_b.py:9: java is not on the PATH
================= 12 passed, 3 skipped in 2.61s =================
"""
TERRAFORM = """\
tests/terraform/queue.tftest.hcl... pass

Success! 34 passed, 0 failed.
"""


def step(*scripts: str) -> check.Step:
    commands = [check.Command([sys.executable, "-c", script]) for script in scripts]
    return check.Step("sample", "a sample", commands)


def outcome(output: str) -> check.Result:
    return check.Result(step(), [check.Ended(0, output, 2.5)], 1.25)


@pytest.mark.parametrize(
    ("scripts", "passes"),
    [(["pass", "pass"], True), (["pass", "raise SystemExit(3)"], False), ([], False)],
)
def test_a_step_passes_only_if_it_has_commands_and_all_of_them_succeed(scripts: Sequence[str], passes: bool) -> None:
    (result,) = check._run([step(*scripts)])
    assert result.passed is passes


def test_a_step_tells_the_cpu_time_of_its_commands_and_their_children() -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    (result,) = check._run([step(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])", "pass")])
    assert sum(one.cpu_seconds for one in result.done) >= 0.2


def test_a_step_keeps_compiled_modules_whatever_the_shell_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (result,) = check._run([step("import sys; raise SystemExit(sys.dont_write_bytecode)")])
    assert result.passed


def test_a_failed_step_shows_what_its_failed_commands_printed_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    check._run([step("print('all is well')", "print('queue is gone'); raise SystemExit(1)")])

    shown = capsys.readouterr().out
    assert ("FAILED" in shown, "queue is gone" in shown, "all is well" in shown) == (True, True, False)


def test_a_step_beside_the_others_runs_while_they_do_and_is_told_of_when_they_are_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def meets(own: str, other: str) -> str:
        """Of two that each wait for the other neither ends before the other has begun."""
        files = f"own, other = (pathlib.Path({str(tmp_path)!r}) / name for name in ({own!r}, {other!r}))"
        return f"import pathlib, time; {files}; own.touch()\nwhile not other.exists(): time.sleep(0.01)"

    beside, after = replace(step(meets("one", "two")), name="beside", beside=True), step(meets("two", "one"))
    assert [(result.step, result.passed) for result in check._run([beside, after])] == [(after, True), (beside, True)]
    told = [line.split(" in ")[0] for line in capsys.readouterr().out.splitlines()]
    assert told == ["a sample (beside) ...", "a sample (sample) ...", "a sample: passed", "a sample: passed"]


def test_the_end_names_what_was_skipped_and_repeats_the_runners_closing_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check._close([outcome(TERRAFORM), outcome(PYTEST)])

    assert capsys.readouterr().out.splitlines() == [
        "",
        "steps:",
        "  passed  sample in 1.2 s (2.5 s of CPU)",
        "  passed  sample in 1.2 s (2.5 s of CPU)",
        "skipped:",
        "  3 tests: java is not on the PATH",
        "Success! 34 passed, 0 failed.",
        "================= 12 passed, 3 skipped in 2.61s =================",
    ]


@pytest.mark.parametrize(
    ("name", "environments"),
    [("policies", ["checkov"]), ("docs", ["zensical"]), ("clients", ["boto3-newest", "boto3-oldest"])],
)
def test_what_needs_an_environment_that_is_not_there_is_skipped_in_one_line(
    name: str, environments: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Environment, "is_installed", lambda _: False)
    (found,) = (step for step in check.steps() if step.name == name)
    check._close(check._run([found]))

    assert capsys.readouterr().out.partition("skipped:\n")[2].splitlines() == [
        *(f"  1 tests: {environment} cannot be installed here" for environment in environments),
    ]


@pytest.mark.parametrize(
    ("is_installed", "java", "said"),
    [
        (False, "/usr/bin/java", "Spark (make test-spark installs it)"),
        (True, None, "Spark needs Java 17, which is not on the PATH"),
    ],
)
def test_spark_is_skipped_where_nobody_has_asked_for_it_or_java_lacks(
    is_installed: bool, java: str | None, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Environment, "is_installed", lambda _: is_installed)
    monkeypatch.setattr("shutil.which", lambda _: java)
    (found,) = (step for step in check.steps() if step.name == "spark")
    check._close(check._run([found]))
    assert capsys.readouterr().out.partition("skipped:\n")[2].splitlines() == [f"  1 tests: {said}"]


def test_the_policies_are_checked_without_fetching_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Environment, "is_installed", lambda _: True)
    command = check._policies()
    assert command.words[0] == CHECKOV.command
    assert "--skip-download" in command.words
    assert not {"--soft-fail", "--skip-check", "--check"} & set(command.words)


def test_the_clients_are_tested_with_the_packages_of_each_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Environment, "is_installed", lambda _: True)
    environments = [Environment(tmp_path / name, tmp_path, "") for name in ("old", "new")]
    monkeypatch.setattr(check, "BOTO3S", environments)
    for environment in environments:
        (environment.site_packages / "botocore").mkdir(parents=True)
        (environment.site_packages / "botocore" / "__init__.py").touch()
    for environment, command in zip(environments, check._clients(), strict=True):
        python, *words = command.words
        assert words[-1] == "tests/runtime/test_clients.py"
        found = subprocess.check_output(
            [python, "-c", "import botocore; print(botocore.__file__)"], env=command.settings, text=True
        )
        assert Path(found.strip()).is_relative_to(environment.folder)


def test_every_terraform_test_runs_in_one_of_two_commands_and_neither_has_all() -> None:
    filters = [re.findall(r"-filter=(\S+)", str(command.words[-1])) for command in check._terraform_tests()]
    assert len(filters) == 2
    assert all(filters)
    files = [f"tests/terraform/{file.name}" for file in (ROOT / "tests" / "terraform").glob("*.tftest.hcl")]
    assert sorted(file for part in filters for file in part) == sorted(files)
