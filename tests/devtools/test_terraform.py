"""How set-up finds Terraform's provider, and what it keeps from Terraform."""

import os
import shlex
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
    theirs = {"PATH": "somewhere", "TF_VAR_region": "x", "TF_WORKSPACE": "prod", "TF_REATTACH_PROVIDERS": "{}"}

    assert terraform.environment(theirs) == {
        "GOGC": "400",
        "PATH": "somewhere",
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(terraform._CONFIGURATION),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the provider's program; it is given its script by the test."""
    folder = tmp_path / terraform._package()
    folder.mkdir(parents=True)
    monkeypatch.setattr(terraform, "_PROVIDERS", tmp_path)
    program = folder / "terraform-provider-aws_v5"
    program.touch(mode=0o755)
    return program


def test_terraform_is_attached_to_one_provider_until_the_block_ends(provider: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    told = 'Provider started.\n\n\tTF_REATTACH_PROVIDERS=\'{"given": "%s"}\'\n'
    provider.write_text(f"#!/bin/sh\necho $$ > {pid}\nprintf {shlex.quote(told)} $1\nexec sleep 300\n")
    with terraform.shared_provider() as setting:
        assert setting == {"TF_REATTACH_PROVIDERS": '{"given": "-debug"}'}
        assert terraform.environment(setting, attached=True).items() >= setting.items()
        os.kill(int(pid.read_text()), 0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_provider_of_one_root_module_runs_in_its_folder_with_its_settings(provider: Path, tmp_path: Path) -> None:
    folder = tmp_path / "module"
    folder.mkdir()
    provider.write_text("#!/bin/sh\necho \"TF_REATTACH_PROVIDERS='$PWD $AWS_ENDPOINT_URL'\"\nexec sleep 300\n")
    settings = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    with terraform.shared_provider(settings, folder) as setting:
        assert setting == {"TF_REATTACH_PROVIDERS": f"{folder} http://127.0.0.1:1"}


def test_terraform_starts_its_own_provider_where_none_can_be_shared(provider: Path) -> None:
    provider.write_text("#!/bin/sh\nexit 1\n")
    with terraform.shared_provider() as setting:
        assert setting == {}
