"""An awaited event takes a short way through the functions, and nothing about it is asked twice.

Whoever follows an event reads these files. Another on its way is another to know, so it is put here on purpose. What an
event, a question, a step and settings are is looked up on the way: these are values, and nothing of theirs is called.
What a choreography does not use (names, ids of its own, entries, several entities, memory) costs its events no file.
"""

import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest

from choreography_insights import runtime
from correlation.definitions import ORDER
from fake_aws import FakeAws

_PACKAGE = Path(str(runtime.__file__)).parents[1]
#: Powertools' formatter is called for each line of the log, and not by the code that an event passes.
_LOG = "runtime/log.py"


@pytest.fixture(scope="module")
def calls() -> Counter[tuple[str, str]]:
    """How often each function of the package was called for an event that was awaited, by file and name."""
    aws = FakeAws(ORDER)
    for name in ("Order Placed", "Order Confirmed"):  # the second sets the resume function up
        aws.publish(name, "1")
        aws.run(seconds=5)
    aws.publish("Order Accepted", "1")
    found: Counter[tuple[str, str]] = Counter()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.parent.parent == _PACKAGE and path.parent.name in ("runtime", "core"):
            found[f"{path.parent.name}/{path.name}", frame.f_code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        aws.run(seconds=5)
    finally:
        sys.setprofile(before)
    assert aws.journeys("1") == [("RUNNING", "WaitForServiceProviderDelivery")]
    return found


def test_an_awaited_event_passes_ten_files(calls: Counter[tuple[str, str]]) -> None:
    files = {file.rpartition("/")[2] for file, _ in calls if file != _LOG}
    assert files == {
        "batch.py",
        "messages.py",
        "fields.py",
        "correlation.py",
        "decision.py",
        "journey.py",
        "claims.py",
        "executions.py",
        "metrics.py",
        "keys.py",
    }


@pytest.mark.parametrize(
    "question", ["settings_from", "event_from", "id_of_form", "read_id", "decide", "variant_of", "is_kind_of"]
)
def test_each_question_about_it_is_asked_once(question: str, calls: Counter[tuple[str, str]]) -> None:
    assert [number for (_, name), number in calls.items() if name == question] == [1]


def test_its_way_is_short(calls: Counter[tuple[str, str]]) -> None:
    # Comprehensions and lambdas count as calls in some versions of Python, and not in others.
    assert sum(number for (_, name), number in calls.items() if not name.startswith("<")) <= 137
