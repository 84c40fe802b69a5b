"""The language, described: every key, what it takes, and what it means."""

from dataclasses import replace
from typing import get_args

from choreography_insights.model.patterns import Comparison
from choreography_insights.model.workflow import CAPTURE, ITEMS_AT_ONCE, MOST_TIMES, UNEXPECTED, Capture, OnUnexpected
from choreography_insights.schema.shapes import Entries, Key, Keys, ListOf, Named, Number, OneOf, Shape, Text, Value

_FIELD = r"""[^'"\\<>\x00-\x1f\x7f]+"""
_ELEMENT_STEP = rf"(\.[A-Za-z_][A-Za-z0-9_]*|\['{_FIELD}'\]|\[(0|[1-9][0-9]*)\])"
_STEP = rf"(\.[A-Za-z_][A-Za-z0-9_]*|\['{_FIELD}'\])"

DURATION = Text("A whole number and a unit: 30s, 5m, 2h, 14d, 2w.", form="^[0-9]{1,9}[smhdw]$")
PATH = Text(
    "The way to a field of the event's detail, also through lists: $.detail.order.id, or $.detail.items[0].id.",
    form=rf"^\$(\.detail|\['detail'\]){_ELEMENT_STEP}+$",
)
ID_PATH = Text(
    "The way to the field that holds the id: $.detail.order.id, $.detail.items[0].id, $.resources[0], $.account, "
    "$.region, $.source; $.detail.items[*].id of an event about several entities.",
    form=rf"^\$((\.detail|\['detail'\]){_ELEMENT_STEP}({_ELEMENT_STEP}|\[\*\])*|"
    r"(\.resources|\['resources'\])\[([0-9]+|\*)\]|\.(account|region|source)|"
    r"\['(account|region|source|detail-type)'\])$",
)
ID_FIELD = OneOf(
    (
        ID_PATH,
        Keys(
            "a field of the id",
            (
                Key("path", "The way to the field.", ID_PATH, required=True),
                Key(
                    "like",
                    "The id is the part of the field's text where this has {id}; * is any text. What does not fit is "
                    "about something else.",
                    Text(form=r"^[^{}]*\{id\}[^{}]*$"),
                ),
                Key("fold", "case: upper and lower case are one.", Text(values=("case",))),
            ),
        ),
    )
)
ENTITY = OneOf((ID_FIELD, ListOf(ID_FIELD, about="The fields that the id is made of, in order.")))
KIND_OF_NAME = Text(
    "What the name is: a letter, and up to 47 letters, digits, - and _.", form="^[A-Za-z][A-Za-z0-9_-]{0,47}$"
)
OTHER_NAME = Keys(
    "an entity under another name",
    (
        Key(
            "as",
            "Which kind of name the events carry, as 'also' calls it where it is taught.",
            KIND_OF_NAME,
            required=True,
        ),
        Key("at", "Where they carry it.", ENTITY, required=True),
    ),
)
DATA_PATH = Text(
    "The way to a field that the journey knows: $.detail.reason, of its newest event, or $.remembered.reason.",
    form=rf"^\$(\.(detail|remembered)|\['(detail|remembered)'\]){_STEP}+$",
)
KEY_PATH = Text("The way to a field of an item: $.number.", form=rf"^\${_STEP}+$")
MEMORY_PATH = Text(
    "The way to a field of the event's detail: detail.price.amount.",
    form=rf"^(\$\.detail|\$\['detail'\]|detail){_ELEMENT_STEP}+$",
)
EVENT_ID = OneOf((Text(values=("$.id", "$['id']")), PATH))
CLOCK = OneOf((Text(values=("$.time", "$['time']")), PATH))
TARGET = Text("The name of the state that follows.")
_TARGET_OR_STAY = Text("The name of the state that follows; or 'stay': the event is noted, and the journey stays.")
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
TIMEOUT = Key(
    "timeout",
    "What happens if that does not come about in time.",
    Keys(
        "a 'timeout'",
        (
            Key("after", "How long to wait; shorter than the whole journey's timeout.", DURATION, required=True),
            Key("next", "The state that the journey then goes to.", TARGET, required=True),
        ),
    ),
)
_UNEXPECTED = OneOf((Text(values=get_args(OnUnexpected)), Text("What 'report' was called before.", values=("ignore",))))
EXPECTED = Key(
    "expected", "How long a stay here takes at most if all is well; one that takes longer is overdue.", DURATION
)
"""What every state in which time passes may have."""

