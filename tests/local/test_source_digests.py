"""A patch is applied only to the moto that it was written for."""

from typing import Any

import pytest

from choreography_insights.local.patches.source_digests import MotoChangedError, digest, patch


class Owner:
    """Stands for a class of moto's."""

    def greet(self, name: str) -> str:
        return f"hello {name}"

    @staticmethod
    def double(number: int) -> int:
        return number * 2


def test_a_patch_gets_the_original_and_takes_its_place() -> None:
    @patch(Owner, "greet", source_digest=digest(Owner.greet))
    def greet(original: Any, self: Owner, name: str) -> str:
        return f"{original(self, name)}!"

    @patch(Owner, "double", source_digest=digest(Owner.double))
    def double(original: Any, number: int) -> int:
        return int(original(number)) + 1

    assert Owner().greet("you") == "hello you!"
    assert Owner.double(2) == 5


def test_a_patch_for_another_source_says_which_function_and_what_to_do() -> None:
    class Other:
        def act(self) -> None:
            """Do something else than what was read."""

    with pytest.raises(MotoChangedError) as refusal:
        patch(Other, "act", source_digest="000000000000")
    message = str(refusal.value)
    assert "Other.act" in message
    assert digest(Other.act) in message
    assert "Install moto==5.2.5, or read the new source and write the patch anew." in message


def test_a_patch_for_a_function_that_is_gone_says_so() -> None:
    with pytest.raises(MotoChangedError, match=r"Owner\.gone: .* has no such function"):
        patch(Owner, "gone", source_digest="000000000000")
