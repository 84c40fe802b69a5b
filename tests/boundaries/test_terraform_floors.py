"""Every Terraform module promises the same floors: those that set-up holds Terraform and its provider to."""

import re
from pathlib import Path

import pytest

from workshop.places import ROOT
from workshop.terraform import MINIMUM, PROVIDER_VERSION

FOLDERS = sorted(
    file.parent for pattern in ("*.tf", "modules/*/*.tf", "examples/*/*.tf") for file in ROOT.glob(pattern)
)


@pytest.mark.parametrize("folder", sorted(set(FOLDERS)), ids=lambda folder: folder.name)
def test_a_module_asks_for_the_floors_that_set_up_knows_and_for_no_other_provider(folder: Path) -> None:
    versions = (folder / "versions.tf").read_text(encoding="utf-8")
    floor = PROVIDER_VERSION.removesuffix(".0")
    assert re.findall(r'required_version\s*=\s*"([^"]*)"', versions) == [f">= {'.'.join(map(str, MINIMUM))}"]
    assert re.findall(r'source\s*=\s*"([^"]*)"\s*version\s*=\s*"([^"]*)"', versions) == [
        ("hashicorp/aws", f">= {floor}")
    ]


@pytest.mark.parametrize("folder", [folder for folder in sorted(set(FOLDERS)) if folder.parent != ROOT / "examples"])
def test_a_module_declares_no_provider_configuration_as_its_caller_does(folder: Path) -> None:
    declared = [
        file.name for file in folder.glob("*.tf") if re.search(r'^provider\s+"', file.read_text("utf-8"), re.MULTILINE)
    ]
    assert declared == []