WAITING = (
    EXPECTED,
    TIMEOUT,
    Key("unexpected", "What an unexpected event does here, if not what it does elsewhere.", _UNEXPECTED),
    Key("early", "How long an event that comes too early is kept here, if not as elsewhere.", DURATION),
)
"""What every state that waits for events may have."""

WHEN = Key("when", "Only if the event's detail matches this pattern.", PATTERN)
REMEMBERED = Key("remembered", "Only if what the journey remembers matches this pattern.", PATTERN)
OTHERWISE = Key("otherwise", "The state that follows if no entry before this one fits.", TARGET, required=True)
REMEMBER = Key(
    "remember",
    "What the journey remembers of the event from then on: names, each with the way to a field.",
    Entries(MEMORY_PATH, names=Text(form=f"^{_FIELD}$")),
)
_NEXT = Key("next", "The state that follows.", TARGET, required=True)


QUORUM = (
    Key("times", "So many events of this kind must come.", Number("From 2 to 100.", 2, MOST_TIMES)),
    Key("distinct", "Of events with the same text or number in this field one counts; those without it do not.", PATH),
)


def _entry(*more: Key, what: str = "an entry", target: Text = TARGET) -> OneOf:
    following, otherwise = replace(_NEXT, shape=target), replace(OTHERWISE, shape=target)
    return OneOf((Keys(what, (WHEN, REMEMBERED, following, *more)), Keys(what, (otherwise, *more))))


def _entries(*more: Key, what: str = "an entry", target: Text = TARGET) -> ListOf:
    """Return the list of entries out of which the first that fits is taken."""
    return ListOf(_entry(*more, what=what, target=target), about="Entries, of which the first that fits is taken.")


ENDS = Text("Ends the journey: well, or as failed. In a branch, 'succeed' ends the branch.", values=("succeed", "fail"))


def _ways(*more: Key, what: str = "an entry", target: Text = TARGET) -> Entries:
    """Return events, each with the ways that it takes."""
    entry, entries = _entry(*more, what=what, target=target), _entries(*more, what=what, target=target)
    return Entries(OneOf((target, *entry.options, entries)))


_AT_ANY_TIME = _ways(REMEMBER, what="an entry of 'anytime'", target=_TARGET_OR_STAY)
_ANYTIME = Key(
    "anytime",
    "Events that end this state wherever it is, each with the state it leads to, with an entry that says more, or with "
    "a list of which the first entry that fits is taken. With 'stay' in place of a state they are only noted.",
    _AT_ANY_TIME,
)
_NEED = Key(
    "need",
    "So many of them are enough; that ends the others.",
    Number(f"From 1 to {ITEMS_AT_ONCE}.", 1, ITEMS_AT_ONCE),
)
GROUP = (*WAITING, _ANYTIME, _NEED)
"""What every state may have in which several lines run at once."""

AWAIT = Keys(
    "an 'await' state",
    (
        Key(
            "await",
            "Waits for one of these events. Each is followed by the state it leads to, by an entry that says more, or "
            "by a list of which the first entry that fits is taken.",
            _ways(REMEMBER, *QUORUM),
            required=True,
        ),
        *WAITING,
        Key(
            "done",
            "In a branch of a 'parallel' with 'until': the branch is done here, and what comes takes it up again.",
            Value(("boolean",)),
        ),
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
        Key(
            "instead",
            "Events of which one may come in place of them all, as long as none of them has come, each with the state "
            "it leads to, with an entry that says more, or with a list of which the first entry that fits is taken.",
            _ways(REMEMBER, what="an entry of 'instead'"),
        ),
        *GROUP,
    ),
)


def _state() -> Shape:
    return OneOf((ENDS, *STATE_KINDS))


STATE = Named("state", _state)
STATES = Entries(STATE, names=Text(longest=80))


