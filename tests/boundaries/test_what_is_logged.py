"""What may stand in a log line: our faults' words and the fields of the log are made of names, ids and numbers only.

A fault's words go into the log. So every expression that one of them holds is listed here; whoever adds one asks
whether it can ever be content: of an event, a message, or an answer of AWS.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from devtools.places import ROOT

PACKAGE = ROOT / "lambda_src" / "choreography_insights"
DEPLOYED = [file for room in ("core", "runtime", "insights") for file in sorted(PACKAGE.glob(f"{room}/*.py"))]
FAULTS = {"InvalidMessage", "InvalidPattern", "RetryLater", "Throttled"}

NAMES_AND_NUMBERS = {
    # names and ids: of choreographies and their paths, events, journeys (with the entity's id), parts of this project
    "choreography.name",
    "fault.path",  # of a NoEntityIdError: the choreography's path to an id
    "changed.key",
    "path",
    "name",
    "where",
    "fault",  # an InvalidPath, which quotes the path, or an InvalidPattern, whose words are held to the same
    "key",  # of an envelope: id or detail-type
    "missing",  # a setting's name
    "setting",
    "event.event_id",
    "row.event_id",
    "question.event.event_id",
    "message.event_id",
    "kind",  # of a name
    "journey_key",
    "snapshot.journey.key",
    "detail_type",
    "self.bus_name",
    "type(message).__name__",
    "error.operation_name",
    # what looks like a code
    "code",
    # numbers, kinds and lengths
    "len(content)",
    "len(bridge_id)",
    "len(each)",
    "len(found)",
    "size",
    "error.lineno",
    "error.colno",
    "MAX_ROUNDS",
    "MOST_ENTITIES",
    "EVENT_ID_LIMIT",
    "ENTITY_ID_LIMIT",
    "limit",
    # what there is to choose from
    "', '.join(_KINDS)",
    "', '.join(_OPERATORS)",
    "', '.join(_COMPARISONS)",
}
FIELDS = {
    "choreography",
    "contested",
    "duration_seconds",
    "entity_id",
    "event_id",
    "event_name",
    "eventbridge_id",
    "execution_arn",
    "extra",  # of `batch`: message_id, receive_count, reason, journey
    "item",
    "journey",
    "known_as",
    "message_ids",
    "number",
    "overdue_seconds",
    "records",
    "seconds_in_state",
    "state",
    "status",
    "told",
}
#: Fields that hold words, and what makes them harmless.
WORDS = {
    "reason": {"reason", "reason_of(error)", "deviation.get('reason')"},  # the last a ComeBack's: our own words
    "cause": {"_without_items(deviation)"},
    "error": {"_without_data(end.error)"},
    "botocore": {"botocore.__version__"},
    "places": {"places_of(error)"},  # in our own code
    "view": {"here.view if here.view in asked.VIEWS else ''"},
}


def calls(*, of: set[str]) -> Iterator[tuple[Path, ast.Call]]:
    """All calls of functions, or methods, of these names."""
    for file in DEPLOYED:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in of:
                yield file, node


def held_by(words: ast.expr) -> Iterator[str]:
    """The expressions whose values stand in *words*."""
    for node in ast.walk(words):
        if isinstance(node, ast.FormattedValue):
            yield ast.unparse(node.value)


def test_the_words_of_faults_hold_names_ids_and_numbers_only() -> None:
    found = {
        f"{file.name}: {held}"
        for file, call in calls(of=FAULTS)
        for held in held_by(call.args[0])
        if held not in NAMES_AND_NUMBERS and not held.startswith("kind_of(")
    }
    assert found == set()


def test_faults_speak_in_their_own_words() -> None:
    others = [
        f"{file.name}:{call.lineno}"
        for file, call in calls(of=FAULTS)
        if not isinstance(call.args[0], ast.JoinedStr | ast.Constant)
    ]
    assert others == []


def test_a_log_line_has_a_fixed_text_and_harmless_fields() -> None:
    loggers = {f"logger.{level}" for level in ("debug", "info", "warning", "error", "exception", "critical")}
    seen = list(calls(of=loggers))
    assert len(seen) > 10
    for file, call in seen:
        assert [type(one) for one in call.args] == [ast.Constant], f"{file.name}:{call.lineno}"
        for field in call.keywords:
            told = field.arg in FIELDS or ast.unparse(field.value) in WORDS.get(str(field.arg), ())
            assert told, f"{file.name}:{call.lineno}: {field.arg}={ast.unparse(field.value)}"
