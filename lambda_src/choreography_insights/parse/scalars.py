"""Text as it is written in YAML, so that it is read as the same text."""

import json
import re

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*")
_RESERVED = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


def scalar(text: str) -> str:
    """Write *text* as YAML, quoted only where it must be."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED and text == text.strip()
    return text if plain else json.dumps(text, ensure_ascii=False)
