"""Each folder in good/ and each file in bad/ is a case; `scripts/refresh_fixtures.py` writes what is expected anew."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.static_analyser.static_analyser import StaticAnalyser

from choreography_insights.diagnostics.problem import InvalidWorkflow
from choreography_insights.model.generated_names import entry_name
from choreography_insights.project.definitions import load_workflow
from choreography_insights.project.generator import check, generate
from choreography_insights.testgen.series import GENERATED_BY
from support import asl_validator
from support.definitions import BAD, EXAMPLES, GOOD, name_of, read

good = pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)


@cache
def generated(folder: Path) -> Mapping[str, str]:
    """Return what is generated of the definition in *folder*."""
    return dict(generate(read(folder)))


@pytest.fixture(scope="module")
def objections(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Path, str]:
    """What a validator that was not written here says against each state machine."""
    folders = [*GOOD, *EXAMPLES]
    machines = [generated(folder)["definition.asl.json"] for folder in folders]
    return dict(zip(folders, asl_validator.problems(machines, tmp_path_factory.mktemp("machines")), strict=True))


def generated_files(folder: Path) -> dict[str, str]:
    """Return the text of each file beside a definition, but for simulations that were written by hand."""
    files = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".json", ".md")}
    return {
        path.relative_to(folder).as_posix(): text
        for path, text in files.items()
        if path.parent == folder or json.loads(text).get("generatedBy")
    }


@good
def test_a_good_definition_generates_exactly_these_files(folder: Path) -> None:
    assert generated(folder) == generated_files(folder)


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
    assert machine["StartAt"] == entry_name(workflow.states[0]) == next(iter(machine["States"]))
    assert {state.name.text for state in workflow.states} <= set(machine["States"])


@good
def test_every_way_in_a_state_machine_leads_to_a_state_of_it(folder: Path) -> None:
    machine = json.loads(generated(folder)["definition.asl.json"])
    assert set(targets(machine)) - {machine["StartAt"]} == set(machine["States"]) - {machine["StartAt"]}


def targets(machine: dict[str, Any]) -> list[str]:
    """Return every state that something at the top level of *machine* leads to."""
    found: list[str] = []
    for state in machine["States"].values():
        ways = [state, *state.get("Choices", []), *state.get("Catch", [])]
        found += [way[key] for way in ways for key in ("Next", "Default") if key in way]
    return found


def test_generated_simulations_say_that_they_are() -> None:
    for folder in [*GOOD, *EXAMPLES]:
        for name, text in generated(folder).items():
            assert not name.startswith("simulations/") or json.loads(text)["generatedBy"] == GENERATED_BY
