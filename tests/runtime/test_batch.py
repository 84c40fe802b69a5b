"""A batch: when what failed comes again, and what is done where the function's time runs short."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from choreography_insights.runtime.batch import TimeLeft, pause_seconds, process_batch
from choreography_insights.runtime.clients import LONGEST_CALL_SECONDS
from choreography_insights.runtime.errors import InvalidMessage, RetryLater, Throttled
from choreography_insights.runtime.messages import EventMessage, Message, RecheckMessage
from choreography_insights.runtime.redelivery import FailedMessage, Redelivery
from choreography_insights.runtime.stream_records import JourneyChange, process_stream_records
from fake_aws.errors import client_error

from .samples import SETTINGS, envelope
from .test_handlers import change_of

URL = "https://sqs.eu-west-1.amazonaws.com/111122223333/insights-event"
ARN = "arn:aws:sqs:eu-west-1:111122223333:insights-event"


class Sqs:
    """Notes which messages are to come again, and when; those in *refused* it does not know."""

    def __init__(self, refused: Iterable[str] = ()) -> None:
        self.seconds: dict[str, int] = {}
        self.calls: list[int] = []
        self.refused = set(refused)

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        assert QueueUrl == URL
        self.calls.append(len(Entries))
        self.seconds |= {one["ReceiptHandle"].removeprefix("handle-"): one["VisibilityTimeout"] for one in Entries}
        failed = [one for one in Entries if one["ReceiptHandle"].removeprefix("handle-") in self.refused]
        return {"Failed": [{"Id": one["Id"], "Code": "ReceiptHandleIsInvalid"} for one in failed]}


class Time:
    """A function's time, which passes by hand."""

    def __init__(self, seconds: float = 10.0) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return round(self.seconds * 1000)


def record(number: int, *, entity: str = "o-1", received: int = 1, body: str | None = None) -> dict[str, Any]:
    time = f"2027-01-15T08:00:{number:02}Z"
    event = envelope("Order Confirmed", f"e-{number}", time=time, detail={"id": entity})
    return {
        "messageId": f"m-{number}",
        "receiptHandle": f"handle-m-{number}",
        "body": body or json.dumps({"choreography": SETTINGS, "event": event}),
        "attributes": {"ApproximateReceiveCount": str(received), "SentTimestamp": str(number)},
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
    }


def run(
    records: list[dict[str, Any]],
    handle: Callable[[Message], None],
    *,
    sqs: Any = None,
    context: Any = None,
    visibility_timeout: float = 60,
) -> list[str]:
    """Process a batch; the numbers of the messages that failed."""
    answer = process_batch(
        {"Records": records},
        handle,
        redelivery=Redelivery(sqs or Sqs(), [URL], visibility_timeout),
        time_left=TimeLeft.of(context),
    )
    return sorted(failure["itemIdentifier"] for failure in answer["batchItemFailures"])


def failing(error: Exception) -> Callable[[Message], None]:
    def handle(_message: Message) -> None:
        raise error

    return handle


# ---- when what failed comes again --------


@pytest.mark.parametrize("error", [RetryLater("not yet"), RuntimeError("unforeseen"), client_error("X", "x", "Y")])
def test_what_failed_comes_again_soon_and_then_less_soon(error: Exception) -> None:
    sqs = Sqs()
    for received, seconds in ((1, 1), (2, 5), (3, 15)):
        assert run([record(1, received=received)], failing(error), sqs=sqs) == ["m-1"]
        assert sqs.seconds == {"m-1": seconds}
    for received, seconds in ((4, 60), (7, 120), (11, 900)):
        assert run([record(1, received=received)], failing(error), sqs=sqs) == ["m-1"]
        assert sqs.seconds["m-1"] == seconds
    assert run([record(1, received=12)], failing(error), sqs=sqs) == ["m-1"]
    assert len(sqs.calls) == 6  # after its last try it is a dead letter, without a call
    assert sum(pause_seconds(error, received, "m") or 0 for received in range(1, 12)) > 2_700  # an outage of 45 minutes


def test_nothing_comes_again_later_than_its_visibility_timeout_would_bring_it() -> None:
    sqs = Sqs()
    run([record(1, received=3)], failing(RetryLater("not yet")), sqs=sqs, visibility_timeout=4)
    assert sqs.seconds == {"m-1": 4}


