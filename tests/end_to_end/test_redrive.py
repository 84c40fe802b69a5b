"""Putting dead letters back, by the very commands that docs/operations-and-design/operations.md says."""

import json
import re
import shlex
from string import Template
from typing import Any

import pytest

from demonstration.deployment import Stage

from .conftest import ROOT, dead_letters, messages_on, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

ENTITY = "redriven"


def documented_commands() -> list[list[str]]:
    """The words of each command in the section about redrive."""
    text = (ROOT / "docs" / "operations-and-design" / "operations.md").read_text(encoding="utf-8")
    section = text.partition("\n## Redrive")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    return [shlex.split(line.removeprefix("$ ")) for line in block.splitlines()]


def run(stage: Stage, words: list[str], variables: dict[str, str]) -> dict[str, Any]:
    """Do what the AWS CLI would do: `aws sqs some-call --an-argument value`."""
    program, service, call, *rest = words
    assert program == "aws"
    arguments = {
        "".join(part.title() for part in name.removeprefix("--").split("-")): Template(value).substitute(variables)
        for name, value in zip(rest[::2], rest[1::2], strict=True)
    }
    typed = {name: int(value) if value.isdigit() else value for name, value in arguments.items()}
    answer: dict[str, Any] = getattr(stage.aws.client(service), call.replace("-", "_"))(**typed)
    return answer


def publish(stage: Stage, name: str) -> None:
    entry = {
        "EventBusName": stage.outputs["event_bus_name"],
        "Source": "order",
        "DetailType": name,
        "Detail": json.dumps({"id": ENTITY}),
    }
    assert stage.aws.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def wait_in(stage: Stage, state: str) -> None:
    until(lambda: stage.journey("order", ENTITY).waits_in == (state,), lambda: stage.journey("order", ENTITY))


def fire_schedules(stage: Stage, *, enabled: bool) -> None:
    """Let schedules send to the event queue, or not."""
    events = stage.aws.client("events")
    for rule in events.list_rules()["Rules"]:
        if "ScheduleExpression" in rule:
            (events.enable_rule if enabled else events.disable_rule)(Name=rule["Name"])


def poll_the_event_queue(stage: Stage, *, enabled: bool) -> None:
    """Let the resume function read the event queue, or not."""
    client = stage.aws.client("lambda")
    mappings = client.list_event_source_mappings()["EventSourceMappings"]
    queue = stage.outputs["queue_urls"]["event"].rsplit("/", 1)[1]

    def state_of(uuid: str) -> str:
        return str(client.get_event_source_mapping(UUID=uuid)["State"])

    (uuid,) = (one["UUID"] for one in mappings if one["EventSourceArn"].endswith(f":{queue}"))
    client.update_event_source_mapping(UUID=uuid, Enabled=enabled)
    wanted = "Enabled" if enabled else "Disabled"
    until(lambda: state_of(uuid) == wanted, lambda: state_of(uuid))


def dead_letter(stage: Stage, name: str) -> None:
    """Publish an event that has all its tries, and fails in each."""
    sqs, url = stage.aws.client("sqs"), stage.outputs["queue_urls"]["event"]
    fire_schedules(stage, enabled=False)
    # What others have there, some of it for minutes yet, must have been worked off: all on the queue gets a try.
    until(lambda: messages_on(stage.aws, url) == 0, lambda: messages_on(stage.aws, url), aws=stage.aws, turn=60)
    poll_the_event_queue(stage, enabled=False)
    publish(stage, name)

    def fails_again() -> bool:
        for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []):
            handle = message["ReceiptHandle"]
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        return dead_letters(stage) == {"event": 1}

    until(fails_again, lambda: dead_letters(stage))
    poll_the_event_queue(stage, enabled=True)
    fire_schedules(stage, enabled=True)


def test_the_documented_commands_move_a_dead_letter_s_journey_on(stage: Stage) -> None:
    publish(stage, "Order Placed")
    wait_in(stage, "WaitForConfirmation")
    dead_letter(stage, "Order Confirmed")
    assert stage.journey("order", ENTITY).waits_in == ("WaitForConfirmation",)

    look, put_back, see = documented_commands()
    url = stage.outputs["dead_letter_queue_urls"]["event"]
    attributes = stage.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    names = {"DEAD_LETTER_QUEUE_URL": url, "DEAD_LETTER_QUEUE_ARN": attributes["QueueArn"]}

    (message,) = run(stage, look, names)["Messages"]
    assert json.loads(message["Body"])["event"]["detail-type"] == "Order Confirmed"
    until(
        lambda: messages_on(stage.aws, url, ("",)) == 1,  # it can be seen again
        lambda: messages_on(stage.aws, url),
        aws=stage.aws,
        turn=10,
    )
    run(stage, put_back, names)
    until(lambda: run(stage, see, names)["Results"][0]["Status"] == "COMPLETED", lambda: run(stage, see, names))
    wait_in(stage, "WaitForServiceProviderAccept")

    for name in ("Order Accepted", "Order Delivered"):
        publish(stage, name)
    until(lambda: stage.journey("order", ENTITY).status == "SUCCEEDED", lambda: stage.journey("order", ENTITY))
    assert dead_letters(stage) == {}
