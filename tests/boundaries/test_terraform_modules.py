"""What every Terraform module of this repository has in common."""

import re
from pathlib import Path

import pytest

from workshop.places import ROOT
from workshop.terraform import MINIMUM, PROVIDER_VERSION

MODULES = [ROOT, *sorted(folder for folder in ROOT.glob("modules/*") if any(folder.glob("*.tf")))]
EXAMPLES = sorted(folder for folder in ROOT.glob("examples/*") if any(folder.glob("*.tf")))


def name(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", [*MODULES, *EXAMPLES], ids=name)
def test_a_module_asks_for_the_floors_that_set_up_knows_and_for_no_other_provider(folder: Path) -> None:
    versions = (folder / "versions.tf").read_text(encoding="utf-8")
    floor = PROVIDER_VERSION.removesuffix(".0")
    assert re.findall(r'required_version\s*=\s*"([^"]*)"', versions) == [f">= {'.'.join(map(str, MINIMUM))}"]
    assert re.findall(r'source\s*=\s*"([^"]*)"', versions) == ["hashicorp/aws"]
    assert re.findall(r'\bversion\s*=\s*"([^"]*)"', versions) == [f">= {floor}"]


@pytest.mark.parametrize("folder", MODULES, ids=name)
def test_a_module_leaves_the_configuration_of_providers_to_its_caller(folder: Path) -> None:
    provider = re.compile(r'^provider\s+"', re.MULTILINE)
    assert [file.name for file in folder.glob("*.tf") if provider.search(file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("folder", [*MODULES[1:], *EXAMPLES], ids=name)
def test_some_run_of_terraform_test_applies_or_plans_each_module_and_example(folder: Path) -> None:
    runs = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "terraform").glob("*.tftest.hcl"))
    assert re.search(rf'source\s*=\s*"\./{re.escape(name(folder))}"', runs)