def test_what_can_never_be_processed_goes_through_its_tries_without_waiting() -> None:
    assert [pause_seconds(InvalidMessage("no"), received, "m") for received in (1, 4, 11)] == [1, 1, 1]


def test_what_step_functions_throttles_comes_again_after_minutes_and_not_all_at_once() -> None:
    error = Throttled("throttled")
    for received, seconds in ((1, 60), (2, 120), (5, 960), (6, 1920), (7, 3600), (11, 3600)):
        pauses = [pause_seconds(error, received, f"m-{number}") or 0.0 for number in range(200)]
        assert seconds * 0.25 <= min(pauses) < seconds * 0.3
        assert seconds * 0.95 < max(pauses) <= seconds
    # Twelve tries, 15 answers a second: more than 50,000 questions even in the shortest of these pauses.
    assert sum(0.25 * min(60 * 2**number, 3600) for number in range(11)) * 15 > 50_000
    sqs = Sqs()
    run([record(1, received=6)], failing(error), sqs=sqs)
    assert 480 <= sqs.seconds["m-1"] <= 1920


def test_only_what_failed_comes_again_with_one_call_for_ten() -> None:
    sqs = Sqs()

    def handle(message: Message) -> None:
        assert isinstance(message, EventMessage)
        if message.event.entity_id != "good":
            raise RetryLater("not yet")

    records = [record(number, entity="good" if number == 5 else f"o-{number}") for number in range(12)]
    assert run(records, handle, sqs=sqs) == sorted(f"m-{number}" for number in range(12) if number != 5)
    assert "m-5" not in sqs.seconds
    assert sqs.calls == [10, 1]
    run([record(1, entity="good")], handle, sqs=sqs)
    assert sqs.calls == [10, 1]


@pytest.mark.parametrize("code", ["AccessDenied", "ThrottlingException"])
def test_a_queue_that_cannot_be_told_does_no_harm(code: str, logged: Callable[[], list[dict[str, Any]]]) -> None:
    class Deaf:
        def change_message_visibility_batch(self, **_: Any) -> Any:
            raise client_error(code, "a text of AWS", "ChangeMessageVisibilityBatch")

    assert run([record(1)], failing(RetryLater("not yet")), sqs=Deaf()) == ["m-1"]
    told = logged()[-1]
    assert told["level"] == "WARNING"
    assert told["reason"] == f"AWS answered {code} to ChangeMessageVisibilityBatch"


def test_a_message_that_the_queue_does_not_know_is_named(logged: Callable[[], list[dict[str, Any]]]) -> None:
    sqs = Sqs(refused=["m-2"])
    assert run([record(1), record(2)], failing(RetryLater("not yet")), sqs=sqs) == ["m-1", "m-2"]
    assert logged()[-1]["message_ids"] == ["m-2"]


def test_messages_of_a_queue_that_nobody_named_are_left_to_their_visibility_timeout() -> None:
    sqs = Sqs()
    Redelivery(sqs, [URL], 60).redeliver([FailedMessage("arn:aws:sqs:eu-west-1:111122223333:other", "m-1", "r", 1)])
    assert sqs.calls == []


def test_how_often_a_message_was_received_is_known_to_whoever_handles_it() -> None:
    seen: list[int] = []

    def handle(message: Message) -> None:
        assert isinstance(message, EventMessage | RecheckMessage)
        seen.append(message.receive_count)

    again = {"choreography": SETTINGS, "again": {"kind": "deadline", "entityId": "o-2", "eventId": "e"}}
    run([record(1, received=3)], handle)
    run([record(2, received=4, body=json.dumps(again))], handle)
    assert seen == [3, 4]


# ---- where the time runs short --------


def slow(time: Time, seconds: float, begun: list[str]) -> Callable[[Message], None]:
    def handle(message: Message) -> None:
        assert isinstance(message, EventMessage)
        begun.append(message.event.event_id)
        time.seconds -= seconds

    return handle


