"""Validating all modules at once: that it takes them all."""

import subprocess

import validate_modules
from devtools.places import ROOT


def test_every_module_that_is_for_users_is_taken_and_given_what_it_must_be_given() -> None:
    tracked = subprocess.check_output(["git", "ls-files", "*.tf"], cwd=ROOT, text=True).splitlines()
    expected = {(ROOT / file).parent for file in tracked if not file.startswith("tests/")}
    calls = validate_modules.root_of(validate_modules.modules())["module"].values()
    assert {(validate_modules.FOLDER / call["source"]).resolve() for call in calls} == expected
    assert {name for call in calls for name in call} == {"source", "name_prefix", "insights", "choreographies"}
