"""Terraform with the AWS provider at hand: the same pinned version for the demo, the tests and CI, fetched once.

The provider is looked for in the usual software folders first, for machines that cannot reach the Terraform
registry; otherwise it is fetched from there, once per clone. After that nothing is fetched any more, and
`terraform init` takes a second.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devtools.console import SetupError, run, step
from devtools.places import BUILD, ROOT

MINIMUM = (1, 9)
PROVIDER = Path("registry.terraform.io", "hashicorp", "aws")
PROVIDER_VERSION = "5.100.0"  # the floor that the modules promise

_PROVIDERS = BUILD / "terraform" / "providers"
_CONFIGURATION = BUILD / "terraform" / "terraform.rc"
#: Where administrators put software that no package brought.
_SOFTWARE_FOLDERS = [
    Path("/", name) for name in ("opt", "srv", "usr/local/lib", "usr/local/share", "usr/lib", "usr/share", "var/lib")
]
_OURS = ("TF_CLI_ARGS", "TF_CLI_CONFIG_FILE", "TF_DATA_DIR", "TF_LOG", "TF_PLUGIN_CACHE_DIR", "TF_VAR_", "TF_WORKSPACE")
#: https://developer.hashicorp.com/terraform/plugin/debugging#running-terraform-with-a-provider-in-debug-mode
_ATTACH = "TF_REATTACH_PROVIDERS"
#: Go collects its garbage less often: 80 MB more for each provider, a quarter less of the CPU that Terraform takes.
_COLLECTOR = {"GOGC": "400"}


def ensure() -> None:
    """Have Terraform's provider ready under `build/`, and the configuration file that points Terraform there."""
    _check_version()
    if not (_PROVIDERS / _package()).exists():
        _have_provider()
    _CONFIGURATION.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{_PROVIDERS.as_posix()}"\n  }}\n}}\n',
        encoding="utf-8",
    )


@contextmanager
def shared_provider(settings: Mapping[str, str] = os.environ, folder: Path = ROOT) -> Iterator[dict[str, str]]:
    """Run the provider for the length of a block; yield the setting that attaches Terraform to it.

    To start it takes seconds, and Terraform starts it several times for every plan: one that runs serves all of them.
    It keeps one configuration, so it is only for commands that give it none (`validate`, and `test` with a mocked
    provider), and for those of one root module: then *settings* are its environment, and *folder*, where Terraform
    runs, is where it finds files. Where it does not start nothing is set, and Terraform starts its own.
    """
    program = next((_PROVIDERS / _package()).glob("terraform-provider-aws_*"))
    # The shell ends it with its own input: with the block, and with this process, whatever happens.
    script = '"$0" -debug 2>/dev/null & exec >/dev/null; cat; kill $!; wait'
    with (
        tempfile.TemporaryDirectory() as sockets,
        subprocess.Popen(
            ["sh", "-c", script, program],
            cwd=folder,
            env={**_COLLECTOR, **settings, "TMPDIR": sockets},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as provider,
    ):
        told = (re.search(f"{_ATTACH}='(.*)'", line) for line in provider.stdout or ())
        found = next(filter(None, told), None)
        yield {_ATTACH: found[1]} if found else {}


def environment(base: Mapping[str, str] = os.environ, *, attached: bool = False) -> dict[str, str]:
    """Return *base* for running Terraform: only the provider made ready by `ensure`, no prompts, no calls home.

    What the user's own shell says to Terraform (variables, workspace, arguments) is left out. *attached* keeps the
    setting of `shared_provider`, if there is one.
    """
    ours = _OURS if attached else (*_OURS, _ATTACH)
    kept = {name: value for name, value in base.items() if not name.startswith(ours)}
    return {
        **_COLLECTOR,
        **kept,
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(_CONFIGURATION),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }


def _check_version() -> None:
    wanted = ".".join(str(number) for number in MINIMUM)
    if shutil.which("terraform") is None:
        raise SetupError(
            f"Terraform is not on the PATH; {wanted} or later is needed: "
            "https://developer.hashicorp.com/terraform/install"
        )
    answer = subprocess.run(
        ["terraform", "version", "-json"], env=_without_broken_configuration(), capture_output=True, check=True
    )
    found = json.loads(answer.stdout)["terraform_version"]
    if tuple(int(number) for number in found.split(".")[:2]) < MINIMUM:
        raise SetupError(f"Terraform on the PATH is {found}; {wanted} or later is needed.")


def _have_provider() -> None:
    target = _PROVIDERS / _package()
    target.parent.mkdir(parents=True, exist_ok=True)
    found = next((mirror / _package() for mirror in _mirrors() if (mirror / _package()).is_dir()), None)
    if found:
        print(f"Terraform's AWS provider {PROVIDER_VERSION}: the one in {found}", flush=True)
        target.unlink(missing_ok=True)  # a link whose end has gone
        target.symlink_to(found, target_is_directory=True)
        return
    with step(f"Fetching Terraform's AWS provider {PROVIDER_VERSION} from the Terraform registry (once; about 150 MB)"):
        try:
            _fetch()
        except SetupError as error:
            raise SetupError(
                f"{error}\nWhere the Terraform registry cannot be reached, unpack the provider into "
                f"{Path.home() / '.terraform.d' / 'plugins' / _package()} and try again."
            ) from error


def _fetch() -> None:
    """Let `terraform init` fill the folder: a plugin cache has the layout of a filesystem mirror."""
    wanted = {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}}}
    environment = _without_broken_configuration() | {
        "CHECKPOINT_DISABLE": "1",
        "TF_PLUGIN_CACHE_DIR": str(_PROVIDERS),
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "versions.tf.json").write_text(json.dumps(wanted), encoding="utf-8")
        run(["terraform", "init", "-input=false", "-no-color"], cwd=Path(folder), env=environment)


def _without_broken_configuration() -> dict[str, str]:
    """The user's environment; a TF_CLI_CONFIG_FILE that names no file only makes Terraform complain."""
    file = os.environ.get("TF_CLI_CONFIG_FILE")
    return {
        name: value
        for name, value in os.environ.items()
        if name != "TF_CLI_CONFIG_FILE" or (file and Path(file).is_file())
    }


def _mirrors() -> Iterator[Path]:
    """Yield the folders that hold providers for `registry.terraform.io`, Terraform's own implied ones first."""
    yield from (folder for folder in _implied_mirrors() if (folder / PROVIDER).is_dir())
    for folder in _SOFTWARE_FOLDERS:
        for depth in ("", "*", "*/*"):
            yield from sorted(found.parents[2] for found in _glob(folder, str(Path(depth) / PROVIDER)))


def _implied_mirrors() -> list[Path]:
    """Return the user's plugin cache and Terraform's implied local mirrors.

    https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    """
    home, ask = Path.home(), os.environ.get
    data = [ask("XDG_DATA_HOME") or home / ".local" / "share"]
    data += (ask("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    return [
        *([Path(cache)] if (cache := ask("TF_PLUGIN_CACHE_DIR")) else []),
        home / ".terraform.d" / "plugins",
        home / ".terraform.d" / "plugin-cache",
        home / "Library" / "Application Support" / "io.terraform" / "plugins",
        *(Path(folder) / "terraform" / "plugins" for folder in data),
    ]


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:  # a folder that this user may not read holds nothing for this user
        return []


def _package() -> Path:
    """The provider's folder for this machine, below a mirror."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return PROVIDER / PROVIDER_VERSION / f"{platform.system().lower()}_{architecture}"
