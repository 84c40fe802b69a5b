"""Who may import whom: the runtime stands alone, authoring needs no AWS, nothing deployed knows the embedded AWS."""

import subprocess
import sys

import pytest

from support.imports import PACKAGE, Import, imports_below

# What a function finds on Lambda: Python with boto3, and the Powertools layer.
ON_LAMBDA = {*sys.stdlib_module_names, "boto3", "botocore", "aws_lambda_powertools"}


def root_of(module: str) -> str:
    return module.partition(".")[0]


def is_within(module: str, *parts: str) -> bool:
    """Say whether *module* is the package itself, or in one of its *parts*."""
    return module == PACKAGE or any(f"{module}.".startswith(f"{PACKAGE}.{part}.") for part in parts)


def told(imports: list[Import]) -> list[str]:
    return [str(found) for found in imports]


def test_the_runtime_imports_only_itself_and_what_lambda_has() -> None:
    strangers = [
        found
        for found in imports_below("runtime")
        if not found.for_types and root_of(found.module) not in ON_LAMBDA and not is_within(found.module, "runtime")
    ]
    assert told(strangers) == []


def test_the_runtime_knows_nothing_of_authoring_and_the_embedded_aws_even_for_types() -> None:
    strangers = [
        found
        for found in imports_below("runtime")
        if root_of(found.module) == PACKAGE and not is_within(found.module, "runtime")
    ]
    assert told(strangers) == []


def test_authoring_shares_no_code_with_the_runtime() -> None:
    strangers = [found for found in imports_below("authoring") if is_within(found.module, "runtime")]
    assert told([found for found in strangers if found.module != PACKAGE]) == []


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("authoring.cli", ["boto3", "botocore", "moto", "flask", "werkzeug", "rich", "aws_lambda_powertools"]),
        ("runtime.start", ["moto", "flask", "ruamel", "rich", f"{PACKAGE}.authoring", f"{PACKAGE}.local"]),
        ("runtime.resume", ["moto", "flask", "ruamel", "rich", f"{PACKAGE}.authoring", f"{PACKAGE}.local"]),
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