def test_what_there_is_no_time_for_is_put_back_unbegun_until_its_turn_will_have_come(
    logged: Callable[[], list[dict[str, Any]]],
) -> None:
    time, sqs, begun = Time(10), Sqs(), list[str]()
    records = [record(number) for number in range(1, 8)]
    assert run(records, slow(time, 2, begun), sqs=sqs, context=time) == ["m-4", "m-5", "m-6", "m-7"]
    assert begun == ["e-1", "e-2", "e-3"]
    assert time.seconds >= 0
    assert sqs.seconds == {"m-4": 1, "m-5": 2, "m-6": 4, "m-7": 6}  # as long as those before it will take
    (line,) = logged()
    assert (line["level"], line["number"], line["journey"]) == ("WARNING", 4, "order#o-1")


def test_nothing_is_begun_of_which_one_hung_call_would_outlast_the_function() -> None:
    for left, expected in ((LONGEST_CALL_SECONDS, ["e-1", "e-2"]), (LONGEST_CALL_SECONDS - 0.01, ["e-1"])):
        begun: list[str] = []
        time = Time(2 * LONGEST_CALL_SECONDS)
        run([record(1), record(2)], slow(time, time.seconds - left, begun), context=time)
        assert begun == expected


def test_a_function_with_little_time_begins_something_all_the_same() -> None:
    time, begun = Time(2), list[str]()
    assert run([record(1), record(2)], slow(time, 1.5, begun), context=time) == ["m-2"]
    assert begun == ["e-1"]


def test_a_batch_that_takes_longer_than_the_function_never_repeats_whole_and_every_message_is_done() -> None:
    """Fifty messages of one journey, each slower than an eighth of the function's time: none has twelve tries."""
    waiting = dict.fromkeys(range(50), (0, 0.0))  # tries, and when it comes again
    now, done, most = 0.0, list[str](), 0
    while waiting:
        there = [number for number, (_, due) in waiting.items() if due <= now][:10]
        if not there:
            now = min(due for _, due in waiting.values())
            continue
        time, sqs = Time(10), Sqs()
        records = [record(number, received=waiting[number][0] + 1) for number in there]
        failed = run(records, slow(time, 1.3, done), sqs=sqs, context=time)
        assert time.seconds > 0
        now += 10 - time.seconds
        for number in there:
            tries = waiting[number][0] + 1
            most = max(most, tries)
            if f"m-{number}" in failed:
                waiting[number] = (tries, now + sqs.seconds.get(f"m-{number}", 60))
            else:
                del waiting[number]
    assert sorted(done) == sorted(f"e-{number}" for number in range(50))
    assert most < 12


def test_what_has_come_again_and_again_goes_first_of_its_journey_and_of_all_journeys() -> None:
    begun: list[str] = []
    run([record(1), record(2, received=4), record(3, received=9), record(4, received=5)], slow(Time(), 0, begun))
    assert begun == ["e-3", "e-4", "e-1", "e-2"]  # and else by time, as ever
    begun = []
    time = Time(10)
    records = [record(number, entity=f"o-{number}", received=8 if number == 12 else 1) for number in range(1, 13)]
    run(records, slow(time, 0, begun), context=time)
    assert begun[0] == "e-12"


def test_one_that_hangs_again_and_again_does_not_keep_its_neighbours_from_their_turn() -> None:
    """Both came nine times: the one that hangs takes the time, and the other comes again alone, before it."""
    time, sqs = Time(10), Sqs()

    def hang(_message: Message) -> None:
        time.seconds -= LONGEST_CALL_SECONDS + 0.1
        raise TimeoutError

    assert run([record(1, received=9), record(2, received=9)], hang, sqs=sqs, context=time) == ["m-1", "m-2"]
    assert sqs.seconds == {"m-1": 480, "m-2": 1}


def test_stream_records_for_which_there_is_no_time_come_again_from_the_first_of_them() -> None:
    time, looked = Time(10), list[str]()

    def look(changed: JourneyChange) -> None:
        looked.append(changed.key)
        time.seconds = 1.0

    one = [change_of("order#a", "1"), change_of("order#a", "2")]
    assert process_stream_records(one, look, time_left=TimeLeft.of(time)) == {"batchItemFailures": []}
    left = TimeLeft.of(Time(10))
    left.remaining = lambda: 1.0
    failed = process_stream_records([*one, change_of("order#b", "3")], look, time_left=left)
    assert failed == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "3"}]}
    assert looked == ["order#a"]
