"""Task tokens and event payloads are never logged."""

import io

import pytest

from correlation.definitions import CAR, CHOICE, ORDER
from correlation.playing import play
from world import World
from world.gates import Fault

SECRET = "a-secret-of-the-payload"
TOKEN = "+secret=="
SERIES = ["S", "u", "c", "S", "b", "a"]


@pytest.mark.parametrize("number", range(0, 60, 2))
@pytest.mark.parametrize("kind", ["die after", "fail before", "fail after", "conflict"])
def test_no_log_line_holds_a_token_or_a_payload_whatever_goes_wrong(
    number: int, kind: str, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault(number, kind)  # type: ignore[arg-type]
    world = World(CHOICE, quiet=False, visibility_timeout=2.0, fault=fault)
    world.stepfunctions.before_submitted = "refused"
    world.publish("b", "1", {"card": SECRET})
    world.run(seconds=100)
    for position, name in enumerate(SERIES):
        world.publish(name, "1", {"card": SECRET}, delay=position * 1.0, time=position * 1.0)
    world.run()
    everything = log.getvalue() + "".join(capsys.readouterr())
    assert "journey deviated" in everything
    assert "Deviations" in everything  # the metrics are there too
    assert SECRET not in everything
    assert TOKEN not in everything


def test_a_message_that_cannot_be_read_is_not_quoted(log: io.StringIO) -> None:
    world = World(ORDER, CAR)
    for queue in world.queues.values():
        queue.send(f'{{"event":{{"detail":{{"card":"{SECRET}"}}}}}}')
        queue.send(f'{SECRET} {{"')
        queue.send(f'{{"choreography":{ORDER.rules[0].settings},"event":{{"id":"1","detail":{{"card":"{SECRET}"}}}}}}')
    world.run()
    assert len(world.outcome().dead_letters) == 6
    assert SECRET not in log.getvalue()


def test_the_log_says_what_happened_to_an_event(log: io.StringIO) -> None:
    play(CHOICE, ["S", "c"])
    assert [
        line for line in ("journey started", "event moved its journey", "journey ended") if line not in log.getvalue()
    ] == []
