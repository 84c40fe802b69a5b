"""Every piece of YAML in docs/language.md is a definition, or the states of one."""

import re

import pytest

from choreography_insights.authoring.generator import generate, load_workflow
from workshop.places import ROOT

BLOCKS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "language.md").read_text(encoding="utf-8"), re.DOTALL)
HEAD = "choreography: test\nsource: test\nstart: Begun\n"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_a_definition_on_the_page_can_be_generated(block: str) -> None:
    whole = block if block.startswith("choreography:") else HEAD + block
    assert "definition.asl.json" in generate(load_workflow(whole, "docs/language.md"))


def test_the_page_shows_every_kind_of_state_and_every_matcher() -> None:
    text = "".join(BLOCKS)
    words = ["await:", "all:", "succeed", "fail", "timeout:", "prefix:", "suffix:", "wildcard:", "anything-but:"]
    assert [word for word in [*words, "numeric:", "exists:", "$or:"] if word not in text] == []
