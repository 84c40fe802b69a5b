"""What `choreography generate` writes and what modules/choreography asks of it, held against each other."""

from pathlib import Path

import pytest

from choreography_insights.cli import main as cli
from devtools import terraform
from devtools.planned import CHOREOGRAPHY, planned

_WORKFLOW = """\
choreography: lamp
source: lamp
start: Switched On
states:
  Burning:
    await:
      Switched Off: Dark
  Dark: succeed
"""


@pytest.fixture
def lamp(tmp_path: Path) -> Path:
    terraform.ensure()
    folder = tmp_path / "lamp"
    folder.mkdir()
    (folder / "workflow.yaml").write_text(_WORKFLOW, encoding="utf-8", newline="\n")
    assert cli.main(["generate", str(folder)]) == 0
    return folder


def plan(folder: Path) -> str:
    resources = planned("choreography", {**CHOREOGRAPHY, "workflow": str(folder)})
    name: str = resources["aws_sfn_state_machine.this"]["name"]
    return name


def test_a_definition_whose_lines_end_otherwise_on_this_machine_is_the_one_that_files_were_generated_from(
    lamp: Path,
) -> None:
    text = _WORKFLOW.replace("\n", "\r\n").encode("utf-8-sig")
    (lamp / "workflow.yaml").write_bytes(text)
    assert cli.main(["generate", "--check", str(lamp)]) == 0
    assert plan(lamp) == "shop-lamp"


def test_a_plan_refuses_files_that_were_generated_from_an_earlier_definition(lamp: Path) -> None:
    (lamp / "workflow.yaml").write_text(_WORKFLOW.replace("Dark", "Out"), encoding="utf-8")
    with pytest.raises(RuntimeError) as refusal:
        plan(lamp)
    assert "workflow.yaml has changed since" in str(refusal.value)
    assert f"choreography generate {lamp}" in str(refusal.value).replace("\\n", " ")
