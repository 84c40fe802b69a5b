"""A `cwdb-action`: what a widget wants done when something happens to the element before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from choreography_insights.console.objects import json_object, written

Kind = Literal["call", "html"]
Display = Literal["popup", "widget"]
Trigger = Literal["click", "dblclick", "mouseenter"]

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "action": ("html", "call"),
    "display": ("widget", "popup"),
    "event": ("click", "dblclick", "mouseenter"),
}
"""What CloudWatch knows, its default first."""


class BadAction(Exception):
    """What came back to the console is no action that it put on a page."""


@dataclass(frozen=True, slots=True)
class Action:
    """What one `cwdb-action` says. *params* and *endpoint* count for a call only."""

    kind: Kind
    display: Display
    event: Trigger
    confirmation: str = ""
    endpoint: str = ""
    params: Mapping[str, Any] | None = None

    @property
    def is_step(self) -> bool:
        """Whether it only shows another view, which then has an address: what asks for confirmation does something."""
        return self.kind == "call" and self.display == "widget" and not self.confirmation

    def written(self) -> str:
        """Write a call down, for `read` to read when it comes back."""
        return written(
            {
                "display": self.display,
                "endpoint": self.endpoint,
                "confirmation": self.confirmation,
                "params": self.params or {},
            }
        )


def read(text: str) -> Action:
    """Return the call that was `written`."""
    try:
        told = json_object(text)
        display, endpoint, confirmation, params = (
            told[name] for name in ("display", "endpoint", "confirmation", "params")
        )
    except (ValueError, KeyError) as error:
        raise BadAction(str(error)) from error
    if display not in _CHOICES["display"] or not isinstance(params, dict):
        raise BadAction(f"display is {display!r}")
    return Action("call", display, "click", str(confirmation), str(endpoint), params)


def parsed(attributes: Mapping[str, str], text: str) -> tuple[Action | None, Sequence[str]]:
    """Return the action that an element of *attributes* and *text* stands for, and what is wrong with it.

    None where nothing can be done: what is no JSON, say, cannot be sent.
    """
    problems = []
    chosen: dict[str, Any] = {}
    for name, choices in _CHOICES.items():
        value = attributes.get(name) or choices[0]
        if value not in choices:
            problems.append(f'{name}="{value}" is none of {", ".join(choices)}; {choices[0]} is taken')
            value = choices[0]
        chosen[name] = value
    kind, display, event = chosen["action"], chosen["display"], chosen["event"]
    confirmation = attributes.get("confirmation", "")
    if kind == "html":
        return Action(kind, display, event, confirmation), problems
    if event == "mouseenter":
        return None, [*problems, 'event="mouseenter" goes with action="html" only']
    endpoint = attributes.get("endpoint", "")
    if not endpoint:
        problems.append("a call needs an endpoint: the ARN of the function")
    try:
        params = json_object(text) if text.strip() else {}
    except ValueError as error:
        return None, [*problems, f"its parameters are no JSON object: {error}"]
    return Action(kind, display, event, confirmation, endpoint, params), problems
