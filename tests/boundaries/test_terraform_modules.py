"""What every Terraform module of this repository has in common."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.places import ROOT
from devtools.terraform import MINIMUM, PROVIDER_VERSION

MODULES = [ROOT, *sorted(folder for folder in ROOT.glob("modules/*") if any(folder.glob("*.tf")))]
EXAMPLES = sorted(
    folder for depth in ("*", "*/*") for folder in ROOT.glob(f"examples/{depth}") if any(folder.glob("*.tf"))
)


#: What the modules and examples are made of. Provider 6 removed or renamed nothing of it: its guide and its reference
#: were read for each, https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
#: It deprecates (6.28) hash_key and range_key of an index; key_schema, which takes their place, 5 does not know.
#: The Region comes from aws_service, as aws_region calls it `name` in 5, and in 6 `region`.
READ_FOR_PROVIDER_6 = {
    "data.aws_caller_identity",
    "data.aws_partition",
    "data.aws_service",
    "data.aws_ssm_parameter",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_bus",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_metric_alarm",
    "aws_cloudwatch_query_definition",
    "aws_dynamodb_table",
    "aws_dynamodb_table_item",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_lambda_event_source_mapping",
    "aws_lambda_function",
    "aws_lambda_function_recursion_config",
    "aws_s3_bucket",
    "aws_s3_bucket_notification",
    "aws_sfn_state_machine",
    "aws_sqs_queue",
    "aws_ssm_parameter",
    "terraform_data",
}
#: Arguments of these that the provider has marked as deprecated by now.
DEPRECATED = r"\b(?:is_enabled|managed_policy_arns|inline_policy|overwrite)\s*[={]"


def name(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", [*MODULES, *EXAMPLES], ids=name)
def test_a_module_asks_for_the_floors_that_set_up_knows_and_for_no_other_provider(folder: Path) -> None:
    versions = (folder / "versions.tf").read_text(encoding="utf-8")
    floor = PROVIDER_VERSION.removesuffix(".0")
    assert re.findall(r'required_version\s*=\s*"([^"]*)"', versions) == [f">= {'.'.join(map(str, MINIMUM))}"]
    assert re.findall(r'source\s*=\s*"([^"]*)"', versions) == ["hashicorp/aws"]
    assert re.findall(r'\bversion\s*=\s*"([^"]*)"', versions) == [f">= {floor}, < 7"]


@pytest.mark.parametrize("folder", MODULES, ids=name)
def test_a_module_leaves_the_configuration_of_providers_to_its_caller(folder: Path) -> None:
    provider = re.compile(r'^provider\s+"', re.MULTILINE)
    assert [file.name for file in folder.glob("*.tf") if provider.search(file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("folder", [*MODULES[1:], *EXAMPLES], ids=name)
def test_some_run_of_terraform_test_applies_or_plans_each_module_and_example(folder: Path) -> None:
    runs = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "terraform").glob("*.tftest.hcl"))
    assert re.search(rf'source\s*=\s*"\./{re.escape(name(folder))}"', runs)


def test_nothing_is_made_of_what_provider_6_removed_or_deprecated() -> None:
    texts = [file.read_text(encoding="utf-8") for folder in (*MODULES, *EXAMPLES) for file in folder.glob("*.tf")]
    used = {
        f"{'data.' if kind == 'data' else ''}{of}"
        for text in texts
        for kind, of in re.findall(r'^(data|resource) "(\w+)"', text, re.MULTILINE)
    }
    assert used == READ_FOR_PROVIDER_6
    assert [found for text in texts for found in re.findall(DEPRECATED, text)] == []


@pytest.mark.parametrize("folder", [*MODULES, *EXAMPLES], ids=name)
def test_every_validation_precondition_and_check_is_tripped_by_a_run_of_its_own(folder: Path) -> None:
    conditions = Counter(conditions_of(folder))
    tripped = Counter(tripped_in(folder))
    assert {checked: count for checked, count in conditions.items() if tripped[checked] < count} == {}


def conditions_of(folder: Path) -> Iterator[str]:
    """What `expect_failures` would name, once per condition."""
    for file in folder.glob("*.tf"):
        for opening, body in blocks(file.read_text(encoding="utf-8")):
            kind, *names = re.findall(r"\w+", opening)
            checked = ".".join(names if kind == "resource" else [{"variable": "var"}.get(kind, kind), *names])
            condition = r"^ +(?:validation|precondition|postcondition|assert) \{$"
            yield from [checked] * len(re.findall(condition, body, re.MULTILINE))


def tripped_in(folder: Path) -> Iterator[str]:
    """What the runs of a module expect to fail, once per run."""
    for file in (ROOT / "tests" / "terraform").glob("*.tftest.hcl"):
        for opening, body in blocks(file.read_text(encoding="utf-8")):
            source = re.search(r'source = "\./([^"]*)"', body)
            if opening.startswith("run") and (source.group(1) if source else ".") == name(folder):
                for expected in re.findall(r"expect_failures = \[([^\]]*)\]", body):
                    yield from re.findall(r"[\w.]+", expected)


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Top-level blocks of a file as `terraform fmt` writes it: what stands before the brace, what is inside."""
    yield from re.findall(r"^([a-z][^\n{]*) \{\n(.*?)^\}$", text, re.MULTILINE | re.DOTALL)


