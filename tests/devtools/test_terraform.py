"""How set-up finds Terraform's provider, and what it keeps from Terraform."""

from pathlib import Path

import pytest

from devtools import terraform


def test_the_provider_is_found_in_the_mirror_that_terraform_itself_implies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = tmp_path / ".local" / "share" / "terraform" / "plugins"
    (mirror / terraform._package()).mkdir(parents=True)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("TF_PLUGIN_CACHE_DIR", raising=False)

    assert next(terraform._mirrors()) == mirror


@pytest.mark.parametrize("below", ["", "terraform-plugins", "vendor/terraform"])
def test_the_provider_is_found_up_to_two_folders_deep_in_a_software_folder(
    below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / below / terraform._package()).mkdir(parents=True)
    monkeypatch.setattr(terraform, "_implied_mirrors", list)
    monkeypatch.setattr(terraform, "_SOFTWARE_FOLDERS", [tmp_path])

    assert list(terraform._mirrors()) == [tmp_path / below]


def test_a_mirror_without_the_pinned_version_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, right = tmp_path / "a", tmp_path / "b"
    (other / terraform.PROVIDER / "4.0.0" / terraform._package().name).mkdir(parents=True)
    (right / terraform._package()).mkdir(parents=True)
    monkeypatch.setattr(terraform, "_mirrors", lambda: iter([other, right]))
    monkeypatch.setattr(terraform, "_PROVIDERS", tmp_path / "ours")

    terraform._have_provider()

    assert (tmp_path / "ours" / terraform._package()).resolve() == right / terraform._package()


def test_terraform_hears_nothing_of_the_users_own_settings() -> None:
    theirs = {"PATH": "somewhere", "TF_VAR_region": "x", "TF_WORKSPACE": "prod", "TF_CLI_ARGS_plan": "-destroy"}

    assert terraform.environment(theirs) == {
        "PATH": "somewhere",
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(terraform._CONFIGURATION),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }
