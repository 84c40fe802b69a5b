"""What becomes of a pattern in a message that is none of the language."""

import pytest

from choreography_insights.runtime.errors import InvalidMessage
from choreography_insights.runtime.patterns import matches


def test_a_pattern_outside_the_language_makes_a_message_that_no_repeat_mends() -> None:
    with pytest.raises(InvalidMessage, match="a pattern's operator is unknown; it must be one of exists, prefix"):
        matches({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": "10.1.1.1"})
