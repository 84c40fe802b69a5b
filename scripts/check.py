#!/usr/bin/env python3
"""Check everything that CI checks, in one go: `make test`, or `check.py NAME...` for some of the steps.

Every step runs, also after one has failed; a step that fails shows all its output. The exit code is 0 only if every
step passed. `prepare.py tests` must have run before.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from devtools import terraform
from devtools.places import BUILD, ENVIRONMENT, ROOT
from devtools.tool import CHECKOV, ZENSICAL

_BIN = ENVIRONMENT / "bin"
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
    """Something to check: it passes if all its commands do. A *live* one shows its output while it runs."""

    name: str
    what: str
    commands: Callable[[], list[Command]]
    live: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a step: the exit code and the output of each of its commands."""

    step: Step
    done: Sequence[tuple[int, str]]

    @property
    def passed(self) -> bool:
        """Whether every command succeeded; a step without one has checked nothing, and fails."""
        return bool(self.done) and all(code == 0 for code, _ in self.done)

    @property
    def output(self) -> str:
        """All that its commands printed."""
        return "".join(output for _, output in self.done)


def steps() -> list[Step]:
    """All steps, in the order in which they run: the zip first, as Terraform's checks look for it."""
    return [
        Step("lambda", "the functions' zip builds", lambda: [Command([_BIN / "python", "scripts/build_lambda.py"])]),
        Step("lint", "Python lint", lambda: [Command([_BIN / "ruff", "check"])]),
        Step("format", "Python format", lambda: [Command([_BIN / "ruff", "format", "--check", "--diff"])]),
        Step("types", "Python types", lambda: [Command([_BIN / "mypy"])]),
        Step(
            "generated",
            "what is generated is fresh: the schema, the diagnostics' page, the examples' files, the READMEs",
            lambda: [
                Command([_BIN / "python", "scripts/generate_readmes.py", "--check"]),
                Command([_BIN / "python", "scripts/generate_schema.py", "--check"]),
                Command([_BIN / "python", "scripts/generate_diagnostics.py", "--check"]),
                Command([_BIN / "choreography", "generate", "--check", "examples"]),
            ],
        ),
        Step(
            "terraform-format",
            "Terraform format",
            lambda: [Command(["terraform", "fmt", "-check", "-diff", "-recursive"])],
        ),
        Step("terraform-validate", "every Terraform module is valid", lambda: [*_validations()]),
        Step("terraform-test", "Terraform tests", lambda: [*_terraform_tests()]),
        Step("policies", "the modules keep checkov's AWS policies", lambda: [_policies()]),
        Step("docs", "the documents' site builds, and its links lead somewhere", lambda: [_docs()]),
        Step(
            "tests",
            "Python tests",
            lambda: [_pytest("--numprocesses=auto", "--maxprocesses=8", "--ignore=tests/end_to_end")],
            live=True,
        ),
        Step("end-to-end", "end-to-end test, alone on this machine", lambda: [_pytest("tests/end_to_end")], live=True),
    ]


def main() -> int:
    """Run the steps named on the command line, or all; return the exit code."""
    known = steps()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(step.name for step in known))
    names = parser.parse_args().names
    if unknown := set(names) - {step.name for step in known}:
        parser.error(f"no step is named {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in known)}")
    results = [_run(step) for step in known if not names or step.name in names]
    _close(results)
    return 0 if all(result.passed for result in results) else 1


def _run(step: Step) -> Result:
    print(f"{step.what} ({step.name}) ...", end="\n" if step.live else " ", flush=True)
    began = time.monotonic()
    commands = step.commands()
    # Two at a time: most of these wait for a provider to start.
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(_run_live if step.live else _run_quietly, commands))
    result = Result(step, done)
    verdict = "passed" if result.passed else "FAILED"
    print(f"{f'{step.what}: ' if step.live else ''}{verdict} in {time.monotonic() - began:.1f} s", flush=True)
    if not result.passed and not step.live:
        print("".join(output for code, output in result.done if code), flush=True)
    return result


def _run_quietly(command: Command) -> tuple[int, str]:
    process = _start(command)
    output, _ = process.communicate()
    words = " ".join(str(word) for word in command.words)
    return process.returncode, f"$ {words}    (in {command.folder})\n{output}"


def _run_live(command: Command) -> tuple[int, str]:
    lines = []
    process = _start(command)
    for line in process.stdout or ():
        print(f"    {line}", end="", flush=True)
        lines.append(line)
    return process.wait(), "".join(lines)


def _start(command: Command) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command.words,
        cwd=command.folder,
        env=terraform.environment() | command.settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def _validations() -> Iterator[Command]:
    for folder in _terraform_folders():
        # One flat folder each: inside the root's, `modules` is Terraform's own, and it clears that.
        data = BUILD / "terraform" / "data" / ("-".join(folder.relative_to(ROOT).parts) or "root")
        # A warning fails as well: it is how the provider says that something is deprecated.
        script = (
            "terraform init -backend=false -no-color >/dev/null && "
            "terraform validate -no-color | tee /dev/stderr | grep -qx 'Success! The configuration is valid.'"
        )
        yield Command(["sh", "-c", script], folder=folder, settings={"TF_DATA_DIR": str(data)})


def _terraform_folders() -> list[Path]:
    """The root module, every module and every example."""
    candidates = [
        ROOT,
        *sorted(ROOT.glob("modules/*")),
        *sorted(ROOT.glob("examples/*")),
        *sorted(ROOT.glob("examples/*/*")),
    ]
    return [folder for folder in candidates if any(folder.glob("*.tf"))]


def _terraform_tests() -> Iterator[Command]:
    where = "-test-directory=tests/terraform"
    script = f"terraform init -backend=false -no-color {where} >/dev/null && terraform test -no-color {where}"
    yield Command(["sh", "-c", script], settings={"TF_DATA_DIR": str(BUILD / "terraform" / "data" / "tests")})


def _policies() -> Command:
    """A policy that a module does not keep is named there, with the reason: `#checkov:skip=ID:reason`."""
    if not CHECKOV.is_installed():
        return Command(["echo", "SKIPPED [1] policies checkov cannot be installed here"])
    # Nothing is fetched: its policies are in the package, and --skip-download leaves out its vendor's guidelines.
    options = ["--framework", "terraform", "--skip-download", "--compact", "--quiet"]
    return Command([CHECKOV.command, "--directory", "modules", *options])


def _docs() -> Command:
    if not ZENSICAL.is_installed():
        return Command(["echo", "SKIPPED [1] docs zensical cannot be installed here"])
    return Command([_BIN / "python", "scripts/build_docs.py"])


def _pytest(*arguments: str) -> Command:
    return Command([_BIN / "python", "-m", "pytest", "--no-header", *arguments])


def _close(results: Sequence[Result]) -> None:
    """Print what the whole run comes to: steps, what was skipped, and the test runners' own last lines."""
    print("\nsteps:")
    for result in results:
        print(f"  {'passed' if result.passed else 'FAILED'}  {result.step.name}")
    skipped = [found for result in results for found in _SKIPPED.findall(result.output)]
    if skipped:
        print("skipped:")
        for reason in sorted({reason for _, reason in skipped}):
            print(f"  {sum(int(count) for count, other in skipped if other == reason)} tests: {reason}")
    for result in results:
        for line in _CLOSING_LINES.findall(result.output):
            print(line)


if __name__ == "__main__":
    sys.exit(main())
