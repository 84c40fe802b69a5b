"""The language, described: every key, what it takes, and what it means."""

from typing import get_args

from choreography_insights.authoring.patterns import Comparison
from choreography_insights.authoring.schema.shapes import Entries, Key, Keys, ListOf, Named, OneOf, Shape, Text, Value
from choreography_insights.authoring.workflow import Capture, OnUnexpected

_FIELD = r"""[^'"\\<>\x00-\x1f\x7f]+"""
_STEP = rf"(\.[A-Za-z_][A-Za-z0-9_]*|\['{_FIELD}'\])"

DURATION = Text("A whole number and a unit: 30s, 5m, 2h, 14d, 2w.", form="^[0-9]{1,9}[smhdw]$")
PATH = Text(
    "The way to a field of the event's detail: $.detail.order.id, or $.detail['order id'].",
    form=rf"^\$(\.detail|\['detail'\]){_STEP}+$",
)
CLOCK = OneOf((Text(values=("$.time", "$['time']")), PATH))
TARGET = Text("The name of the state that follows.")
EVENT = Text("The name of an event: its detail-type on the bus.")
ONE_OR_SEVERAL = OneOf((EVENT, ListOf(EVENT)))

SCALAR = Value(("string", "number", "boolean", "null"), "Exactly this value, of this type.")
_TEXTS = (
    Key("prefix", "Text that begins so.", Text()),
    Key("suffix", "Text that ends so.", Text()),
    Key("wildcard", r"Text of this form; * stands for any text, \* for itself.", Text()),
)
_MATCHERS = (
    *_TEXTS,
    Key(
        "anything-but",
        "A value that is there and is none of these.",
        OneOf((SCALAR, ListOf(SCALAR), *(Keys("a matcher", (key,)) for key in _TEXTS))),
    ),
    Key(
        "numeric",
        'A number within bounds: [">=", 100, "<", 500].',
        ListOf(OneOf((Text(values=get_args(Comparison)), Value(("number",)))), least=2),
    ),
    Key("exists", "Whether the field is there, whatever its value.", Value(("boolean",))),
)
MATCHER = OneOf((SCALAR, *(Keys("a matcher", (key,)) for key in _MATCHERS)))


def _pattern() -> Shape:
    return Entries(
        OneOf((ListOf(MATCHER, about="What may match: one of these."), PATTERN)),
        "An EventBridge event pattern on the event's detail: all fields must match, of each field's list one matcher.",
        names=Text(form=f"^{_FIELD}$"),
        special=(Key("$or", "One of these patterns must match.", ListOf(PATTERN, least=2)),),
    )


PATTERN = Named("pattern", _pattern)
TIMEOUT = Keys(
    "a 'timeout'",
    (
        Key("after", "How long to wait; shorter than the whole journey's timeout.", DURATION, required=True),
        Key("next", "The state that the journey then goes to.", TARGET, required=True),
    ),
)
_TIMEOUT = Key("timeout", "What happens if the event does not come in time.", TIMEOUT)
ENTRY = Keys(
    "an entry",
    (
        Key("when", "Takes the event only if its detail matches this pattern. Without it: always.", PATTERN),
        Key("next", "The state that follows.", TARGET, required=True),
    ),
)
AWAIT = Keys(
    "an 'await' state",
    (
        Key(
            "await",
            "Waits for one of these events. Each is followed by the state it leads to, or by a list of which the first "
            "entry that fits is taken.",
            Entries(OneOf((TARGET, ListOf(ENTRY)))),
            required=True,
        ),
        _TIMEOUT,
    ),
)
ALL = Keys(
    "an 'all' state",
    (
        Key(
            "all",
            "Waits for every one of these events, in any order. Each has a short name, under which its wait shows.",
            Entries(EVENT),
            required=True,
        ),
        Key("next", "The state that follows when all have come.", TARGET, required=True),
        _TIMEOUT,
    ),
)
FAIL = Keys(
    "a 'fail' state",
    (
        Key(
            "fail",
            "Ends the journey as failed.",
            Keys(
                "'fail'",
                (
                    Key("error", "The error's name (the state's own by default).", Text()),
                    Key("cause", "The cause, in words.", Text()),
                ),
            ),
            required=True,
        ),
    ),
)
ENDS = Text("Ends the journey: well, or as failed.", values=("succeed", "fail"))

STATE_KINDS: tuple[Keys, ...] = (AWAIT, ALL, FAIL)
"""What a state may be beside `ENDS`. A new kind is added here."""

STATE = Named("state", lambda: OneOf((ENDS, *STATE_KINDS)))

CHOREOGRAPHY = Keys(
    "a choreography",
    (
        Key(
            "choreography",
            "The choreography's name: a letter, and up to 47 letters, digits, - and _.",
            Text(form="^[A-Za-z][A-Za-z0-9_-]{0,47}$"),
            required=True,
        ),
        Key("description", "What it is about, in a sentence.", Text()),
        Key("entity", "Where every event carries the id of the entity.", PATH, default="$.detail.id"),
        Key("source", "The source of its events on the bus: one, or a list.", ONE_OR_SEVERAL, required=True),
        Key("start", "The event that begins a journey: one, or a list.", ONE_OR_SEVERAL, required=True),
        Key("timeout", "How long a whole journey may take.", DURATION, default="365d"),
        Key("early", "How long an event that comes too early is kept.", DURATION, default="60s"),
        Key(
            "settle",
            "How long a contested event waits for one that may overtake it; at most 15m.",
            DURATION,
            default="2s",
        ),
        Key(
            "unexpected",
            "What an unexpected event does: 'fail' ends the journey, 'ignore' only reports the event.",
            Text(values=get_args(OnUnexpected)),
            default=get_args(OnUnexpected)[0],
        ),
        Key(
            "capture",
            "Which events are heard: 'all' of the sources, or 'known', only those that the file names.",
            Text(values=get_args(Capture)),
            default=get_args(Capture)[0],
        ),
        Key("time", "Where events carry a finer clock than EventBridge's whole seconds.", CLOCK, default="$.time"),
        Key(
            "states",
            "The states of a journey, by name; it begins in the first.",
            Entries(STATE, names=Text(longest=80)),
            required=True,
        ),
    ),
    "A choreography: the order of events that an entity, such as an order or a car, goes through.",
)