def variables_of(folder: Path) -> dict[str, str]:
    """Type and default of each input, as they are written."""
    text = (folder / "variables.tf").read_text(encoding="utf-8")
    written = {opening.split('"')[1]: body for opening, body in blocks(text)}
    around = re.compile(r"^  (?:description .*|validation \{)$", re.MULTILINE)
    return {variable: around.split(body)[1].strip() for variable, body in written.items()}


def passed_to(module: str) -> dict[str, str]:
    """What the root hands to each input of a module."""
    call = dict(blocks((ROOT / "main.tf").read_text(encoding="utf-8")))[f'module "{module}"']
    given = dict(re.findall(r"^  (\w+) += (.*)$", call, re.MULTILINE))
    return {variable: value for variable, value in given.items() if variable not in ("source", "count", "for_each")}


def test_the_root_passes_every_input_on_to_the_insights() -> None:
    assert passed_to("insights") == {
        variable: f"var.{variable}" for variable in variables_of(ROOT / "modules/insights")
    }


def test_the_root_passes_every_input_on_to_each_choreography() -> None:
    own = {"insights": "module.insights", "name": "each.key", "iam_role": "var.iam_role"}
    tags = {"tags": "merge(var.tags, each.value.tags)"}
    module = variables_of(ROOT / "modules/choreography")
    assert passed_to("choreography") == {variable: f"each.value.{variable}" for variable in module} | own | tags


def test_the_root_passes_every_input_on_to_the_simulation() -> None:
    assert passed_to("simulation") == {
        "insights": "module.insights",
        "allowed_sources": "var.simulation_sources",
        "iam_role": "var.iam_role",
        "tags": "var.tags",
    }
    assert set(passed_to("simulation")) == set(variables_of(ROOT / "modules/simulation"))


def test_the_root_s_inputs_have_the_types_and_defaults_of_the_insights() -> None:
    root, module = variables_of(ROOT), variables_of(ROOT / "modules" / "insights")
    del module["name_prefix"]  # the root has a name for who needs none
    assert {variable: root.get(variable) for variable in module} == module


def test_the_root_s_choreographies_have_every_input_of_the_module() -> None:
    root, module = variables_of(ROOT)["choreographies"], variables_of(ROOT / "modules" / "choreography")
    attributes = set(re.findall(r"^    (\w+) += ", root, re.MULTILINE))
    assert attributes == set(module) - {"insights", "name", "iam_role"}


def test_what_a_module_does_not_keep_of_checkov_s_policies_it_says_why() -> None:
    files = [file for folder in MODULES for file in folder.glob("*.tf")]
    skips = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if "checkov:skip" in line]
    assert [line for line in skips if not re.fullmatch(r"  #checkov:skip=CKV2?_AWS_\d+:[a-z ]{2}.{30,}", line)] == []
    assert len(skips) == 10
