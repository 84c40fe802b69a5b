"""Each folder in good/ and each file in bad/ is a case; `scripts/refresh_fixtures.py` writes what is expected anew.

What holds of each state machine is in `tests/compile/test_state_machine.py`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from moto.stepfunctions.parser.asl.static_analyser.static_analyser import StaticAnalyser

from choreography_insights.diagnostics.problem import InvalidWorkflow
from choreography_insights.model.names import BEGUN_BY, arrival_name, entry_name, needs_arrival
from choreography_insights.model.workflow import begins_apart
from choreography_insights.project.definitions import load_workflow
from choreography_insights.project.folders import check, generate
from choreography_insights.testgen.series import GENERATED_BY
from devtools.places import ROOT
from support import asl_validator
from support.definitions import BAD, EXAMPLES, GOOD, generated, name_of, read

WHOLE = [folder for folder in GOOD if (folder / "definition.asl.json").exists()]
good = pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)


@pytest.fixture(scope="module")
def objections(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Path, str]:
    """What a validator that was not written here says against each state machine."""
    folders = [*GOOD, *EXAMPLES]
    machines = [generated(folder)["definition.asl.json"] for folder in folders]
    return dict(zip(folders, asl_validator.problems(machines, tmp_path_factory.mktemp("machines")), strict=True))


def files_beside(folder: Path) -> dict[str, str]:
    """Return the text of each file beside a definition, but for simulations that were written by hand."""
    files = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".json", ".md")}
    return {
        path.relative_to(folder).as_posix(): text
        for path, text in files.items()
        if path.parent == folder or json.loads(text).get("generatedBy")
    }


@pytest.mark.parametrize("folder", [*EXAMPLES, *WHOLE], ids=name_of)
def test_a_definition_generates_exactly_the_files_beside_it(folder: Path) -> None:
    assert generated(folder) == files_beside(folder)


@pytest.mark.parametrize("folder", [folder for folder in GOOD if folder not in WHOLE], ids=name_of)
def test_where_only_some_files_lie_beside_a_definition_these_are_generated(folder: Path) -> None:
    assert files_beside(folder).items() <= generated(folder).items()


def test_the_readme_says_what_each_state_machine_that_is_compared_shows() -> None:
    text = (GOOD[0].parent / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE) == [folder.name for folder in WHOLE]


def test_whoever_generates_gets_the_same_to_the_byte(tmp_path: Path) -> None:
    """Also where Python orders sets of texts in another way."""
    for folder in GOOD:
        (tmp_path / folder.name).mkdir()
        shutil.copy(folder / "workflow.yaml", tmp_path / folder.name)
    command = "from choreography_insights.cli.main import main; raise SystemExit(main(['generate', '.']))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lambda_src"), "PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, "-c", command], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert [folder for folder in GOOD if files_beside(tmp_path / folder.name) != generated(folder)] == []


@pytest.mark.parametrize("case", BAD, ids=name_of)
def test_a_bad_definition_is_refused_with_exactly_these_problems(case: Path) -> None:
    text = case.read_text(encoding="utf-8")
    workflow, problems = check(text, case.name)
    expected = case.with_suffix(".problems").read_text(encoding="utf-8")
    assert "".join(f"{problem}\n" for problem in problems) == expected
    errors = [problem for problem in problems if problem.is_error]
    assert (workflow is None) is bool(errors)
    if errors:
        with pytest.raises(InvalidWorkflow) as refused:
            generate(load_workflow(text, case.name))
        assert list(refused.value.problems) == errors


@pytest.mark.parametrize("case", BAD, ids=name_of)
def test_every_problem_says_what_is_wrong_and_after_a_semicolon_what_would_be_right(case: Path) -> None:
    for line in case.with_suffix(".problems").read_text(encoding="utf-8").splitlines():
        wrong, _, right = line.partition("; ")
        assert wrong.startswith(f"{case.name}:")
        assert right


def test_no_problems_are_expected_of_a_case_that_is_gone() -> None:
    assert [path.with_suffix(".yaml") for path in sorted(BAD[0].parent.glob("*.problems"))] == BAD


@good
def test_a_generated_state_machine_satisfies_a_validator_not_written_here(
    folder: Path, objections: Mapping[Path, str]
) -> None:
    assert objections[folder] == ""


@good
def test_a_generated_state_machine_is_read_by_the_parser_of_moto(folder: Path) -> None:
    definition = asl_validator.filled(generated(folder)["definition.asl.json"])
    StaticAnalyser().analyse(definition=definition)


def test_the_parser_of_moto_does_refuse_what_is_no_state_machine() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Wat", "End": True}}}
    with pytest.raises(Exception, match="Wat"):
        StaticAnalyser().analyse(definition=json.dumps(definition))


@good
def test_terraform_gives_back_every_text_as_it_was_written(folder: Path) -> None:
    """All text of the definition, escaped for templatefile and filled, is what it was; so no `${` is left to fill."""
    workflow = read(folder)
    machine = json.loads(asl_validator.filled(generated(folder)["definition.asl.json"]))
    first = workflow.states[0]
    entry = (arrival_name if needs_arrival(first) else entry_name)(first)
    assert machine["StartAt"] == (BEGUN_BY if begins_apart(workflow) else entry)
    assert machine["StartAt"] == next(iter(machine["States"]))
    assert {state.name.text for state in workflow.states} <= set(machine["States"])


def test_generated_simulations_say_that_they_are() -> None:
    for folder in [*GOOD, *EXAMPLES]:
        for name, text in generated(folder).items():
            assert not name.startswith("simulations/") or json.loads(text)["generatedBy"] == GENERATED_BY
