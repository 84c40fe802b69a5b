"""The generated parts of the modules' documents."""

from pathlib import Path

import pytest

from devtools.places import ROOT
from documents.markdown import table
from documents.module_interface import inputs, outputs
from generate import DOCUMENTS, freshened

VARIABLES = """
variable "level" {
  description = "What to log; `null` means \\"nothing\\" at all | everything."
  type        = string
  default     = null
}

variable "parts" {
  description = "By $${name}."
  type = map(object({
    pattern = string
    tries   = optional(number, 5)
  }))
}

variable "mode" {
  description = "How."
  type        = string
  default     = "plain"
}
"""
OUTPUTS = 'output "arn" {\n  description = "Its ARN."\n  value       = aws_sqs_queue.this.arn\n}\n'


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "variables.tf").write_text(VARIABLES, encoding="utf-8")
    (tmp_path / "outputs.tf").write_text(OUTPUTS, encoding="utf-8")
    return tmp_path


def test_inputs_say_what_must_be_given_first_and_what_is_taken_otherwise(module: Path) -> None:
    assert inputs(module).splitlines()[2:] == [
        "| `parts` | By ${name}. | `map(object({pattern = string, tries = optional(number, 5)}))` | (must be given) |",
        '| `level` | What to log; `null` means "nothing" at all \\| everything. | `string` | `null` |',
        '| `mode` | How. | `string` | `"plain"` |',
    ]


def test_outputs_are_told_in_the_order_of_their_file(module: Path) -> None:
    assert outputs(module) == "| output | what it is |\n| --- | --- |\n| `arn` | Its ARN. |"


def test_a_cell_of_several_lines_stays_in_its_row() -> None:
    assert table(["a", "b"], [["1\n 2", "|"]]) == "| a | b |\n| --- | --- |\n| 1 2 | \\| |"


def test_a_stale_part_is_made_anew_and_nothing_else_is_touched(module: Path) -> None:
    text = "# Own\n\n<!-- generated: outputs -->\nstale\n<!-- end -->\n\nOwn, too.\n"
    fresh = freshened(text, module)
    assert fresh == f"# Own\n\n<!-- generated: outputs -->\n\n{outputs(module)}\n\n<!-- end -->\n\nOwn, too.\n"
    assert freshened(fresh, module) == fresh


@pytest.mark.parametrize("module", DOCUMENTS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_the_document_of_each_module_has_its_use_its_costs_its_inputs_and_its_outputs(module: Path) -> None:
    text = DOCUMENTS[module].read_text(encoding="utf-8")
    assert "```hcl\nmodule " in text
    assert "\n## What it costs" in text
    assert "<!-- generated: inputs -->" in text
    assert "<!-- generated: outputs -->" in text