def _lessons() -> Key:
    hows = {
        "count": "How many of them remember something under this name.",
        "list": "What they remember under this name, as a list.",
        "any": "Whether one of them at least remembers something under this name.",
        "all": "Whether each of them remembers something under this name.",
    }
    name = Text("A name that something is remembered under in there.", form=f"^{_FIELD}$")
    of_lines = "what is remembered of the lines"
    ways = tuple(Keys(of_lines, (Key(how, what, name, required=True),)) for how, what in hows.items())
    return Key(
        "remember",
        "What the journey remembers behind this state of what its branches or items remember: names, each with how it "
        "is gathered.",
        Entries(OneOf(ways), names=Text(form=f"^{_FIELD}$")),
    )


_BRANCHES = Key(
    "parallel",
    "Goes through all of these branches at once. Each has a name, and states of its own.",
    Entries(
        Keys(
            "a branch",
            (Key("states", "The branch's states; it begins in the first.", STATES, required=True),),
        )
    ),
    required=True,
)
PARALLEL = Keys(
    "a 'parallel' state",
    (
        _BRANCHES,
        Key(
            "next",
            "The state that follows when every branch is done, of those that can end well.",
            TARGET,
            required=True,
        ),
        Key("first", "The first branch that is done is enough; that ends the others.", Value(("boolean",))),
        _lessons(),
        *GROUP,
    ),
)
PARALLEL_UNTIL = Keys(
    "a 'parallel' state",
    (
        _BRANCHES,
        Key(
            "until",
            "Events that lead on once every branch is done, of those that can end well. Until one comes, a branch that "
            "is done may be taken up again (see 'done').",
            _ways(REMEMBER, what="an entry of 'until'"),
            required=True,
        ),
        *WAITING,
        _ANYTIME,
    ),
)
EACH = Keys(
    "an 'each' state",
    (
        Key(
            "each",
            "Goes through its states once for each item of a list, 40 at once. It may have up to 1,000 items if all of "
            "them are waited for and nothing takes its time in them, else 40.",
            Keys(
                "'each'",
                (
                    Key("items", "Where the list is.", DATA_PATH, required=True),
                    Key("key", "Where each item has its key; without it the item is its key.", KEY_PATH),
                    Key("item", "Where events carry the key of the item they are about.", PATH, required=True),
                    Key("states", "The states of one item; it begins in the first.", STATES, required=True),
                ),
            ),
            required=True,
        ),
        Key("next", "The state that follows when every item is done.", TARGET, required=True),
        _lessons(),
        *GROUP,
    ),
)
CHOOSE = Keys(
    "a 'choose' state",
    (Key("choose", "Goes on at once, by what is known. The last entry says 'otherwise'.", _entries(), required=True),),
)
WAIT = Keys(
    "a 'wait' state",
    (
        Key(
            "wait",
            "Lets time pass: so long, or until a moment that a field names.",
            OneOf(
                (
                    DURATION,
                    Keys(
                        "'wait'",
                        (
                            Key(
                                "until",
                                "Where the moment stands, as text: 2026-01-31T12:00:00Z.",
                                DATA_PATH,
                                required=True,
                            ),
                        ),
                    ),
                )
            ),
            required=True,
        ),
        Key("next", "The state that follows then.", TARGET, required=True),
        EXPECTED,
    ),
)
PASS = Keys(
    "a 'pass' state",
    (Key("pass", "Goes on to this state at once: a milestone that shows.", TARGET, required=True),),
)
_WORDS = OneOf((DATA_PATH, Text("Text, written out.", form=r"^(?!\$\.)[\s\S]*\S")))
FAIL = Keys(
    "a 'fail' state",
    (
        Key(
            "fail",
            "Ends the journey as failed.",
            Keys(
                "'fail'",
                (
                    Key("error", "The error's name (the state's own by default).", _WORDS),
                    Key("cause", "The cause, in words.", _WORDS),
                ),
            ),
            required=True,
        ),
    ),
)
STATE_KINDS: tuple[Keys, ...] = (AWAIT, ALL, PARALLEL, PARALLEL_UNTIL, EACH, CHOOSE, WAIT, PASS, FAIL)
"""What a state may be beside `ENDS`. A new kind is added here."""

START = Keys(
    "a start event",
    (
        Key("when", "Begins a journey only if its detail matches this pattern; others can be awaited.", PATTERN),
        Key("entity", "Where those that begin a journey carry the id of the entity.", ENTITY),
        REMEMBER,
        Key("next", "The state that the journey begins in, if not the first.", TARGET),
    ),
    may_be_empty=True,
)
_EVENT_SETTINGS = Keys(
    "an event",
    (
        Key("source", "Where events of this name come from: one source, or a list.", ONE_OR_SEVERAL),
        Key("where", "Which of them the choreography hears of.", PATTERN),
        Key("entity", "Where they carry the id of the entity, or another name of it.", OneOf((ENTITY, OTHER_NAME))),
        Key(
            "also",
            "Other names of the entity that they carry beside its id: of which kind each is, and where. Later "
            "events find the journey by them.",
            Entries(ENTITY, names=KIND_OF_NAME),
        ),
        Key("id", "Where they carry an id of their own; $.id is EventBridge's.", EVENT_ID),
        Key("time", "Where they carry a finer clock than EventBridge's.", PATH),
        Key("item", "Where they carry the key of the item that they are about, in an 'each'.", PATH),
        Key(
            "retired",
            "true: no state awaits them any more; journeys of older definitions still get them.",
            Value(("boolean",)),
        ),
    ),
)
_ID_ENTRY = Keys(
    "an entry of an event",
    (
        Key("when", "For events whose detail matches this pattern.", PATTERN),
        Key("entity", "Where they carry the id of the entity.", ENTITY, required=True),
    ),
)
EVENTS = Entries(
    OneOf(
        (
            _EVENT_SETTINGS,
            ListOf(_ID_ENTRY, about="Where they carry the id, by their detail: the first entry that fits says it."),
        )
    )
)

SOURCE = Keys(
    "a source",
    (Key("where", "Which of its events the choreography hears of: those whose detail matches this pattern.", PATTERN),),
    may_be_empty=True,
)

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
        Key("entity", "Where every event carries the id of the entity.", ENTITY, default="$.detail.id"),
        Key(
            "id",
            "Where events carry an id of their own: the same message counts once, however often it is published.",
            EVENT_ID,
            default="$.id",
        ),
        Key(
            "source",
            "The source of its events on the bus: one, a list, or a mapping that says more of each.",
            OneOf((EVENT, ListOf(EVENT), Entries(OneOf((SOURCE, Value(("null",))))))),
            required=True,
        ),
        Key("where", "Which events the choreography hears of: those whose detail matches this pattern.", PATTERN),
        Key(
            "start",
            "The event that begins a journey: one, a list, or a mapping that says more of each, or in which state the "
            "journey begins.",
            OneOf((EVENT, ListOf(EVENT), Entries(OneOf((TARGET, START, Value(("null",))))))),
            required=True,
        ),
        Key("events", "How events of one name are read, where that differs from all others.", EVENTS),
        Key("timeout", "How long a whole journey may take.", DURATION, default="365d"),
        Key("expected", "How long a journey takes at most if all is well; one that takes longer is overdue.", DURATION),
        Key("early", "How long an event that comes too early is kept.", DURATION, default="60s"),
        Key(
            "settle",
            "How long a contested event waits for one that may overtake it; at most 15m.",
            DURATION,
            default="2s",
        ),
        Key(
            "unexpected",
            "What an unexpected event does: 'report' only reports it, 'fail' ends the journey.",
            _UNEXPECTED,
            default=UNEXPECTED,
        ),
        Key(
            "capture",
            "Which events are heard: 'known', only those that the file names, or 'all' of the sources.",
            Text(values=get_args(Capture)),
            default=CAPTURE,
        ),
        Key("time", "Where events carry a finer clock than EventBridge's whole seconds.", CLOCK, default="$.time"),
        Key(
            "anytime",
            "Events that are accepted wherever a journey waits, each with the state it leads to, with an entry that "
            "says more, or with a list of which the first entry that fits is taken. With 'stay' in place of a state "
            "the event is only noted. What a state says itself of an event comes first.",
            _AT_ANY_TIME,
        ),
        Key(
            "states",
            "The states of a journey, by name; it begins in the first.",
            STATES,
            required=True,
        ),
    ),
    "A choreography: the order of events that an entity, such as an order or a car, goes through.",
)
