"""Who may import whom: the runtime stands alone, and a room knows only those below it; help needs no AWS."""

import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from devtools.places import ROOT
from support.imports import PACKAGE, Import, imports_below

# What a function finds on Lambda: Python with boto3, and the Powertools layer.
ON_LAMBDA = {*sys.stdlib_module_names, "boto3", "botocore", "aws_lambda_powertools"}


# From the bottom up. Rooms of one line do not know each other.
FLOORS = (
    ("core",),
    ("runtime", "views", "recordings"),
    ("insights",),
    ("diagnostics",),
    ("model",),
    ("parse", "schema", "compile", "testgen", "replay"),
    ("validate", "trace", "evolution"),
    ("picture", "lint", "discover", "analysis"),
    ("project", "stopping", "local", "console", "report"),
    ("testing",),
    ("cli",),
    ("spark",),
)


def root_of(module: str) -> str:
    return module.partition(".")[0]


def is_within(module: str, *parts: str) -> bool:
    """Say whether *module* is the package itself, or in one of its *parts*."""
    return module == PACKAGE or any(f"{module}.".startswith(f"{PACKAGE}.{part}.") for part in parts)


def told(imports: list[Import]) -> list[str]:
    return [str(found) for found in imports]


def test_core_imports_only_itself_and_the_standard_library() -> None:
    strangers = [
        found
        for found in imports_below("core")
        if root_of(found.module) not in sys.stdlib_module_names and not is_within(found.module, "core")
    ]
    assert told(strangers) == []


def test_the_runtime_imports_only_itself_and_core_and_what_lambda_has() -> None:
    strangers = [
        found
        for found in imports_below("runtime")
        if not found.for_types
        and root_of(found.module) not in ON_LAMBDA
        and not is_within(found.module, "runtime", "core")
    ]
    assert told(strangers) == []


def test_the_runtime_knows_nothing_of_the_rest_even_for_types() -> None:
    strangers = [
        found
        for found in imports_below("runtime")
        if root_of(found.module) == PACKAGE and not is_within(found.module, "runtime", "core")
    ]
    assert told(strangers) == []


def test_views_need_nothing_but_python_and_core_so_that_a_function_can_have_them() -> None:
    strangers = [
        found
        for found in imports_below("views")
        if root_of(found.module) not in sys.stdlib_module_names and not is_within(found.module, "views", "core")
    ]
    assert told(strangers) == []


def test_insights_need_only_core_and_views_and_what_lambda_has() -> None:
    strangers = [
        found
        for found in imports_below("insights")
        if root_of(found.module) not in ON_LAMBDA and not is_within(found.module, "insights", "views", "core")
    ]
    assert told(strangers) == []


def test_every_room_has_its_floor() -> None:
    rooms = {path.name for path in (ROOT / "lambda_src" / PACKAGE).iterdir() if any(path.glob("*.py"))}
    assert {room for floor in FLOORS for room in floor} == rooms


@pytest.mark.parametrize(
    ("room", "below"), [(room, FLOORS[:number]) for number, floor in enumerate(FLOORS) for room in floor]
)
def test_a_room_knows_only_itself_and_the_floors_below_it(room: str, below: tuple[tuple[str, ...], ...]) -> None:
    known = [room, "version", *(one for floor in below for one in floor if one != "runtime")]
    strangers = [
        found
        for found in imports_below(room)
        if root_of(found.module) == PACKAGE and found.module != PACKAGE and not is_within(found.module, *known)
    ]
    assert told(strangers) == []


def test_no_file_imports_itself_by_way_of_others() -> None:
    package = ROOT / "lambda_src" / PACKAGE
    names = {
        path: ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in package.rglob("*.py")
    }
    by_line: dict[tuple[str, int], set[str]] = {}
    for found in imports_below("."):
        if not found.for_types and found.module in names.values():
            by_line.setdefault((names[found.file], found.line), set()).add(found.module)
    graph: dict[str, set[str]] = {name: set() for name in names.values()}
    for (importer, _), modules in by_line.items():
        # `from package import module` is about the module, not about what the package has in its own file.
        graph[importer] |= {one for one in modules if not any(other.startswith(f"{one}.") for other in modules)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        (
            "cli.main",
            ["boto3", "botocore", "moto", "flask", "werkzeug", "rich", "aws_lambda_powertools", "jinja2", "nh3"],
        ),
        ("runtime.start", ["moto", "flask", "ruamel", "rich", f"{PACKAGE}.model", f"{PACKAGE}.local"]),
        ("runtime.resume", ["moto", "flask", "ruamel", "rich", f"{PACKAGE}.model", f"{PACKAGE}.local"]),
        ("local.embedded", ["moto", "flask", "werkzeug"]),
    ],
)
def test_a_part_can_be_imported_where_the_packages_of_the_others_are_not_installed(
    module: str, absent: list[str]
) -> None:
    script = f"""
import sys
sys.modules.update(dict.fromkeys({absent!r}))  # an import of one of these raises ModuleNotFoundError
import {PACKAGE}.{module}
"""
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr
