"""Names that AWS, or one of our own formats, would refuse."""

import re
from collections import Counter
from collections.abc import Iterator

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.model.generated_names import UNEXPECTED_EVENT, UNEXPECTED_TRANSITION, added_by
from choreography_insights.model.workflow import Name, Workflow, accepted, nested, scopes

_CHOREOGRAPHY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,47}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MAX_STATE, _MAX_EVENT, _MAX_SOURCE = 80, 128, 256


def choreography_name(workflow: Workflow) -> Iterator[Problem]:
    """The name becomes part of names of AWS resources and of keys, where ``#`` ends it."""
    name = workflow.name
    if name.text and not _CHOREOGRAPHY.fullmatch(name.text):
        yield name.spot.problem(
            catalogue.INVALID_CHOREOGRAPHY_NAME,
            f"{name.text!r} cannot name a choreography; use up to 48 letters, digits, '-' and '_', a letter first",
        )


def state_names(workflow: Workflow) -> Iterator[Problem]:
    """Step Functions takes 80 characters at most, those of generated names included."""
    for state in nested(workflow.states):
        name = state.name
        if not name.text.strip():
            yield name.spot.problem(catalogue.INVALID_STATE_NAME, "a state needs a name; write one before the colon")
        elif _CONTROL.search(name.text):
            yield name.spot.problem(
                catalogue.INVALID_STATE_NAME, "a state's name must not hold control characters; take them out"
            )
        elif len(name.text) > _MAX_STATE:
            yield name.spot.problem(catalogue.STATE_NAME_TOO_LONG, _too_long("this name", name.text))
        else:
            for added in added_by(state):
                if len(added) > _MAX_STATE:
                    yield name.spot.problem(
                        catalogue.STATE_NAME_TOO_LONG, _too_long(f"the name {added!r} that is generated for it", added)
                    )


def _too_long(what: str, name: str) -> str:
    return f"{what} has {len(name)} characters; Step Functions takes {_MAX_STATE}, so shorten it"


def clashing_names(workflow: Workflow) -> Iterator[Problem]:
    """States of the author and states that are added must not bear the same name."""
    added = Counter(name for state in nested(workflow.states) for name in added_by(state))
    added.update((UNEXPECTED_EVENT, UNEXPECTED_TRANSITION))
    own = {state.name.text for state in nested(workflow.states)}
    for state in nested(workflow.states):
        if state.name.text in added:
            yield state.name.spot.problem(
                catalogue.RESERVED_STATE_NAME,
                f"{state.name.text!r} is also the name of a state that is generated; choose another",
            )
        for name in added_by(state):
            if added[name] > 1 and name not in own:
                yield state.name.spot.problem(
                    catalogue.RESERVED_STATE_NAME, f"the name {name!r} would be generated twice; rename this state"
                )


def event_names(workflow: Workflow) -> Iterator[Problem]:
    """EventBridge takes 128 characters, and ``<`` and ``>`` would end in its input transformer."""
    awaited = (event for state in nested(workflow.states) for event, _ in accepted(state))
    names = [*(start.event for start in workflow.starts), *awaited]
    for name in _each_once(names):
        if not name.text.strip():
            yield name.spot.problem(
                catalogue.INVALID_EVENT_NAME, "an event needs a name; write the detail-type it has on the bus"
            )
        elif len(name.text) > _MAX_EVENT:
            yield name.spot.problem(
                catalogue.INVALID_EVENT_NAME,
                f"this event's name has {len(name.text)} characters; EventBridge takes {_MAX_EVENT}, so shorten it",
            )
        elif _CONTROL.search(name.text) or "<" in name.text or ">" in name.text:
            yield name.spot.problem(
                catalogue.INVALID_EVENT_NAME,
                f"the event's name {name.text!r} must not hold '<', '>' or control characters, "
                "which EventBridge's input transformer would take for its own; rename the event",
            )


def source_names(workflow: Workflow) -> Iterator[Problem]:
    """EventBridge takes 256 characters; some sources cannot be a service's of one's own."""
    for source in (*workflow.sources, *(source for one in workflow.events for source in one.sources)):
        if len(source.text) > _MAX_SOURCE:
            yield source.spot.problem(
                catalogue.INVALID_SOURCE_NAME,
                f"this source has {len(source.text)} characters; EventBridge takes {_MAX_SOURCE}, so shorten it",
            )
        elif _CONTROL.search(source.text) or "<" in source.text or ">" in source.text:
            yield source.spot.problem(
                catalogue.INVALID_SOURCE_NAME, "a source must not hold '<', '>' or control characters; rename it"
            )
        elif source.text.startswith("aws."):
            yield source.spot.problem(
                catalogue.RESERVED_SOURCE,
                f"sources that begin with 'aws.' are reserved for AWS, which puts no event of {source.text!r} on a "
                "custom bus; let a rule or pipe of yours publish it again under a source of your own",
            )
        elif source.text == "choreography.insights":
            yield source.spot.problem(
                catalogue.RESERVED_SOURCE,
                "'choreography.insights' is what reports on journeys are sent as, so journeys of their own "
                "would never end; name the services' source",
            )


def wildcards_in_names(workflow: Workflow) -> Iterator[Problem]:
    """EventBridge's rules and the functions compare names whole."""
    awaited = (event for state in nested(workflow.states) for event, _ in accepted(state))
    events = _each_once([*(start.event for start in workflow.starts), *awaited])
    for what, names in (("event", events), ("source", workflow.sources)):
        for name in names:
            if "*" in name.text:
                yield name.spot.problem(
                    catalogue.WILDCARD_IN_NAME,
                    f"the {what} {name.text!r} is compared whole, so '*' stands for itself; name each {what}",
                )


def repeated_names(workflow: Workflow) -> Iterator[Problem]:
    """A source or a start event is named once."""
    starts = tuple(start.event for start in workflow.starts)
    for names, what in ((workflow.sources, "source"), (starts, "start event")):
        seen: dict[str, Name] = {}
        for name in names:
            if name.text in seen:
                first = seen[name.text].spot.at
                yield name.spot.problem(
                    catalogue.REPEATED_NAME,
                    f"the {what} {name.text!r} is named twice, first at line {first.line}, column {first.column}; "
                    "keep one of the two",
                )
            else:
                seen[name.text] = name


def states_named_twice(workflow: Workflow) -> Iterator[Problem]:
    """Step Functions wants every name once in a whole state machine, whatever branch it is in."""
    seen: dict[str, Name] = {}
    for scope in scopes(workflow):
        for state in scope.states:
            first = seen.setdefault(state.name.text, state.name)
            if first is not state.name:
                yield state.name.spot.problem(
                    catalogue.DUPLICATE_STATE_NAME,
                    f"a state in another branch is named {state.name.text!r} too, at line {first.spot.at.line}, and "
                    "Step Functions takes each name once; rename one of the two",
                )


def _each_once(names: list[Name]) -> list[Name]:
    """Return the names without those written at the same spot (an event with several entries is written once)."""
    return list({name.spot: name for name in names}.values())


RULES = (
    choreography_name,
    state_names,
    clashing_names,
    event_names,
    source_names,
    wildcards_in_names,
    repeated_names,
    states_named_twice,
)
