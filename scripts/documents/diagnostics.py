"""The reference page of all diagnostics, from their catalogue."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from choreography_insights.diagnostics.catalogue import AREAS, RULES
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.diagnostics.rule import Example, Rule
from choreography_insights.lint import lint_file
from choreography_insights.project import folders

_HEAD = """\
# Diagnostics

<!-- Generated from lambda_src/choreography_insights/diagnostics/catalogue.py: make generate -->

Everything that `choreography validate`, `generate` and `lint` find wrong belongs to a rule, and each rule has an id.
An id keeps its meaning: it is never given to another rule. Commands that only read a definition, such as `replay` and
`draw`, refuse one for the same errors.

A warning (CI6…) can be ignored, an error cannot:

```yaml
# choreography: ignore CI602   above all else: in the whole file
choreography: order
# …
      # choreography: ignore CI601   on a line of its own: in the next line
      Order Paid: # choreography: ignore CI601, CI603   behind something: in its line
```

What stands behind the ids is for people to read. A comment that ignores nothing is [told](#ci693). On the command
line, `--ignore CI601,CI603` does the same for all files. How the output is written for other programs, for code
scanning and for pull requests: [tools](../guide/tools.md#formats).
"""


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *_index(), *_rules()])


def _index() -> Iterator[str]:
    yield "| about | rules |\n| --- | --- |"
    for area, about in AREAS.items():
        anchor = f"{area}-{about}".lower().replace(" ", "-")
        rules = ", ".join(f"[{rule.id}](#{rule.id.lower()}) {rule.title}" for rule in _rules_of(area))
        yield f"| [{about}](#{anchor}) | {rules} |"
    yield ""


def _rules() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        for area, about in AREAS.items():
            yield f"## {area} {about}\n"
            for rule in _rules_of(area):
                own = Path(folder) / rule.id
                own.mkdir()
                yield _section(rule, own)


def _rules_of(area: str) -> list[Rule]:
    return [rule for rule in RULES.values() if rule.area == area]


def _section(rule: Rule, folder: Path) -> str:
    example = rule.example
    told = str(found_in(example, folder)[0]).replace(f"{folder}/", "order/" if example.form != "state machine" else "")
    shown = example.excerpt or example.text
    language = "json" if example.form == "state machine" else "yaml"
    long = f"\n`{example.long}` stands for {example.length:,} characters.\n" if example.long else ""
    part = " (a part)" if example.excerpt else ""
    return f"""\
### {rule.id}

**{rule.title[0].upper()}{rule.title[1:]}** ({rule.severity}). {rule.what}

*Why:* {rule.why}

*How to mend it:* {rule.mend}

For example{part}:

```{language}
{shown.rstrip()}
```
{long}
```
{told}
```
"""


def found_in(example: Example, folder: Path) -> list[Problem]:
    """Return what the commands say of *example*, after it was written into *folder*."""
    file = folder / ("machine.asl.json" if example.form == "state machine" else "workflow.yaml")
    file.write_bytes(example.content)
    for name, text in example.beside.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    match example.form:
        case "workflow":
            return folders.check_all([file, *(folder / name for name in example.beside)])
        case "state machine":
            return list(lint_file(file))
        case "generated files":
            checked = folders.checked([file])
            return [*checked.problems, *(change.problem for change in checked.changes)]
