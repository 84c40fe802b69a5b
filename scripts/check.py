#!/usr/bin/env python3
"""Check everything that CI checks, in one go: `make test`, or `check.py NAME...` for some of the steps.

Every step runs, also after one has failed; a step that fails shows all its output. The exit code is 0 only if every
step passed. `prepare.py tests` must have run before.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from devtools import terraform
from devtools.environments import BOTO3S, CHECKOV, SPARK, ZENSICAL, Environment
from devtools.places import BUILD, ENVIRONMENT, ROOT

_BIN = ENVIRONMENT / "bin"
_PYTHON = _BIN / "python"
_PYTEST = (_PYTHON, "-m", "pytest", "--no-header")
_SPARK_TESTS = "tests/spark"
_TERRAFORM_DATA = BUILD / "terraform" / "data"
_CLOSING_LINES = re.compile(
    r"^(?:=+ .*\b(?:passed|failed|errors?)\b.* =+|(?:Success|Failure)! \d+ passed.*)$", re.MULTILINE
)
_SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] [^ ]+ (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, the folder it runs in, and what it has in its environment besides Terraform's settings."""

    words: Sequence[str | Path]
    folder: Path = ROOT
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to check: it passes if all its commands do. A *live* one shows its output while it runs.

    One that runs *beside* the others begins when its turn comes, and is told of when the others are done. All that are
    *attached* share one Terraform provider.
    """

    name: str
    what: str
    commands: Sequence[Command]
    live: bool = False
    beside: bool = False
    attached: bool = False


class Ended(NamedTuple):
    """How a command ended: its exit code, all that it printed, and the CPU seconds that it and its children took."""

    code: int
    output: str
    cpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a step: what each of its commands ended with, and the seconds that all took together."""

    step: Step
    done: Sequence[Ended]
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether every command succeeded; a step without one has checked nothing, and fails."""
        return bool(self.done) and all(one.code == 0 for one in self.done)

    @property
    def took(self) -> str:
        """How long it took, and how much of the machine."""
        return f"{self.seconds:.1f} s ({sum(one.cpu_seconds for one in self.done):.1f} s of CPU)"


def steps() -> list[Step]:
    """All steps, in the order in which they begin: the zip first, as Terraform's checks look for it."""
    end_to_end = "tests/end_to_end"
    return [
        _step("lambda", "the functions' zip builds", [_PYTHON, "scripts/build_lambda.py"]),
        # The longest two. One waits for the provider, which waits for queues, for most of its time.
        _step("end-to-end", "end-to-end tests, beside all that follows", [*_PYTEST, end_to_end], beside=True),
        _step(
            "tests",
            "Python tests, beside all that follows",
            # File by file, since the tests of a file share what takes long to make; tests/conftest.py orders them.
            [*_PYTEST, *_beside_each_other(), f"--ignore={end_to_end}", f"--ignore={_SPARK_TESTS}"],
            live=True,
            beside=True,
            attached=True,
        ),
        _step("lint", "Python lint", [_BIN / "ruff", "check"]),
        _step("format", "Python format", [_BIN / "ruff", "format", "--check", "--diff"]),
        _step("types", "Python types", [_BIN / "mypy"]),
        _step(
            "generated",
            "what is generated is fresh: the schema, the diagnostics' page, the examples' files, the READMEs",
            [_PYTHON, "scripts/generate.py", "--check"],
            [_BIN / "choreography", "generate", "--check", "examples"],
            attached=True,
        ),
        _step("terraform-format", "Terraform format", ["terraform", "fmt", "-check", "-diff", "-recursive"]),
        _step(
            "terraform-validate",
            "every Terraform module is valid",
            [_PYTHON, "scripts/validate_modules.py"],
            attached=True,
        ),
        Step("terraform-test", "Terraform tests", [*_terraform_tests()], attached=True),
        Step("policies", "the modules keep checkov's AWS policies", [_policies()]),
        Step("docs", "the documents' site builds, and its links lead somewhere", [_docs()]),
        Step("clients", "the functions' clients, with Lambda's first boto3 and the newest", [*_clients()]),
        Step("spark", "the job on Spark", [_spark()]),
    ]


def main() -> int:
    """Run the steps named on the command line, or all; return the exit code."""
    known = steps()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(step.name for step in known))
    names = parser.parse_args().names
    if unknown := set(names) - {step.name for step in known}:
        parser.error(f"no step is named {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in known)}")
    results = _run([step for step in known if not names or step.name in names])
    _close(results)
    return 0 if all(result.passed for result in results) else 1


def _run(steps: Sequence[Step]) -> list[Result]:
    """Run the steps one after the other, but those beside them at the same time; say what came of each."""
    beside, results = [], []
    with _attachment(steps) as attachment, ThreadPoolExecutor(max_workers=len(steps) or 1) as pool:
        for step in steps:
            print(f"{step.what} ({step.name}) ...", flush=True)
            if step.beside:
                beside.append(pool.submit(_result, step, attachment))
            else:
                results.append(_told(_result(step, attachment)))
        return results + [_told(one.result()) for one in beside]


def _attachment(steps: Sequence[Step]) -> AbstractContextManager[dict[str, str]]:
    return terraform.shared_provider() if any(step.attached for step in steps) else nullcontext({})


