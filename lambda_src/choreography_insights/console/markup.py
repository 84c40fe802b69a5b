"""A widget's HTML as the page shows it: `cwdb-action` becomes links, forms and popovers.

The elements stay what and where they are, so that the widget's styles fit. Added are attributes, and behind an action
what stands in for it where there is no JavaScript.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from choreography_insights.console.actions import Action, parsed
from choreography_insights.console.sanitising import sanitised

FORM = "cwdb-form"
"""The page's form, to which all fields of the widget belong."""
ACTION = "cwdb-action"
"""The element, and the field that carries what it says."""

_VOID = frozenset(["area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"])
_FIELDS = frozenset(["input", "select", "textarea"])
_INERT = frozenset(["submit", "image", "reset"])
_ANY_ACTION = re.compile(r"<cwdb-action\b", re.IGNORECASE)
_NAMED_FIELD = re.compile(r'<(?:input|select|textarea) (?:[^<>]* )?name="')
_TAG = re.compile(r"<([^\s>]+)")
_ATTRIBUTE = re.compile(r'([^\s=]+)="([^"]*)"')
"""As the sanitiser writes them, which knows capitals: SVG has some, and Python's parser loses them."""

Address = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML for the page, and what would not work in CloudWatch."""

    html: str
    problems: Sequence[str] = ()


def marked_up(html: str, address: Address, *, is_ours: Callable[[str], bool]) -> Markup:
    """Return the widget's *html*, sanitised and ready for the page.

    *address* tells where the view of some parameters is. Actions for which *is_ours* is false of their endpoint get no
    link: the console calls one function only.
    """
    clean = sanitised(html)
    name = f"cwdb-{sha256(clean.encode()).hexdigest()[:8]}"
    reader = _Reader(address, is_ours, name, has_fields=_NAMED_FIELD.search(clean) is not None)
    reader.feed(clean)
    reader.close()
    if lost := len(_ANY_ACTION.findall(html)) - len(_ANY_ACTION.findall(clean)):
        reader.problems.append(f"{lost} cwdb-action stripped: they lie where none can be, as inside an SVG")
    return Markup(reader.root.inner(), reader.problems)


@dataclass(slots=True)
class _Node:
    """An element whose inside is done."""

    tag: str
    opening: str
    inside: str
    text: str

    @property
    def attributes(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in _ATTRIBUTE.findall(self.opening)}

    def html(self) -> str:
        return self.opening + (self.inside + f"</{self.tag}>" if self.tag.lower() not in _VOID else "")

    def write(self, attributes: Mapping[str, str]) -> None:
        """Let it have these attributes, and no others."""
        told = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        self.opening = f"<{self.tag}{told}>"

    def change(self, **attributes: str) -> None:
        """Set some attributes."""
        self.write(self.attributes | attributes)


@dataclass(slots=True)
class _Frame:
    """An element that is being read."""

    tag: str = ""
    opening: str = ""
    parts: list[str | _Node] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def inner(self) -> str:
        return "".join(part if isinstance(part, str) else part.html() for part in self.parts)

    def element_before(self) -> _Node | None:
        """The element that an action met now is for; several actions may follow one element."""
        nodes = (part for part in reversed(self.parts) if isinstance(part, _Node))
        return next((node for node in nodes if node.tag not in {ACTION, "noscript"}), None)


class _Reader(HTMLParser):
    """Reads what the sanitiser wrote, which is well-formed, and finishes each element when it ends."""

    def __init__(self, address: Address, is_ours: Callable[[str], bool], prefix: str, *, has_fields: bool) -> None:
        super().__init__(convert_charrefs=False)
        self.root = _Frame()
        self.problems: list[str] = []
        self.has_fields = has_fields
        self._open = [self.root]
        self._address = address
        self._is_ours = is_ours
        self._prefix = prefix
        self._popovers = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- as it is called
        opening = self.get_starttag_text() or ""
        found = _TAG.match(opening)
        frame = _Frame(found[1] if found else tag, opening)
        if tag in _VOID:
            self._add(frame)
        else:
            self._open.append(frame)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag.lower() == tag:
            self._add(self._open.pop())

    def handle_data(self, data: str) -> None:
        self._open[-1].parts.append(data)
        self._open[-1].text.append(data)

    def handle_entityref(self, name: str) -> None:
        self._open[-1].parts.append(f"&{name};")
        self._open[-1].text.append(unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self.handle_entityref(f"#{name}")

    def _add(self, frame: _Frame) -> None:
        around = self._open[-1]
        node = _Node(frame.tag, frame.opening, frame.inner(), "".join(frame.text))
        if node.tag == ACTION:
            self._bind(node, around)
            return
        if node.tag in _FIELDS:
            self._own(node)
        elif node.tag == "button":
            node.change(type="button")
        around.parts.append(node)
        around.text.append(node.text)

    def _own(self, node: _Node) -> None:
        """Let a field belong to the page's form, whose fields go with each call."""
        if node.attributes.get("type", "").lower() in _INERT:
            node.change(type="button")
        elif "name" in node.attributes:
            node.change(form=FORM)

    def _bind(self, node: _Node, around: _Frame) -> None:
        before = around.element_before()
        action, problems = parsed(node.attributes, node.text)
        self.problems += [f"cwdb-action: {problem}" for problem in problems]
        if before is None:
            self.problems.append("cwdb-action: there is no element before it to act on")
        elif action is not None:
            is_link = self._prepare(before, action)
            self._describe(node, action)
            around.parts.append(node)
            if not is_link or self.has_fields:
                around.parts.append(_stand_in(node, action, _label(before)))

    def _prepare(self, trigger: _Node, action: Action) -> bool:
        """Make a trigger one that keyboard and screen reader know, and a link where that does it all.

        Return whether it is such a link. What fields hold does not go with it.
        """
        if trigger.tag == "a" and action.is_step and action.event == "click" and self._is_ours(action.endpoint):
            kept = {name: value for name, value in trigger.attributes.items() if name != "target"}
            trigger.write(kept | {"href": self._address(action.params or {})})
            return True
        if action.event != "mouseenter" and trigger.tag not in {"button", "input"} and _is_no_link(trigger):
            own = trigger.attributes
            trigger.change(role=own.get("role", "button"), tabindex=own.get("tabindex", "0"))
        return False

    def _describe(self, node: _Node, action: Action) -> None:
        """Leave in the element what the page's script needs."""
        told: dict[str, str] = {"action": action.kind, "display": action.display, "event": action.event}
        if action.confirmation:
            told["confirmation"] = action.confirmation
        if action.kind == "call":
            node.inside = ""
            node.write(told | {"value": action.written()})
        else:
            self._popovers += 1
            node.write(told | {"popover": "", "id": f"{self._prefix}-{self._popovers}"})


def _stand_in(node: _Node, action: Action, label: str) -> _Node:
    """Make what does the same without JavaScript."""
    if action.kind == "call":
        does = f'type="submit" form="{FORM}" name="{ACTION}" value="{escape(action.written())}"'
    else:
        does = f'type="button" popovertarget="{node.attributes["id"]}"'
    return _Node("noscript", "<noscript>", f"<button {does}>{escape(label)}</button>", "")


def _label(trigger: _Node) -> str:
    """Say what a trigger is called."""
    own = trigger.attributes
    return own.get("aria-label") or " ".join(trigger.text.split()) or own.get("title") or own.get("value") or "…"


def _is_no_link(trigger: _Node) -> bool:
    return trigger.tag != "a" or "href" not in trigger.attributes
