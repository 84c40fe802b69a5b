"""The documents as a site: what becomes of their links, and that the navigation names every page."""

import pytest

from build_docs import converted, navigation_faults

DOCUMENTS = {"README.md", "docs/guide/language.md", "docs/guide/tools.md", "modules/insights/README.md"}
REPOSITORY = "https://example.com/repository"


@pytest.mark.parametrize(
    ("document", "link", "page_link"),
    [
        ("docs/guide/tools.md", "language.md#what-is-checked", "language.md#what-is-checked"),
        ("docs/guide/tools.md", "../../README.md", "../../index.md"),
        ("README.md", "docs/guide/tools.md", "docs/guide/tools.md"),
        ("README.md", "modules/insights", "modules/insights/README.md"),
        ("README.md", "modules/insights#inputs", "modules/insights/README.md#inputs"),
        ("docs/guide/tools.md", "../../scripts/check.py", f"{REPOSITORY}/blob/main/scripts/check.py"),
        ("docs/guide/tools.md", "../../scripts", f"{REPOSITORY}/tree/main/scripts"),
        ("docs/guide/tools.md", "nowhere.md", "nowhere.md"),
        ("docs/guide/tools.md", "#init", "#init"),
        ("docs/guide/tools.md", "https://example.com/#x", "https://example.com/#x"),
    ],
)
def test_a_link_leads_to_a_page_or_into_the_repository(document: str, link: str, page_link: str) -> None:
    text = f"See [this]({link}), and `[that]({link})`.\n"
    expected = f"See [this]({page_link}), and `[that]({link})`.\n"
    assert converted(text, document, DOCUMENTS, REPOSITORY) == expected


def test_code_stays_as_it_is() -> None:
    text = "```\n[a](../../README.md)\n~~~\n[b](../../README.md)\n```\n[c](../../README.md)\n"
    assert converted(text, "docs/guide/tools.md", DOCUMENTS, REPOSITORY) == text.replace(
        "c](../../README", "c](../../index"
    )


def test_the_navigation_names_every_page_or_the_readme_beside_it_and_no_other() -> None:
    pages = {"index.md", "docs/a.md", "docs/decisions/README.md", "docs/decisions/1.md"}
    assert navigation_faults(pages, {"index.md", "docs/b.md", "docs/decisions/README.md"}) == [
        "zensical.toml: nav does not name docs/a.md",
        "zensical.toml: nav names docs/b.md, which is not there",
    ]


def test_a_picture_lies_beside_its_page_and_is_linked_there() -> None:
    assert converted("![a](docs/guide/pictures/map.png)\n", "README.md", DOCUMENTS, REPOSITORY) == (
        "![a](docs/guide/pictures/map.png)\n"
    )
    assert converted("![a](pictures/map.png)\n", "docs/guide/report.md", DOCUMENTS, REPOSITORY) == (
        "![a](pictures/map.png)\n"
    )
