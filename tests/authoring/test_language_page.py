"""Every piece of YAML in docs/language.md is a definition, or the states of one."""

import json
import re

import pytest

from choreography_insights.authoring.compiler.contest import contests
from choreography_insights.authoring.generator import generate, load_workflow
from workshop.places import ROOT

PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
JSON = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
PICTURES = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
HEAD = "choreography: test\nsource: test\nstart: Begun\n"


def whole(block: str) -> str:
    """Return the definition that *block* is, or is the states of."""
    return block if block.startswith("choreography:") else HEAD + block


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_a_definition_on_the_page_can_be_generated(block: str) -> None:
    assert "definition.asl.json" in generate(load_workflow(whole(block), "docs/language.md"))


def test_just_what_the_page_says_is_held() -> None:
    section = PAGE.partition("## When an event is held")[2].partition("\n## ")[0]
    held = [
        contests(load_workflow(HEAD + block, "page")) for block in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    ]
    assert held == [
        {"InTransit": [(), (), (0, 1), (0, 1)], "Delivered": [()]},
        {"Ordered": [(0,)], "PartlyPaid": [(), ()]},
    ]


def test_the_page_shows_every_kind_of_state_and_every_matcher() -> None:
    text = "".join(BLOCKS)
    settings = ["otherwise:", "remember:", "remembered:", "unexpected:", "early:", "events:", "until:", "item:", "key:"]
    words = [
        *settings,
        "await:",
        "all:",
        "parallel:",
        "each:",
        "choose:",
        "wait:",
        "pass:",
        "succeed",
        "fail",
        "timeout:",
        "prefix:",
        "suffix:",
        "wildcard:",
        "anything-but:",
    ]
    assert [word for word in [*words, "numeric:", "exists:", "$or:"] if word not in text] == []


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.splitlines()[1].strip())
def test_every_line_of_a_picture_on_the_page_is_of_one_that_its_yaml_becomes(picture: str) -> None:
    drawn = [generate(load_workflow(whole(one), "page"))["diagram.md"] for one in BLOCKS]
    lines = {line.strip().split(": Begun")[0] for text in drawn for line in text.splitlines()}
    assert [line for line in picture.splitlines() if line.strip() not in lines] == []


@pytest.mark.parametrize("block", JSON, ids=lambda block: block.split('"')[1])
def test_the_json_on_the_page_is_what_its_yaml_becomes(block: str) -> None:
    machines = [json.loads(generate(load_workflow(whole(one), "page"))["definition.asl.json"]) for one in BLOCKS]
    for name, state in json.loads(f"{{{block}}}").items():
        assert state in [machine["States"].get(name) for machine in machines]
