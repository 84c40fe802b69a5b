"""Makes moto's answers fast enough for long histories: it works out once by which names a field may go.

moto 5.2.5 builds an answer from objects of any kind. So it tries a dozen names for each field that the service's model
has, and works them out anew for each: some sixty fields for one event of a history. What it mostly finds are plain
dictionaries, with fields that have the model's own names or are not there. And for each request it looks through all
that the service's class has to find its methods.
"""

import functools
from typing import Any

from moto.core import responses, utils
from moto.core.model import Shape
from moto.core.serialize import (
    DEFAULT_ALIAS_PROVIDERS,
    AttributePicker,
    AttributePickerContext,
    ResponseSerializer,
    XFormedAttributePicker,
)

from choreography_insights.local.patches.source_digests import patch, require


def install() -> None:
    """Find the fields of plain dictionaries by names that are worked out once, and the methods of a service, too."""
    require(utils.method_names_from_class, source_digest="9dbac89d082b")
    responses.method_names_from_class = functools.cache(utils.method_names_from_class)  # type: ignore[attr-defined]
    require(AttributePicker.__call__, source_digest="c15da8ec29c1")

    @patch(ResponseSerializer, "get_value", source_digest="5ac16904b91c")
    def get_value(original: Any, self: ResponseSerializer, value: Any, key: str, shape: Shape) -> Any:
        picker = self._value_picker
        names = _names(key, shape) if type(value) is dict and _is_plain(picker) else ()
        if not names:
            return original(self, value, key, shape)
        for name in names:
            if name in value:
                return value[name]
        return None


def _is_plain(picker: Any) -> bool:
    """Whether *picker* is the one that answers are made with, and changes nothing of what it finds."""
    return (
        type(picker) is XFormedAttributePicker
        and picker.alias_providers is DEFAULT_ALIAS_PROVIDERS
        and not picker.response_transformers
    )


@functools.lru_cache(maxsize=1 << 16)
def _names(key: str, shape: Shape) -> tuple[str, ...]:
    """Return the names by which the field *key* of a dictionary may go, the first first; none if one is a path."""
    context = AttributePickerContext(obj={}, key=key, shape=shape)
    names = tuple(dict.fromkeys(XFormedAttributePicker().get_possible_keys(context)))
    return () if any("." in name for name in names) else names
