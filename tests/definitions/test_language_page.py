"""Every piece of YAML in docs/guide/language.md is a definition, or the states of one."""

import json
import re
from typing import Any

import pytest

from choreography_insights.compile.ordering import contests
from choreography_insights.project.definitions import load_workflow
from choreography_insights.project.folders import generate
from devtools.places import ROOT

PAGE = (ROOT / "docs" / "guide" / "language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
HEAD = "choreography: test\nsource: test\nstart: Begun\n"


def whole(block: str) -> str:
    """Return the definition that *block* is, or is the states of."""
    return block if block.startswith("choreography:") else HEAD + block


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_a_definition_on_the_page_can_be_generated(block: str) -> None:
    assert "definition.asl.json" in generate(load_workflow(whole(block), "docs/guide/language.md"))


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
    settings += ["anytime:"]
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


KINDS = [
    "`await`",
    "`times`",
    "`all`",
    "`parallel`",
    "`each`",
    "`first`",
    "`need`",
    "`choose`",
    "`wait`",
    "`pass`",
    "`succeed` and `fail`",
]
SECTIONS = {
    kind: re.split(r"^##", PAGE.partition(f"\n### {kind}")[2], maxsplit=1, flags=re.MULTILINE)[0] for kind in KINDS
}


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_state_has_its_yaml_and_the_picture_that_it_becomes(kind: str) -> None:
    (yaml,), (picture,) = blocks(SECTIONS[kind], "yaml"), blocks(SECTIONS[kind], "mermaid")
    drawn = generate(load_workflow(whole(yaml), "page"))["diagram.md"]
    lines = [line.strip() for line in drawn.splitlines()]
    assert [line for line in picture.splitlines() if line.strip() not in lines] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_state_has_the_states_of_step_functions_that_its_yaml_becomes(kind: str) -> None:
    (yaml,), (states,) = blocks(SECTIONS[kind], "yaml"), blocks(SECTIONS[kind], "json")
    machine = json.loads(generate(load_workflow(whole(yaml), "page"))["definition.asl.json"])
    for name, shown in json.loads(f"{{{states}}}").items():
        assert is_shown_of(shown, machine["States"][name]), name


def is_shown_of(shown: Any, real: Any) -> bool:
    """Whether *shown* is *real*, but for what ``…`` stands for."""
    if isinstance(shown, dict) and isinstance(real, dict):
        named = {name: value for name, value in shown.items() if name != "…"}
        complete = len(named) == len(shown)
        return (set(named) == set(real) if complete else set(named) < set(real)) and all(
            is_shown_of(value, real[name]) for name, value in named.items()
        )
    if isinstance(shown, list) and isinstance(real, list) and shown != ["…"]:
        return len(shown) == len(real) and all(map(is_shown_of, shown, real))
    return bool(shown == real) or (shown == ["…"] and isinstance(real, list))


def test_what_is_shown_of_a_state_must_be_in_it() -> None:
    real = {"Type": "Wait", "Seconds": 5, "Catch": [{"Next": "A"}]}
    assert is_shown_of({"Seconds": 5, "…": "…"}, real)
    assert is_shown_of({"Type": "Wait", "Seconds": 5, "Catch": ["…"]}, real)
    assert not is_shown_of({"Type": "Wait", "Seconds": 5}, real)
    assert not is_shown_of({"Seconds": 6, "…": "…"}, real)
    assert not is_shown_of({"Catch": [{"Next": "B"}], "…": "…"}, real)
    assert not is_shown_of({**real, "…": "…"}, real)
