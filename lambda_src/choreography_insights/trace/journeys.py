"""The journeys to paint: of a file of events that is replayed, or an execution of Step Functions."""

import math
import re
from collections.abc import Sequence
from typing import Any

from choreography_insights.model.workflow import Workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, replay
from choreography_insights.replay.envelopes import Say, heard
from choreography_insights.replay.event_files import Reading, Recording, UnreadableError
from choreography_insights.replay.journey_log import Summary
from choreography_insights.trace.trace import of_history, of_replay
from choreography_insights.views.trace import Trace

_EXECUTION = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:execution:[^:]+:[^:]+")


class NoJourneyError(Exception):
    """There is no journey to paint, or more than one; the message says which there are."""


def replayed(workflow: Workflow, recording: Recording, entity: str | None, complain: Say) -> Trace:
    """Return the trace of the last journey of *entity* in the events of *recording*; None: of the only entity.

    *complain* is told of events that cannot be used, as a replay tells of them.
    """
    choreography, reading = Automaton.of_recorded(workflow), Reading(recording, complain)
    try:
        events = list(heard(choreography, reading, Summary(choreography), complain, reading.place))
    except (UnreadableError, UnicodeDecodeError) as error:
        raise NoJourneyError(f"{recording.name}: {error}") from error
    journeys, _ = replay(choreography, InOrder(math.inf)(events))
    entities = list(dict.fromkeys(journey.entity for journey in journeys))
    if not entities:
        starts = " or ".join(start.event.text for start in workflow.starts)
        raise NoJourneyError(f"{recording.name}: no journey begins in these events; let one of them be {starts}")
    if entity is None and len(entities) > 1:
        raise NoJourneyError(f"{recording.name}: there are journeys of {_listed(entities)}; name one with --entity")
    wanted = entities[0] if entity is None else entity
    own = [journey for journey in journeys if journey.entity == wanted]
    if not own:
        raise NoJourneyError(
            f"{recording.name}: there is no journey of {wanted!r}; there are those of {_listed(entities)}"
        )
    return of_replay(workflow, own[-1])


def asked_for(workflow: Workflow, arn: str) -> Trace:
    """Return the trace of the execution *arn*; asks AWS with the credentials of the environment."""
    if not _EXECUTION.fullmatch(arn):
        raise NoJourneyError(
            f"{arn!r} is no ARN of an execution; copy it from the Step Functions console: "
            "arn:aws:states:REGION:ACCOUNT:execution:STATE-MACHINE:NAME"
        )
    try:
        import boto3  # noqa: PLC0415  # only who asks AWS needs it
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NoJourneyError(f"{arn}: asking AWS for it needs boto3; install it: pip install boto3") from error
    try:
        return executed(workflow, arn, boto3.client("stepfunctions", region_name=arn.split(":")[3]))
    except ClientError as error:
        about = error.response["Error"]
        raise NoJourneyError(f"{arn}: AWS answers {about['Code']}: {about['Message']}") from error
    except BotoCoreError as error:
        raise NoJourneyError(f"{arn}: AWS could not be asked: {error}") from error


def executed(workflow: Workflow, arn: str, stepfunctions: Any) -> Trace:
    """Return the trace of the execution *arn*, which *stepfunctions* is asked for."""
    execution = stepfunctions.describe_execution(executionArn=arn)
    pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    return of_history(workflow, execution, [event for page in pages for event in page["events"]])


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown
