"""Names and settings that AWS, or one of our own formats, would refuse, or that do not fit together."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from choreography_insights.core.durations import in_words
from choreography_insights.core.fields import EntityId, IdField, is_of_several, written
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, Spot
from choreography_insights.model.event_rules import event_settings
from choreography_insights.model.names import BEGUN_BY, UNEXPECTED_EVENT, UNEXPECTED_TRANSITION, added
from choreography_insights.model.workflow import (
    STAY,
    Name,
    Wait,
    Waiting,
    Workflow,
    accepted,
    anytime,
    begins_apart,
    nested,
    scopes,
)

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
    for state, generated in added(workflow):
        if len(state.name.text) <= _MAX_STATE < len(generated):
            yield state.name.spot.problem(
                catalogue.STATE_NAME_TOO_LONG, _too_long(f"the name {generated!r} that is generated for it", generated)
            )


def _too_long(what: str, name: str) -> str:
    return f"{what} has {len(name)} characters; Step Functions takes {_MAX_STATE}, so shorten it"


def clashing_names(workflow: Workflow) -> Iterator[Problem]:
    """States of the author and states that are added must not bear the same name."""
    generated = Counter(name for _, name in added(workflow))
    generated.update((UNEXPECTED_EVENT, UNEXPECTED_TRANSITION, *((BEGUN_BY,) if begins_apart(workflow) else ())))
    own = {state.name.text for state in nested(workflow.states)}
    for state in nested(workflow.states):
        if state.name.text in generated:
            yield state.name.spot.problem(
                catalogue.RESERVED_STATE_NAME,
                f"{state.name.text!r} is also the name of a state that is generated; choose another",
            )
    for state, name in added(workflow):
        if generated[name] > 1 and name not in own:
            yield state.name.spot.problem(
                catalogue.RESERVED_STATE_NAME, f"the name {name!r} would be generated twice; rename this state"
            )


def states_named_stay(workflow: Workflow) -> Iterator[Problem]:
    """Below `anytime` the word leads to no state."""
    everywhere = list(nested(workflow.states))
    if any(entry.stays for entries in (workflow.anytime, *map(anytime, everywhere)) for entry in entries):
        for state in everywhere:
            if state.name.text == STAY:
                yield state.name.spot.problem(
                    catalogue.RESERVED_STATE_NAME,
                    "below 'anytime', 'stay' means that a journey stays where it is, and never this state; rename it",
                )


def event_names(workflow: Workflow) -> Iterator[Problem]:
    """EventBridge takes 128 characters, and ``<`` and ``>`` would end in its input transformer."""
    retired = (one.event for one in workflow.events if one.retired)
    names = [*(start.event for start in workflow.starts), *_awaited(workflow), *retired]
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
    """EventBridge takes 256 characters; reports on journeys cannot begin or move one."""
    for source in workflow.every_source:
        if len(source.text) > _MAX_SOURCE:
            yield source.spot.problem(
                catalogue.INVALID_SOURCE_NAME,
                f"this source has {len(source.text)} characters; EventBridge takes {_MAX_SOURCE}, so shorten it",
            )
        elif _CONTROL.search(source.text) or "<" in source.text or ">" in source.text:
            yield source.spot.problem(
                catalogue.INVALID_SOURCE_NAME, "a source must not hold '<', '>' or control characters; rename it"
            )
        elif source.text == "choreography.insights":
            yield source.spot.problem(
                catalogue.RESERVED_SOURCE,
                "'choreography.insights' is what reports on journeys are sent as, so journeys of their own "
                "would never end; name the services' source",
            )


def parts_of_ids(workflow: Workflow) -> Iterator[Problem]:
    """Ids of more and of fewer parts are never the same."""
    for event, entity, spot in _own_ids(workflow):
        if len(entity) != len(workflow.entity):
            parts, usual = (f"{n} part{'s' if n > 1 else ''}" for n in (len(entity), len(workflow.entity)))
            yield spot.problem(
                catalogue.IDS_OF_DIFFERENT_LENGTH,
                f"the id of {event.text!r} has {parts} and that of other events {usual}, so they are never about "
                "the same entity; name as many fields",
            )


def ids_of_events(workflow: Workflow) -> Iterator[Problem]:
    """What tells the events of an entity apart is not what they have in common."""
    names = _each_once([*(start.event for start in workflow.starts), *_awaited(workflow)])
    told: set[Spot] = set()
    for name in names:
        settings = workflow.settings_of(name.text)
        spot = settings.event.spot if settings and settings.id else workflow.spot_of("id")
        own = IdField(workflow.id_of(name.text))
        if spot not in told and any(entry.entity == (own,) for entry in workflow.ids_of(name.text)):
            told.add(spot)
            yield spot.problem(
                catalogue.EVENTS_ID_IS_THE_ENTITYS,
                f"{written(own.path)} is the id of the entity, so of all its events the first would count and the "
                "others be dropped as its duplicates; name the field of the message's own id, or leave 'id' out",
            )


def _own_ids(workflow: Workflow) -> Iterator[tuple[Name, EntityId, Spot]]:
    """Yield where events carry the id that do not as all do."""
    for one in workflow.events:
        if one.entity and one.known_as is None:
            yield one.event, one.entity, one.event.spot
        yield from ((one.event, entry.entity, entry.spot) for entry in one.entries)
    for start in workflow.starts:
        if start.entity:
            yield start.event, start.entity, start.event.spot


def kinds_of_names(workflow: Workflow) -> Iterator[Problem]:
    """A kind of name becomes part of keys, where ``#`` ends it."""
    for one in workflow.events:
        for kind in (*(name.kind for name in one.also), *((one.known_as,) if one.known_as else ())):
            if not _CHOREOGRAPHY.fullmatch(kind.text):
                yield kind.spot.problem(
                    catalogue.INVALID_KIND_OF_NAME,
                    f"{kind.text!r} cannot be a kind of name; use up to 48 letters, digits, '-' and '_', a letter "
                    "first",
                )


def names_taught_of_several(workflow: Workflow) -> Iterator[Problem]:
    """A name has one entity, so an event about several cannot teach it."""
    for one in workflow.events:
        if one.also and any(is_of_several(entry.entity) for entry in workflow.ids_of(one.event.text)):
            name = one.also[0].kind
            yield name.spot.problem(
                catalogue.INVALID_ENTITY,
                f"{one.event.text!r} is about several entities, and a name has one; let an event teach "
                f"{name.text!r} that is about that one",
            )


def starts_under_other_names(workflow: Workflow) -> Iterator[Problem]:
    """A journey begins under the entity's own id: until then nobody can have taught another name."""
    starts = {start.event.text for start in workflow.starts}
    for one in workflow.events:
        if one.known_as and one.event.text in starts:
            yield one.known_as.spot.problem(
                catalogue.START_UNDER_OTHER_NAME,
                f"{one.event.text!r} begins journeys, and carries only another name of the entity; write 'entity' with "
                "the path of the entity's own id",
            )


def names_never_taught(workflow: Workflow) -> Iterator[Problem]:
    """Some event carries the name beside the entity's id, or beside a name that is taught itself."""
    taught: set[str] = set()
    while (
        new := {
            name.kind.text
            for one in workflow.events
            if one.known_as is None or one.known_as.text in taught
            for name in one.also
        }
        - taught
    ):
        taught |= new
    for one in workflow.events:
        if one.known_as and one.known_as.text not in taught:
            yield one.known_as.spot.problem(
                catalogue.NAME_NEVER_TAUGHT,
                f"no event teaches which entity a {one.known_as.text!r} is; write 'also: "
                f"{{{one.known_as.text}: $.detail.…}}' for one that carries it beside the entity's id",
            )


def wildcards_in_names(workflow: Workflow) -> Iterator[Problem]:
    """EventBridge's rules and the functions compare names whole."""
    events = _each_once([*(start.event for start in workflow.starts), *_awaited(workflow)])
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


def _awaited(workflow: Workflow) -> Iterator[Name]:
    yield from (entry.event for entry in workflow.anytime)
    yield from (event for state in nested(workflow.states) for event, _ in accepted(state))


def _each_once(names: list[Name]) -> list[Name]:
    """Return the names without those written at the same spot (an event with several entries is written once)."""
    return list({name.spot: name for name in names}.values())


_MAX_PATTERN = 2_048
_MAX_WRAPPED = 8_192 - 1_024
"""Of an input transformer's template, without what else stands in it: names, ARN, entity and time paths, numbers."""


def settle_within_early(workflow: Workflow) -> Iterator[Problem]:
    """What is held back to settle is kept, and nothing is kept longer than the grace period."""
    if workflow.settle_seconds > workflow.early_seconds:
        yield workflow.spot_of("settle" if "settle" in workflow.spots else "early").problem(
            catalogue.SETTLE_LONGER_THAN_EARLY,
            f"'settle' ({workflow.settle_seconds}s) is longer than 'early' ({workflow.early_seconds}s), so events "
            "would be unexpected before they have settled; shorten 'settle' or lengthen 'early'",
        )
    for state in nested(workflow.states):
        policy = state.policy if isinstance(state, Waiting) else None
        early = policy.early_seconds if policy else None
        if policy and policy.spot and early is not None and workflow.settle_seconds > early:
            yield policy.spot.problem(
                catalogue.SETTLE_LONGER_THAN_EARLY,
                f"'settle' ({workflow.settle_seconds}s) is longer than 'early' ({early}s) here, so "
                "events would be unexpected before they have settled; lengthen 'early'",
            )


def sizes_of_rules(workflow: Workflow) -> Iterator[Problem]:
    """EventBridge takes patterns of up to 2,048 characters, and input transformers of up to 8,192."""
    if not workflow.sources or not workflow.starts:
        return
    settings = event_settings(workflow)
    rules = (*settings["startEvents"], *settings["events"])
    longest = max(len(_as_terraform_writes(rule["pattern"])) for rule in rules)
    if longest > _MAX_PATTERN:
        remedy = "write 'capture: all'" if workflow.capture == "known" else "name fewer sources or start events"
        yield workflow.spot_of("capture").problem(
            catalogue.EVENT_PATTERN_TOO_LONG,
            f"an event pattern of {longest} characters would be made of it, and EventBridge takes {_MAX_PATTERN}; "
            f"{remedy}",
        )
    own = ("events", "remember", "when", "unless", "entity", "retired")
    wrapped = ([settings["reads"], *(rule[part] for part in own if part in rule)] for rule in rules)
    size = max(len(_as_terraform_writes(parts)) for parts in wrapped)
    if size > _MAX_WRAPPED:
        yield workflow.spot_of("states").problem(
            catalogue.INPUT_TRANSFORMER_TOO_LONG,
            "the names of its events and of the fields that 'when' looks at, a start event's own 'when', and where "
            f"events carry the id have {size:,} characters together; EventBridge leaves room for {_MAX_WRAPPED:,}, so "
            "make two choreographies of it",
        )


def _as_terraform_writes(value: Any) -> str:
    """Return what Terraform's ``jsonencode`` makes of *value*, which is what EventBridge is given."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026")


def timeouts_within_the_journey(workflow: Workflow) -> Iterator[Problem]:
    """A state's timeout must come before the whole journey's, or it never comes."""
    for state in nested(workflow.states):
        if isinstance(state, Waiting) and state.timeout and state.timeout.seconds >= workflow.timeout_seconds:
            yield state.timeout.spot.problem(
                catalogue.TIMEOUT_NEVER_COMES,
                f"this timeout never comes: the whole journey ends after {in_words(workflow.timeout_seconds)}; "
                "shorten it, or lengthen the 'timeout' of the choreography",
            )


def pauses_within_the_journey(workflow: Workflow) -> Iterator[Problem]:
    """A pause must be over before the whole journey is."""
    for state in nested(workflow.states):
        if isinstance(state, Wait) and isinstance(state.until, int) and state.until >= workflow.timeout_seconds:
            yield state.name.spot.problem(
                catalogue.PAUSE_NEVER_OVER,
                f"this pause is never over: the whole journey ends after {in_words(workflow.timeout_seconds)}; "
                "shorten it, or lengthen the 'timeout' of the choreography",
            )


def expected_before_the_timeout(workflow: Workflow) -> Iterator[Problem]:
    """A journey must be able to be overdue, or nobody would ever be told."""
    if workflow.expected_seconds is not None and workflow.expected_seconds >= workflow.timeout_seconds:
        yield workflow.spot_of("expected").problem(
            catalogue.NEVER_OVERDUE,
            f"no journey is ever overdue: it ends after {in_words(workflow.timeout_seconds)} at the latest; "
            "shorten 'expected', or lengthen 'timeout'",
        )


RULES = (
    choreography_name,
    state_names,
    clashing_names,
    states_named_stay,
    event_names,
    source_names,
    parts_of_ids,
    ids_of_events,
    kinds_of_names,
    names_taught_of_several,
    starts_under_other_names,
    names_never_taught,
    wildcards_in_names,
    repeated_names,
    states_named_twice,
    sizes_of_rules,
)
TIME_RULES = (
    settle_within_early,
    timeouts_within_the_journey,
    pauses_within_the_journey,
    expected_before_the_timeout,
)