def _result(step: Step, attachment: Mapping[str, str]) -> Result:
    began = time.monotonic()
    settings = {**_environment(), **(attachment if step.attached else {})}
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(lambda command: _output(command, settings, live=step.live), step.commands))
    return Result(step, done, time.monotonic() - began)


def _told(result: Result) -> Result:
    step, verdict = result.step, "passed" if result.passed else "FAILED"
    print(f"{step.what}: {verdict} in {result.took}", flush=True)
    if not result.passed and not step.live:
        for command, ended in zip(step.commands, result.done, strict=True):
            if ended.code:
                print(f"$ {' '.join(map(str, command.words))}    (in {command.folder})\n{ended.output}", flush=True)
    return result


def _environment() -> dict[str, str]:
    """Python's compiled modules are kept, whatever the shell says: hundreds of processes would compile them anew."""
    return {name: text for name, text in terraform.environment().items() if name != "PYTHONDONTWRITEBYTECODE"}


def _output(command: Command, settings: Mapping[str, str], *, live: bool) -> Ended:
    with subprocess.Popen(
        command.words,
        cwd=command.folder,
        env={**settings, **command.settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        lines = []
        for line in process.stdout or ():
            if live:
                print(f"    {line}", end="", flush=True)
            lines.append(line)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(process.returncode, "".join(lines), used.ru_utime + used.ru_stime)


def _step(name: str, what: str, *commands: Sequence[str | Path], **how: bool) -> Step:
    return Step(name, what, [Command(words) for words in commands], **how)


def _terraform_tests() -> Iterator[Command]:
    """Two commands, which run side by side: the files are dealt out so that both take about as long."""
    parts: list[list[Path]] = [[], []]
    for file in sorted((ROOT / "tests" / "terraform").glob("*.tftest.hcl"), key=_size, reverse=True):
        min(parts, key=lambda part: sum(map(_size, part))).append(file)
    where = "-test-directory=tests/terraform"
    for number, part in enumerate(parts):
        filters = " ".join(f"-filter={file.relative_to(ROOT)}" for file in part)
        init = f"terraform init -backend=false -no-color {where} >/dev/null"
        script = f"{init} && terraform test -no-color {where} {filters}"
        yield Command(["sh", "-c", script], settings={"TF_DATA_DIR": str(_TERRAFORM_DATA / f"tests-{number}")})


def _size(file: Path) -> int:
    return file.stat().st_size


def _policies() -> Command:
    """A policy that a module does not keep is named there, with the reason: `#checkov:skip=ID:reason`."""
    # Nothing is fetched: its policies are in the package, and --skip-download leaves out its vendor's guidelines.
    options = ["--framework", "terraform", "--skip-download", "--compact", "--quiet"]
    return _with(CHECKOV, Command([CHECKOV.command, "--directory", "modules", *options]))


def _docs() -> Command:
    return _with(ZENSICAL, Command([_PYTHON, "scripts/build_docs.py"]))


def _clients() -> Iterator[Command]:
    """What else the tests need they have from `.venv`. An old boto3 may use what Python has deprecated since."""
    words: list[str | Path] = [*_PYTEST, "--quiet", "-W", "ignore::DeprecationWarning", "tests/runtime/test_clients.py"]
    for boto3 in BOTO3S:
        path = f"{boto3.site_packages}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(os.pathsep)
        yield _with(boto3, Command(words, settings={"PYTHONPATH": path}))


def _spark() -> Command:
    """Only who has asked for Spark has it, by `make test-spark`."""
    if not SPARK.is_installed():
        return _skip("spark", "Spark (make test-spark installs it)")
    if shutil.which("java") is None:
        return _skip("spark", "Spark needs Java 17, which is not on the PATH")
    path = f"{SPARK.site_packages}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(os.pathsep)
    return Command([*_PYTEST, _SPARK_TESTS], settings={"PYTHONPATH": path})


def _skip(name: str, why: str) -> Command:
    return Command(["echo", f"SKIPPED [1] {name} {why}"])


def _with(environment: Environment, command: Command) -> Command:
    """The command, or where the environment could not be installed one that says so."""
    if environment.is_installed():
        return command
    return _skip(environment.name, f"{environment.name} cannot be installed here")


def _beside_each_other() -> list[str]:
    """One worker more than there are cores: some tests wait for Terraform, or for servers that start."""
    workers = min(8, (os.cpu_count() or 1) + 1)
    return [f"--numprocesses={workers}", "--dist=loadfile", "--no-loadscope-reorder"]


def _close(results: Sequence[Result]) -> None:
    """Print what the whole run comes to: steps, what was skipped, and the test runners' own last lines."""
    print("\nsteps:")
    for result in results:
        print(f"  {'passed' if result.passed else 'FAILED'}  {result.step.name} in {result.took}")
    output = "".join(one.output for result in results for one in result.done)
    skipped = _SKIPPED.findall(output)
    if skipped:
        print("skipped:")
        for reason in sorted({reason for _, reason in skipped}):
            print(f"  {sum(int(count) for count, other in skipped if other == reason)} tests: {reason}")
    for line in _CLOSING_LINES.findall(output):
        print(line)


if __name__ == "__main__":
    sys.exit(main())
