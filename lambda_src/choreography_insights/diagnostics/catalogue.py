"""Every rule, in the order of the ids. An id that was given away once is never given to something else."""

from collections.abc import Mapping

from choreography_insights.diagnostics.rule import Example, Rule

AREAS: Mapping[str, str] = {
    "CI0": "YAML and files",
    "CI1": "Shape",
    "CI2": "Names and references",
    "CI3": "Events and patterns",
    "CI4": "Flow",
    "CI5": "Time and settings",
    "CI6": "Advice",
    "CI7": "State machines written by hand",
}

RULES: dict[str, Rule] = {}
"""All rules by their ids."""


def _rule(id_: str, title: str, *, what: str, why: str, mend: str, example: str | Example) -> Rule:
    if id_ in RULES or id_[:3] not in AREAS:
        raise ValueError(f"{id_} is taken, or belongs to no area")
    RULES[id_] = Rule(id_, title, what, why, mend, Example(example) if isinstance(example, str) else example)
    return RULES[id_]


_HEAD = "choreography: order\nsource: shop\nstart: Order Placed\n"
_STATES = "states:\n  WaitForPayment:\n    await: {Order Paid: Paid}\n  Paid: succeed\n"


def _machine(text: str) -> Example:
    return Example(text, form="state machine")


_WAIT = """\
{
  "StartAt": "Wait",
  "States": {
    "Wait": {
      "Type": "Task",
      "Resource": "arn:${partition}:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
      "Parameters": {
        "TableName": "${journeys_table}",
        "Key": {"journey": {"S.$": "$$.Execution.Input.journey"}, "item": {"S": "JOURNEY"}},
        "UpdateExpression": "SET waits.#wait = :wait, #status = :running",
        "ConditionExpression": "#execution = :execution AND (attribute_not_exists(waits.#wait) OR waits.#wait.v < :v OR (waits.#wait.v = :v AND waits.#wait.r <= :r))",
        "ExpressionAttributeNames": {"#wait": "Wait", "#status": "status", "#execution": "execution"},
        "ExpressionAttributeValues": {
          ":wait": {
            "M": {
              "t": {"S.$": "$$.Task.Token"},
              "a": {"L": [{"M": {"e": {"S": "Order Paid"}}}]},
              "v": {"S.$": "States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'Z'), 0)"},
              "r": {"N.$": "States.Format('{}', $$.State.RetryCount)"}
            }
          },
          ":execution": {"S.$": "$$.Execution.Name"},
          ":running": {"S": "RUNNING"},
          ":v": {"S.$": "States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'Z'), 0)"},
          ":r": {"N.$": "States.Format('{}', $$.State.RetryCount)"}
        }
      },
      "ResultPath": "$.event",
      "Retry": [
        {"ErrorEquals": ["UnexpectedEvent", "DynamoDb.ConditionalCheckFailedException", "States.Timeout"], "MaxAttempts": 0},
        {
          "ErrorEquals": ["States.TaskFailed"],
          "IntervalSeconds": 1,
          "MaxAttempts": 200,
          "BackoffRate": 2,
          "MaxDelaySeconds": 60,
          "JitterStrategy": "FULL"
        }
      ],
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
"""  # noqa: E501  # as the compiler writes them


def _settings(lines: str) -> str:
    """Return a sound definition that has *lines* too."""
    return f"{_HEAD}{lines}{_STATES}"


def _states(lines: str) -> str:
    """Return a definition whose states are *lines*."""
    return f"{_HEAD}states:\n{lines}"


def _entry(lines: str) -> str:
    """Return a definition that awaits an event by the entries *lines*."""
    return _states(f"  WaitForPayment:\n    await:\n      Order Paid:\n{lines}  Paid: succeed\n")


def _anytime(entries: str) -> str:
    """Return a sound definition that accepts *entries* at any time."""
    return _settings(f"anytime: {entries}\n")


def _many_parts(count: int) -> Example:
    """Return a definition with an `all` of so many events, and one that may come in place of them."""

    def definition(parts: str) -> str:
        ends = "    instead: {Order Canceled: Paid}\n    next: Paid\n  Paid: succeed\n"
        return _states(f"  WaitForPayment:\n    all:\n{parts}{ends}")

    parts = [f"      Part{number}: Part {number} Paid\n" for number in range(1, count + 1)]
    excerpt = definition(f"{''.join(parts[:2])}      # and so on: {count} events\n")
    return Example(definition("".join(parts)), excerpt=excerpt)


def _many_events(lines: str, count: int) -> Example:
    """Return a definition with *lines* that awaits *count* events with long names."""
    name = "A name that is as long as names of events can be when everybody wants to be understood"
    events = [f"      {name} {number}: Paid\n" for number in range(count)]
    head, end = f"{_HEAD}{lines}states:\n  Wait:\n    await:\n", "  Paid: succeed\n"
    excerpt = f"{head}{''.join(events[:2])}# and so on: {count} events\n{end}"
    return Example(f"{head}{''.join(events)}{end}", excerpt=excerpt)


# ---- CI0: YAML and files --------

NOT_UTF_8 = _rule(
    "CI001",
    "not UTF-8",
    what="A file is not text in UTF-8.",
    why="Editors and tools would read its letters differently.",
    mend="Save the file as UTF-8. A byte order mark does no harm.",
    example=Example("choreography: Aufträge\n", encoding="latin-1"),
)
INVALID_YAML = _rule(
    "CI002",
    "invalid YAML",
    what="A file is not YAML 1.2.",
    why="Nothing in it can be read.",
    mend="Look at the place that is named, and just before it. Often quotes are missing, or a tab indents a line.",
    example="choreography: order\nsource: *\n",
)
SEVERAL_DOCUMENTS = _rule(
    "CI003",
    "several documents",
    what="A second YAML document begins in a file.",
    why="A file holds one choreography. The second would be overlooked.",
    mend="Give the second choreography a folder and a file of its own.",
    example="choreography: order\n---\nchoreography: payment\n",
)
EMPTY_FILE = _rule(
    "CI004",
    "empty file",
    what="There is nothing in a file.",
    why="A definition needs a name, a source, a start event and states.",
    mend="Write the definition. `choreography init` writes one to begin with.",
    example="# still to be written\n",
)
NESTED_TOO_DEEP = _rule(
    "CI005",
    "nested too deep",
    what="Lists and mappings are nested more than 100 deep.",
    why="No choreography needs that. Reading on would take long.",
    mend="Write the definition with fewer levels.",
    example=f"choreography: {'[' * 101}{']' * 101}\n",
)
TOO_MANY_VALUES = _rule(
    "CI006",
    "aliases stand for too much",
    what="A file stands for more than 250,000 values, most of them by aliases.",
    why="The state machine would be many times larger than Step Functions takes.",
    mend="Use fewer aliases.",
    example=Example(
        "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}' if i else 'x'] * 10)}]\n" for i in range(7)),
        excerpt="a0: &a0 [x, x, x, x, x, x, x, x, x, x]\na1: &a1 [*a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0]\n"
        "# and so on, up to a6\n",
    ),
)
RECURSIVE_ALIAS = _rule(
    "CI007",
    "recursive alias",
    what="An alias stands for something that it is a part of.",
    why="What it stands for has no end.",
    mend="Write the value out.",
    example=_settings("description: &text [*text]\n"),
)
KEY_NOT_TEXT = _rule(
    "CI008",
    "key is not text",
    what="A key is a list or a mapping.",
    why="Keys are names. JSON, too, knows no other keys.",
    mend="Write text before the colon.",
    example="[choreography, source]: order\n",
)
MERGE_KEY = _rule(
    "CI009",
    "merge key",
    what="A key is `<<`.",
    why="YAML 1.2 has no merge keys. The keys behind the alias would be missing.",
    mend="Write the keys out.",
    example=_states(
        "  A:\n    await: {Order Paid: Paid}\n    timeout: &late {after: 2d, next: Paid}\n"
        "  B:\n    await: {Order Sent: Paid}\n    timeout:\n      <<: *late\n  Paid: succeed\n"
    ),
)
DUPLICATE_KEY = _rule(
    "CI010",
    "duplicate key",
    what="A mapping has the same key twice. This holds for state machines in JSON too.",
    why="One of the two would be lost without a word.",
    mend="Keep one of the two.",
    example=_settings("source: billing\n"),
)
INVALID_NUMBER = _rule(
    "CI011",
    "not a number of JSON",
    what="A number is infinite, or no number at all.",
    why="Events are JSON, which cannot write it.",
    mend="Write a plain number, or quote it if text is meant.",
    example=_settings("description: .inf\n"),
)
UNKNOWN_TAG = _rule(
    "CI012",
    "tag",
    what="A value bears a YAML tag.",
    why="The language has no use for tags.",
    mend="Write the plain value.",
    example=_settings("description: !text orders\n"),
)
FILE_IN_THE_WAY = _rule(
    "CI013",
    "file in the way",
    what="A simulation that somebody wrote bears the name of one that is to be generated.",
    why="Generating would write over it.",
    mend="Rename the file, or delete it.",
    example=Example(f"{_HEAD}{_STATES}", form="generated files", beside={"simulations/paid.json": '{"events": []}\n'}),
)
STALE_FILE = _rule(
    "CI014",
    "stale file",
    what="`generate --check` finds a generated file missing, left over, or other than its definition says.",
    why="Terraform would deploy something else than the definition.",
    mend="Run `choreography generate` and commit what it writes.",
    example=Example(f"{_HEAD}{_STATES}", form="generated files"),
)

# ---- CI1: shape --------

UNKNOWN_KEY = _rule(
    "CI101",
    "unknown key",
    what="A mapping has a key that the language does not know there.",
    why="The key would do nothing.",
    mend="Take the key that the message suggests, or remove it.",
    example="choreography: order\nsources: shop\nstart: Order Placed\n" + _STATES,
)
MISSING_KEY = _rule(
    "CI102",
    "missing key",
    what="A mapping lacks a key that it needs.",
    why="There is nothing sensible to put in its place.",
    mend="Add the key.",
    example=_states("  WaitForAll:\n    all: {Payment: Order Paid, Parcel: Order Packed}\n  Paid: succeed\n"),
)
WRONG_TYPE = _rule(
    "CI103",
    "wrong type",
    what="A value is of another type than the language wants there: text, a list, or a mapping.",
    why="It can be read in no sensible way.",
    mend="Write it in the form that the message shows.",
    example=_states("  WaitForPayment:\n    await: [Order Paid, Order Cancelled]\n  Paid: succeed\n"),
)
EMPTY_VALUE = _rule(
    "CI104",
    "empty value",
    what="Text, a list or a mapping is empty where something has to be.",
    why="An empty value is mostly one that was forgotten.",
    mend="Write the value, or leave the key away.",
    example="choreography: order\nsource: shop\nstart: []\n" + _STATES,
)
UNKNOWN_VALUE = _rule(
    "CI105",
    "unknown value",
    what="A key takes one of a few words, and has another.",
    why="The word means nothing.",
    mend="Write one of the words that the message lists.",
    example=_settings("unexpected: warn\n"),
)
UNKNOWN_KIND = _rule(
    "CI106",
    "unknown kind of state",
    what="Nothing in a state says of which kind it is.",
    why="A state is what its first key says: `await`, `all`, `choose`, and so on.",
    mend="Write the kind as the message suggests.",
    example=_states("  WaitForPayment:\n    Await: {Order Paid: Paid}\n  Paid: succeed\n"),
)
SEVERAL_KINDS = _rule(
    "CI107",
    "several kinds of state",
    what="A state is of several kinds at once.",
    why="A journey does one thing in a state.",
    mend="Make a state of each, and lead from one to the other.",
    example=_states("  WaitForPayment:\n    await: {Order Paid: Paid}\n    wait: 5m\n  Paid: succeed\n"),
)
OTHERWISE_WITH_CONDITION = _rule(
    "CI108",
    "otherwise with a condition",
    what="An entry with `otherwise` has `when`, `remembered` or `next` too.",
    why="`otherwise` takes whatever no entry before it took.",
    mend="Put the condition into an entry of its own, before this one; `otherwise` itself names the state.",
    example=_entry("        - {otherwise: Paid, when: {amount: [100]}}\n"),
)
SUPERFLUOUS_VALUE = _rule(
    "CI109",
    "superfluous value",
    what="`succeed` is a mapping.",
    why="There is nothing to be said of it.",
    mend="Write the state as `Name: succeed`.",
    example=_states("  WaitForPayment:\n    await: {Order Paid: Paid}\n  Paid: {succeed: true}\n"),
)

NUMBER_OUT_OF_RANGE = _rule(
    "CI112",
    "number out of range",
    what="A number of events, branches or items is no whole number, or too small or too large.",
    why="One event needs no number. What has come stands in the wait, and each event is a turn of the state machine. "
    "Of items no more than 40 run at once.",
    mend="Write a whole number within the bounds that the message names.",
    example=_entry("        - {times: 1000, next: Paid}\n"),
)
STAY_REMEMBERS = _rule(
    "CI118",
    "stay with remember",
    what="An entry of `anytime` with `stay` has `remember`.",
    why="The event is noted in the journey's story, and nothing else. Where the journey is, nobody hears of it.",
    mend="Remove `remember`. To remember something, let the event lead to a state.",
    example=_anytime("{Order Rated: {next: stay, remember: {stars: $.detail.stars}}}"),
)

# ---- CI2: names and references --------

INVALID_CHOREOGRAPHY_NAME = _rule(
    "CI201",
    "invalid name of a choreography",
    what="A choreography's name has other characters than letters, digits, `-` and `_`, or more than 48.",
    why="It becomes a part of the names of AWS resources, and of keys.",
    mend="Choose a short name that begins with a letter.",
    example="choreography: 1st order\nsource: shop\nstart: Order Placed\n" + _STATES,
)
INVALID_STATE_NAME = _rule(
    "CI202",
    "invalid name of a state",
    what="A state's name is empty, or has control characters.",
    why="Step Functions refuses such names.",
    mend="Write a name before the colon.",
    example=_states('  "a\\tb":\n    await: {Order Paid: Paid}\n  Paid: succeed\n'),
)
STATE_NAME_TOO_LONG = _rule(
    "CI203",
    "name of a state too long",
    what="A state's name, or one that is generated from it, has more than 80 characters.",
    why="Step Functions takes 80.",
    mend="Shorten the name.",
    example=_states(f"  {'WaitForPayment' * 6}:\n    await: {{Order Paid: Paid}}\n  Paid: succeed\n"),
)
RESERVED_STATE_NAME = _rule(
    "CI204",
    "reserved name of a state",
    what="A state bears a name that the compiler gives to a state of its own, or two names would come to be the same.",
    why="Step Functions takes each name once.",
    mend="Choose another name.",
    example=_states("  UnexpectedEvent:\n    await: {Order Paid: Paid}\n  Paid: succeed\n"),
)
DUPLICATE_STATE_NAME = _rule(
    "CI205",
    "duplicate name of a state",
    what="States in different branches have the same name.",
    why="Step Functions takes each name once in a whole state machine.",
    mend="Rename one of the two.",
    example=_states(
        "  Both:\n    parallel:\n"
        "      Pay: {states: {Waiting: {await: {Order Paid: PayDone}}, PayDone: succeed}}\n"
        "      Pack: {states: {Waiting: {await: {Order Packed: PackDone}}, PackDone: succeed}}\n"
        "    next: Paid\n  Paid: succeed\n"
    ),
)
INVALID_EVENT_NAME = _rule(
    "CI206",
    "invalid name of an event",
    what="An event's name is empty, too long, or has `<`, `>` or control characters.",
    why="EventBridge takes 128 characters. Its input transformers would take `<` and `>` for their own.",
    mend="Rename the event.",
    example=_states("  WaitForPayment:\n    await: {<Order Paid>: Paid}\n  Paid: succeed\n"),
)
INVALID_SOURCE_NAME = _rule(
    "CI207",
    "invalid name of a source",
    what="A source's name is too long, or has `<`, `>` or control characters.",
    why="EventBridge takes 256 characters. Its input transformers would take `<` and `>` for their own.",
    mend="Rename the source.",
    example="choreography: order\nsource: <shop>\nstart: Order Placed\n" + _STATES,
)
RESERVED_SOURCE = _rule(
    "CI208",
    "reserved source",
    what="A source is `choreography.insights`.",
    why="Reports on journeys have this source. They would begin journeys without end.",
    mend="Name the source of your services.",
    example="choreography: order\nsource: choreography.insights\nstart: Order Placed\n" + _STATES,
)
REPEATED_NAME = _rule(
    "CI209",
    "repeated name",
    what="A list names a source or a start event twice.",
    why="The second says nothing new. Perhaps another was meant.",
    mend="Keep one of the two.",
    example="choreography: order\nsource: [shop, shop]\nstart: Order Placed\n" + _STATES,
)
UNKNOWN_STATE = _rule(
    "CI210",
    "unknown state",
    what="A way leads to a state that does not exist.",
    why="A journey could not go on.",
    mend="Take the state that the message suggests, or write the state.",
    example=_states("  WaitForPayment:\n    await: {Order Paid: Payed}\n  Paid: succeed\n"),
)
STATE_IN_ANOTHER_BRANCH = _rule(
    "CI211",
    "state in another branch",
    what="A way leads into a branch, or out of it.",
    why="Step Functions knows no way between branches.",
    mend="Lead to a state of the same branch. A state that is `succeed` leaves the branch.",
    example=_states(
        "  Both:\n    parallel:\n"
        "      Pay: {states: {WaitForPayment: {await: {Order Paid: Paid}}, PayDone: succeed}}\n"
        "    next: Paid\n  Paid: succeed\n"
    ),
)
UNKNOWN_EVENT = _rule(
    "CI212",
    "unknown event",
    what="`events` says something of an event that no state awaits and that begins no journey.",
    why="The settings would do nothing.",
    mend="Take the event that the message suggests, or remove it.",
    example=_settings("events:\n  Order Payed: {source: billing}\n"),
)
NEVER_REMEMBERED = _rule(
    "CI213",
    "never remembered",
    what="Something asks for what a journey remembers under a name, and nothing is remembered under it.",
    why="The field would be missing always.",
    mend="Take the name that the message suggests, or write `remember` where the event comes.",
    example=_states(
        "  WaitForPayment:\n    await: {Order Paid: Failed}\n  Failed: {fail: {cause: $.remembered.reason}}\n"
    ),
)
MEMORY_CHANGED_WHILE_READ = _rule(
    "CI214",
    "memory changed while it is read",
    what="An entry remembers something under a name that the same event's entries ask for.",
    why="The functions and the state machine choose the entry one after the other, and would see different values.",
    mend="Remember it under another name.",
    example=_states(
        "  First:\n    await:\n      Order Placed Again: [{next: Second, remember: {kind: detail.kind}}]\n"
        "  Second:\n    await:\n      Order Paid:\n"
        "        - {remembered: {kind: [gift]}, next: Gift}\n"
        "        - {otherwise: Paid, remember: {kind: detail.kind}}\n  Gift: succeed\n  Paid: succeed\n"
    ),
)
INVALID_MEMORY_NAME = _rule(
    "CI215",
    "invalid name to remember by",
    what="A name under `remember` has quotes, backslashes, `<`, `>` or control characters.",
    why="No path could name it.",
    mend="Choose another name.",
    example=_entry("        - {next: Paid, remember: {<price>: detail.price}}\n"),
)
INVALID_PATH = _rule(
    "CI216",
    "invalid path",
    what="A path cannot be read.",
    why="Nobody could tell which field is meant.",
    mend="Write a path like `$.detail.id`, or `$.detail['order id']`.",
    example=_settings("entity: detail.orderId\n"),
)
PATH_OUTSIDE_DETAIL = _rule(
    "CI217",
    "path outside the detail",
    what="A path leads to a field outside the event's detail.",
    why="Only the detail is the services' own. The id of an entity may also be in `$.resources[0]` and the like, in "
    "`$.account`, `$.region` or `$.source`.",
    mend="Name a field of the detail.",
    example=_settings("entity: $.id\n"),
)
UNKNOWN_DATA = _rule(
    "CI218",
    "path to nothing that a journey knows",
    what="A path leads neither into the newest event's detail nor into what is remembered.",
    why="A journey knows nothing else.",
    mend="Write a path that begins with `$.detail.` or `$.remembered.`.",
    example=_states("  WaitForPayment:\n    await: {Order Paid: Failed}\n  Failed: {fail: {cause: $.reason}}\n"),
)
INVALID_ENTITY = _rule(
    "CI219",
    "invalid id of an entity",
    what="The list of an id's fields is empty, or has more than five; or an id has `[*]` twice. "
    "Or `as` or `also` stands in a list of entries, or together with `[*]`.",
    why="Nobody could say which entity an event is about, or read its id.",
    mend="Name one field, or a list of up to five, with one `[*]` at most. A name belongs to one entity, and all "
    "events of one name come under names of one kind.",
    example=_settings("entity: []\n"),
)
INVALID_LIKE = _rule(
    "CI220",
    "text that does not say where the id is",
    what="A `like` has no `{id}`, or several, or nothing but it, or no text between it and a `*`.",
    why="Several parts of a text could be the id.",
    mend="Write the text out with `{id}` once: `runs/{id}/*`.",
    example=_settings("entity: {path: $.detail.object.key, like: runs/*}\n"),
)
IDS_OF_DIFFERENT_LENGTH = _rule(
    "CI221",
    "ids of different length",
    what="Some events have an id of more parts than others.",
    why="Such events are never about the same entity.",
    mend="Name as many fields for each event.",
    example="choreography: order\nsource: shop\nentity: [$.detail.shop, $.detail.number]\nstart: Order Placed\n"
    "events:\n  Order Paid: {entity: $.detail.order}\n" + _STATES,
)
RETIRED_BUT_KNOWN = _rule(
    "CI222",
    "retired, and yet awaited",
    what="An event is `retired`, and begins a journey or is awaited by a state.",
    why="A retired event that nothing accepts is dropped without a word, which hides a deviation of what is awaited.",
    mend="Take out `retired`, or let no state await the event.",
    example=_settings("events:\n  Order Paid: {retired: true}\n"),
)
EVENTS_ID_IS_THE_ENTITYS = _rule(
    "CI226",
    "an event's own id that is its entity's",
    what="Events carry the id by which they are told apart where they carry the id of their entity.",
    why="All events of an entity would be one: the first counts, and those after it are dropped as its duplicates.",
    mend="Name the field of the message's own id, or leave `id` out: then EventBridge's counts.",
    example=_settings("id: $.detail.id\n"),
)
START_UNDER_OTHER_NAME = _rule(
    "CI227",
    "start event under another name",
    what="A start event carries only another name of the entity (`entity: {as: …}`).",
    why="A journey begins under the entity's own id. Before it began, nothing could teach another name.",
    mend="Write `entity` with the path of the entity's own id.",
    example=_settings(
        "events:\n  Order Placed: {entity: {as: basket, at: $.detail.basket}, also: {basket: $.detail.b}}\n"
    ),
)
NAME_NEVER_TAUGHT = _rule(
    "CI228",
    "name that no event teaches",
    what="Events come under another name of the entity, and no event says which entity has it.",
    why="They would find no journey, ever.",
    mend="Write `also` for an event that carries the name beside the entity's id.",
    example=_settings("events:\n  Order Paid: {entity: {as: invoice, at: $.detail.invoice}}\n"),
)
INVALID_KIND_OF_NAME = _rule(
    "CI229",
    "invalid kind of name",
    what="A kind of name has characters that keys cannot have, or too many of them.",
    why="It becomes part of keys in the journeys table.",
    mend="Use up to 48 letters, digits, `-` and `_`, a letter first.",
    example=_settings(
        "events:\n  Order Placed: {also: {invoice number: $.detail.invoice}}\n"
        "  Order Paid: {entity: {as: invoice number, at: $.detail.invoice}}\n"
    ),
)


# ---- CI3: events and patterns --------

INVALID_FIELD_NAME = _rule(
    "CI301",
    "invalid name of a field",
    what="A field's name in a pattern has quotes, backslashes, `<`, `>` or control characters.",
    why="No path in the state machine could name it.",
    mend="Let the event carry the field under another name.",
    example=_entry("        - {when: {<amount>: [100]}, next: Paid}\n"),
)
OR_WITHOUT_ALTERNATIVES = _rule(
    "CI302",
    "$or without alternatives",
    what="`$or` has fewer than two patterns.",
    why="EventBridge refuses it.",
    mend="Write the second pattern, or leave `$or` away.",
    example=_entry("        - {when: {$or: [{amount: [100]}]}, next: Paid}\n"),
)
FIELD_WITHOUT_LIST = _rule(
    "CI303",
    "field without a list",
    what="A field in a pattern has a single value.",
    why="EventBridge wants a list of what may match.",
    mend="Put the value into `[ ]`.",
    example=_entry("        - {when: {amount: 100}, next: Paid}\n"),
)
EMPTY_MATCHERS = _rule(
    "CI304",
    "nothing that may match",
    what="A list of what may match, or of what may not, is empty.",
    why="The pattern would match nothing, or not say what it excludes.",
    mend="Name what may match. `{exists: true}` takes anything.",
    example=_entry("        - {when: {amount: []}, next: Paid}\n"),
)
INVALID_MATCHER = _rule(
    "CI305",
    "invalid matcher",
    what="A matcher has not the form that EventBridge wants: a value, or a mapping with one key.",
    why="EventBridge would refuse the pattern.",
    mend="Write it as the message shows.",
    example=_entry("        - {when: {amount: [{exists: maybe}]}, next: Paid}\n"),
)
UNKNOWN_MATCHER = _rule(
    "CI306",
    "unknown matcher",
    what="A matcher has a name that the language does not know.",
    why="Neither EventBridge nor Step Functions could evaluate it.",
    mend="Take the matcher that the message suggests.",
    example=_entry("        - {when: {status: [{prefx: PAID}]}, next: Paid}\n"),
)
INEXPRESSIBLE_MATCHER = _rule(
    "CI307",
    "matcher that a Choice cannot express",
    what="A matcher is one that EventBridge knows and Step Functions does not.",
    why="The state machine could not choose the way on.",
    mend="Write it with other matchers, as the message says.",
    example=_entry("        - {when: {status: [{equals-ignore-case: paid}]}, next: Paid}\n"),
)
INVALID_WILDCARD = _rule(
    "CI308",
    "invalid wildcard",
    what="A wildcard has two `*` in a row, or a backslash before another character.",
    why="EventBridge refuses it.",
    mend="Write one `*`, and `\\\\` for a backslash.",
    example=_entry("        - {when: {status: [{wildcard: PAID**}]}, next: Paid}\n"),
)
INVALID_NUMERIC = _rule(
    "CI309",
    "invalid numeric comparison",
    what="`numeric` is not a list of sign and number, in one or two pairs.",
    why="EventBridge refuses it.",
    mend="Write it like `['>=', 10, '<', 20]`.",
    example=_entry("        - {when: {amount: [{numeric: ['>', '5']}]}, next: Paid}\n"),
)
NUMBER_TOO_LARGE = _rule(
    "CI310",
    "number too large",
    what="A number in a pattern is beyond 9,007,199,254,740,991.",
    why="JSON's numbers are not exact everywhere beyond it.",
    mend="Let the event carry it as text.",
    example=_entry("        - {when: {amount: [9007199254740992]}, next: Paid}\n"),
)
CONTRADICTION = _rule(
    "CI311",
    "contradiction",
    what="The parts of a pattern contradict each other.",
    why="No event can match it.",
    mend="Change the pattern, or remove it.",
    example=_entry(
        "        - {when: {amount: [{numeric: ['>', 10, '<', 5]}]}, next: Paid}\n        - {otherwise: Paid}\n"
    ),
)
ENTRY_BEGINS_JOURNEYS = _rule(
    "CI313",
    "entry whose events begin journeys",
    what="Every event that fits an entry fits the `when` at `start` too.",
    why="Each of them begins a journey, so the entry is never reached.",
    mend="Change one of the two patterns.",
    example="choreography: order\nsource: shop\nstart: {Order Changed: {when: {status: [NEW]}}}\n"
    "states:\n  WaitForPayment:\n    await:\n      Order Changed:\n"
    "        - {when: {status: [NEW]}, next: Paid}\n  Paid: succeed\n",
)
EVENT_IN_TWO_BRANCHES = _rule(
    "CI314",
    "event in two branches",
    what="Two branches that are open at once await the same event.",
    why="Which of the two an event belongs to cannot be told.",
    mend="Give them different events, or patterns that exclude each other.",
    example=_states(
        "  WaitForAll:\n    all: {First: Order Paid, Second: Order Paid}\n    next: Paid\n  Paid: succeed\n"
    ),
)
EVENT_PATTERN_TOO_LONG = _rule(
    "CI315",
    "event pattern too long",
    what="The pattern of a rule on the bus would have more than 2,048 characters.",
    why="EventBridge takes 2,048.",
    mend="Write `capture: all`, or name fewer sources or start events.",
    example=_many_events("", 30),
)
INPUT_TRANSFORMER_TOO_LONG = _rule(
    "CI316",
    "input transformer too long",
    what="The events' names, the fields that `when` looks at, and a start event's own `when` are too long together.",
    why="EventBridge takes input transformers of 8,192 characters.",
    mend="Make two choreographies of it.",
    example=_many_events("capture: all\n", 100),
)

# ---- CI4: flow --------

UNREACHABLE_STATE = _rule(
    "CI401",
    "unreachable state",
    what="No way leads to a state from the first one.",
    why="No journey would ever be in it.",
    mend="Lead a way there, or remove the state.",
    example=_states("  WaitForPayment:\n    await: {Order Paid: Paid}\n  Cancelled: fail\n  Paid: succeed\n"),
)
STATE_WITHOUT_END = _rule(
    "CI402",
    "state without a way to an end",
    what="No way leads from a state to one that is `succeed` or `fail`.",
    why="Journeys in it would only end by the choreography's timeout.",
    mend="Lead a way to an end.",
    example=_states(
        "  WaitForPayment:\n    await: {Order Paid: Paid, Order Cancelled: Open}\n"
        "  Open:\n    await: {Order Opened: Open}\n  Paid: succeed\n"
    ),
)
LOOP_WITHOUT_WAIT = _rule(
    "CI403",
    "loop without a wait",
    what="A loop leads through states of which none waits, or none need wait.",
    why="A journey could run round in it until Step Functions ends it.",
    mend="Lead the way round through a state that waits for an event or lets time pass.",
    example=_states(
        "  Check:\n    choose:\n      - {when: {amount: [100]}, next: Paid}\n      - {otherwise: Again}\n"
        "  Again: {pass: Check}\n  Paid: succeed\n"
    ),
)
BRANCH_WITHOUT_SUCCESS = _rule(
    "CI404",
    "branch without success",
    what="No state of a branch is `succeed`, nor of one beside it.",
    why="The branches could only fail, and what follows the state would never be reached.",
    mend="Add a state that is `succeed`.",
    example=_states(
        "  Both:\n    parallel:\n      Pay: {states: {WaitForPayment: {await: {Order Paid: Wrong}}, Wrong: fail}}\n"
        "    next: Paid\n  Paid: succeed\n"
    ),
)
UNREACHABLE_ENTRY = _rule(
    "CI405",
    "unreachable entry",
    what="An earlier entry takes everything that an entry would.",
    why="Entries are tried in order, so this one is never reached.",
    mend="Put the narrower entry first, and the one without `when` last.",
    example=_entry("        - {next: Paid}\n        - {when: {amount: [100]}, next: Paid}\n"),
)
STATE_MACHINE_TOO_LARGE = _rule(
    "CI406",
    "state machine too large",
    what="The state machine would have more than 1,048,576 bytes.",
    why="Step Functions takes no more.",
    mend="Make two choreographies of it.",
    example=Example(
        _states("  WaitForPayment:\n    await: {Order Paid: Failed}\n  Failed: {fail: {cause: long-text}}\n"),
        long="long-text",
        length=1_050_000,
    ),
)

NEED_OF_ALL = _rule(
    "CI411",
    "need of all",
    what="A state needs as many of its events or branches as it has, or more.",
    why="It takes all of them anyhow, and would wait for more for ever.",
    mend="Write a smaller number, or leave it away.",
    example=_states(
        "  WaitForPayment:\n    all: {Money: Order Paid, Goods: Order Packed}\n    need: 2\n    next: Paid\n"
        "  Paid: succeed\n"
    ),
)

LEARNED_IN_A_RACE = _rule(
    "CI412",
    "remember in a race",
    what="A `parallel` or `each` says `remember`, and something may end its lines before all are done. That may be a "
    "`timeout`, an `anytime`, `first`, `need`, or a branch that only watches.",
    why="Such a state ends by a failure in the state machine, and what its lines remember is lost with it.",
    mend="Remove one of the two. Or put the state, with the `choose` behind it, into a branch of a `parallel` "
    "that has the other.",
    example=_states(
        "  WaitForPayment:\n    parallel:\n      Money:\n        states:\n          Paying:\n"
        "            await: {Order Paid: {remember: {amount: detail.amount}, next: Done}}\n          Done: succeed\n"
        "    remember: {amounts: {list: amount}}\n    timeout: {after: 5d, next: Paid}\n    next: Paid\n"
        "  Paid: succeed\n"
    ),
)

DONE_BUT_NOT_SO = _rule(
    "CI413",
    "done that is not so",
    what="A state says `done: true` where no branch can be done and go on, or has a `timeout` beside it.",
    why="What a branch that is done awaits comes, or does not, until an event of `until` ends them all. So it takes a "
    "`parallel` with `until` right around it, and nothing but events may take the branch up again.",
    mend="Write `until` in place of the `next` of the `parallel`, or remove `done`, or the `timeout`.",
    example=_states("  WaitForPayment:\n    await: {Order Paid: Paid}\n    done: true\n  Paid: succeed\n"),
)
GATE_OF_TOO_MANY_LINES = _rule(
    "CI417",
    "gate of too many lines",
    what="A `parallel` with `until` has more than 97 branches that can be done, or an `all` with `instead` more "
    "than 97 events.",
    why="The event ends all of their waits in one write, and DynamoDB takes 100 actions in one.",
    mend="Put some of them into a `parallel` or `all` of their own.",
    example=_many_parts(98),
)

# ---- CI5: time and settings --------

DURATION_WITHOUT_UNIT = _rule(
    "CI501",
    "duration without a unit",
    what="A duration is a plain number.",
    why="Seconds, minutes and days cannot be told apart.",
    mend="Add the unit: `30s`, `5m`, `2h`, `14d`, `2w`.",
    example=_settings("timeout: 90\n"),
)
INVALID_DURATION = _rule(
    "CI502",
    "invalid duration",
    what="A duration is not a whole number and one unit.",
    why="It cannot be read.",
    mend="Write it like `30s`, `5m`, `2h`, `14d`, `2w`.",
    example=_settings("timeout: 1h30m\n"),
)
DURATION_OUT_OF_RANGE = _rule(
    "CI503",
    "duration out of range",
    what="A duration is too short or too long.",
    why="Step Functions lets an execution run for a year, and SQS holds a message back for 15 minutes.",
    mend="Write one within the bounds that the message names.",
    example=_settings("settle: 16m\n"),
)
SETTLE_LONGER_THAN_EARLY = _rule(
    "CI504",
    "settle longer than early",
    what="`settle` is longer than `early`.",
    why="Events would be unexpected before they have settled.",
    mend="Shorten `settle`, or lengthen `early`.",
    example=_settings("settle: 2m\n"),
)
TIMEOUT_NEVER_COMES = _rule(
    "CI505",
    "timeout that never comes",
    what="A state's timeout is as long as that of the whole journey, or longer.",
    why="The journey ends before.",
    mend="Shorten it, or lengthen the choreography's `timeout`.",
    example=_HEAD + "timeout: 2d\nstates:\n  WaitForPayment:\n    await: {Order Paid: Paid}\n"
    "    timeout: {after: 2d, next: Late}\n  Paid: succeed\n  Late: fail\n",
)
PAUSE_NEVER_OVER = _rule(
    "CI506",
    "pause that is never over",
    what="A `wait` is as long as the timeout of the whole journey, or longer.",
    why="The journey ends before.",
    mend="Shorten it, or lengthen the choreography's `timeout`.",
    example=_HEAD + "timeout: 2d\nstates:\n  Rest:\n    wait: 3d\n    next: Rested\n  Rested: succeed\n",
)
NEVER_OVERDUE = _rule(
    "CI507",
    "journeys that are never overdue",
    what="`expected` is as long as `timeout`, or longer.",
    why="Every journey ends before it is overdue, so nobody would be told.",
    mend="Shorten `expected`, or lengthen `timeout`.",
    example=_settings("timeout: 2d\nexpected: 3d\n"),
)
EXPECTED_WHERE_NO_TIME_PASSES = _rule(
    "CI508",
    "expected where no time passes",
    what="A `choose`, `pass` or `fail` says what is `expected`.",
    why="A journey goes on at once, or ends.",
    mend="Remove `expected`, or write it in the state in which the journey waits.",
    example=_states(
        "  WaitForPayment:\n    await: {Order Paid: Packing}\n  Packing: {pass: Paid, expected: 2h}\n  Paid: succeed\n"
    ),
)

# ---- CI6: advice --------

UNACCEPTED_EVENT = _rule(
    "CI601",
    "event that fits no entry",
    what="An event of an awaited name can have a detail that fits none of the entries.",
    why="Such an event would be unexpected.",
    mend="Add an entry with `otherwise`, if such an event can come.",
    example=_entry("        - {when: {amount: [100]}, next: Paid}\n"),
)
CHOOSE_WITHOUT_OTHERWISE = _rule(
    "CI602",
    "choose without otherwise",
    what="A `choose` has no entry with `otherwise`.",
    why="A journey that fits none of the entries fails there.",
    mend="Add an entry with `otherwise` as the last.",
    example=_states("  Check:\n    choose:\n      - {when: {amount: [100]}, next: Paid}\n  Paid: succeed\n"),
)
PERHAPS_UNREACHABLE_ENTRY = _rule(
    "CI603",
    "entry that may be unreachable",
    what="No event was found that fits an entry and none of those before it.",
    why="Together they may leave it nothing.",
    mend="Remove the entry, or ask for less in those before it.",
    example=_entry(
        "        - {when: {amount: [{numeric: ['<', 5]}]}, next: Paid}\n"
        "        - {when: {amount: [{numeric: ['>=', 5]}]}, next: Paid}\n"
        "        - {when: {amount: [{numeric: ['>', 2, '<', 8]}]}, next: Paid}\n        - {otherwise: Paid}\n"
    ),
)
LOOP_DRIVEN_BY_TIME = _rule(
    "CI604",
    "loop that time drives",
    what="Time alone drives a journey round a loop, so often that its history is full before its timeout.",
    why="Step Functions ends an execution whose history has 25,000 events.",
    mend="Let it go round less often, or end sooner.",
    example=_HEAD + "timeout: 60d\nstates:\n  Ask:\n    await: {Order Paid: Paid}\n"
    "    timeout: {after: 5m, next: Rest}\n  Rest: {pass: Ask}\n  Paid: succeed\n",
)
LOOP_FILLS_HISTORY = _rule(
    "CI605",
    "loop that fills the history",
    what="Fewer than 1,000 turns of a loop fill a journey's history.",
    why="Step Functions ends an execution whose history has 25,000 events.",
    mend="Let a journey end sooner, and another begin.",
    example=_states(
        "  WaitForAll:\n    all: {A: E1, B: E2, C: E3, D: E4, E: E5}\n    next: Again\n"
        "  Again:\n    await: {Order Reopened: WaitForAll, Order Closed: Closed}\n  Closed: succeed\n"
    ),
)
STATE_MACHINE_NEARLY_TOO_LARGE = _rule(
    "CI606",
    "state machine nearly too large",
    what="The state machine has more than 80 % of the bytes that Step Functions takes.",
    why="Soon a change will not fit any more.",
    mend="Think of making two choreographies of it.",
    example=Example(
        _states("  WaitForPayment:\n    await: {Order Paid: Failed}\n  Failed: {fail: {cause: long-text}}\n"),
        long="long-text",
        length=900_000,
    ),
)
DETAIL_IN_WHEN = _rule(
    "CI607",
    "when with a field detail",
    what="A `when` asks for a field `detail`, as the patterns of EventBridge's rules do.",
    why="A `when` looks into the detail already, so this means a field `detail` in it.",
    mend="Leave that level away.",
    example=_entry("        - {when: {detail: {amount: [100]}}, next: Paid}\n        - {otherwise: Paid}\n"),
)
PATH_AS_FIELD_NAME = _rule(
    "CI608",
    "path as the name of a field",
    what="A field's name in a pattern begins with `$.` or `detail.`.",
    why="It is taken as the name of one field.",
    mend="Write the fields one in the other: `{order: {status: [PAID]}}`.",
    example=_entry("        - {when: {detail.amount: [100]}, next: Paid}\n        - {otherwise: Paid}\n"),
)
PATH_AS_TEXT = _rule(
    "CI609",
    "path without its $",
    what="The text of a `fail` looks like a path that lacks `$.`.",
    why="It is taken as it is written.",
    mend="Write `$.` before it, if the field is meant.",
    example=_states(
        "  WaitForPayment:\n    await: {Order Paid: Paid, Order Refused: Refused}\n  Paid: succeed\n"
        "  Refused: {fail: {cause: detail.reason}}\n"
    ),
)
BOOLEAN_OF_YAML_1_1 = _rule(
    "CI610",
    "boolean of YAML 1.1",
    what="A pattern asks for `yes`, `no`, `on` or `off`, without quotes.",
    why="They are text in YAML 1.2. An event whose field is the boolean does not match.",
    mend="Write `true` or `false`. If text is meant, quote it.",
    example=_entry("        - {when: {approved: [yes]}, next: Paid}\n        - {otherwise: Paid}\n"),
)
WILDCARD_IN_NAME = _rule(
    "CI611",
    "wildcard in a name",
    what="The name of an event or of a source has a `*`.",
    why="Names are compared whole, so `*` stands for itself.",
    mend="Name each event or source. If one is really called so, ignore the warning.",
    example=_states('  WaitForPayment:\n    await: {"Order *": Paid}\n  Paid: succeed\n'),
)
STAY_NEVER_OVERDUE = _rule(
    "CI612",
    "stays that are never overdue",
    what="No stay can exceed a state's `expected`: a `timeout`, of the state or around it, comes before, or its pause "
    "is over.",
    why="Every stay ends before it is overdue, so none is ever counted.",
    mend="Shorten `expected`, or lengthen the `timeout`. Of a pause of a fixed time expect nothing.",
    example=_states(
        "  WaitForPayment:\n    await: {Order Paid: Paid}\n    expected: 3d\n"
        "    timeout: {after: 2d, next: Late}\n  Paid: succeed\n  Late: fail\n"
    ),
)
PAUSE_ALWAYS_OVERDUE = _rule(
    "CI613",
    "pause that is always overdue",
    what="A `wait` takes longer than its `expected`.",
    why="Every stay there is overdue, although all is well.",
    mend="Lengthen `expected` or shorten the pause. Or remove `expected`: a pause takes as long as it says.",
    example=_states("  Rest:\n    wait: 3d\n    expected: 2d\n    next: Rested\n  Rested: succeed\n"),
)
EVENT_WITH_A_GAP = _rule(
    "CI614",
    "event with a gap",
    what="A state does not accept an event that states before and after it do.",
    why="An event that comes in between would be unexpected, although the choreography deals with it.",
    mend="Accept it there, too. If the gap is meant, set `unexpected` or `early` there.",
    example=_states(
        "  WaitForPayment:\n    await: {Order Paid: Packing, Order Cancelled: Cancelled}\n"
        "  Packing:\n    await: {Order Packed: Sending}\n"
        "  Sending:\n    await: {Order Sent: Done, Order Cancelled: Cancelled}\n  Done: succeed\n  Cancelled: fail\n"
    ),
)
OLD_NAME = _rule(
    "CI615",
    "old name",
    what="A value has the name that it had in an older version.",
    why="It is still read as what it is called now. A later version may refuse it.",
    mend="Write the name that the message says.",
    example=_settings("unexpected: ignore\n"),
)
EVENTS_OF_ANOTHER = _rule(
    "CI616",
    "events of another choreography",
    what="Another choreography that is validated with it shares a source, and some of its events would be deviations "
    "here.",
    why="They are heard of, and no state accepts them, or no journey is about their entity.",
    mend="Leave `capture: all` out: only events that the file names are heard of then. Or say by a `where` (of "
    "the choreography, a source or the event) which events are meant. If both follow the same entities, ignore it.",
    example=Example(
        _settings("capture: all\n"),
        beside={
            "shipping/workflow.yaml": "choreography: shipping\nsource: shop\nstart: Parcel Packed\n"
            "states:\n  Packed:\n    await: {Parcel Sent: Sent}\n  Sent: succeed\n"
        },
    ),
)
ANYTIME_NOWHERE = _rule(
    "CI617",
    "at any time, and nowhere",
    what="The choreography accepts an event at any time, and each of its states says itself what becomes of all events "
    "of that name.",
    why="What a state says itself comes first. So this says nothing of any event.",
    mend="Remove it from `anytime`, or from the states for which it is meant.",
    example=_settings(
        "anytime: {Order Paid: stay}\n",
    ),
)
NAME_NEVER_USED = _rule(
    "CI619",
    "name that is never used",
    what="An event teaches another name of the entity (`also`), and no event comes under it.",
    why="Nothing finds a journey by it but whoever looks for it.",
    mend="Write `entity: {as: …, at: …}` for the events that carry the name, or remove it from `also`.",
    example=_settings("events:\n  Order Placed: {also: {invoice: $.detail.invoice}}\n"),
)
EVENT_NO_LONGER_CAPTURED = _rule(
    "CI620",
    "event no longer captured",
    what="`generate` finds that an event that moves journeys was captured by what it wrote last, and is not now.",
    why="Journeys that run keep the definition that they began with. They would wait for the event in vain.",
    mend="Keep it as `retired` until the last of them has ended; `choreography diff --deployed` says who still needs "
    "it. If nothing was deployed yet, leave it: the warning comes once.",
    example=Example(
        f"{_HEAD}{_STATES}",
        form="generated files",
        beside={
            "events.json": '{"choreography": "order", "startEvents": [], "events": [{"pattern": {"source": ["shop"], '
            '"detail-type": ["Order Refused"]}, "entity": "$.detail.id", "time": "$.time", '
            '"events": ["Order Refused"]}]}\n'
        },
    ),
)
LINES_BEGIN_LATE = _rule(
    "CI621",
    "lines of a Map that begin late",
    what="A Map whose lines await events runs fewer of them at once than Step Functions does: `MaxConcurrency`.",
    why="A line that has yet to begin awaits nothing. What comes for it is kept until another is done. Until all have "
    "begun, no event is found unexpected, unless `queue` says whose the lines are. Its timeouts begin as late.",
    mend="Remove `MaxConcurrency`: 40 run at once. Where lines are to follow each other, use `--ignore`. "
    "A list of more than 40 items has such lines as well.",
    example=Example(
        f'{{"StartAt": "Parts", "States": {{"Parts": {{"Type": "Map", "End": true,\n"MaxConcurrency": 5,\n'
        f'"ItemProcessor": {_WAIT}}}}}}}',
        form="state machine",
        excerpt='"MaxConcurrency": 5,',
    ),
)
UNKNOWN_IGNORED_RULE = _rule(
    "CI691",
    "comment that ignores nothing known",
    what="A comment `# choreography: ignore` names no rule, or one that does not exist.",
    why="It ignores nothing.",
    mend="Write the id as the warning has it: `# choreography: ignore CI601`.",
    example=f"# choreography: ignore CI999\n{_HEAD}{_STATES}",
)
IGNORED_ERROR = _rule(
    "CI692",
    "comment that ignores an error",
    what="A comment `# choreography: ignore` names a rule whose breach is an error.",
    why="Nothing can be made of a definition that has errors. Only warnings can be ignored.",
    mend="Mend the error, and remove the comment.",
    example=f"# choreography: ignore CI401\n{_HEAD}{_STATES}",
)
UNUSED_IGNORE = _rule(
    "CI693",
    "comment that is not needed",
    what="A comment `# choreography: ignore` names a warning that does not come there.",
    why="It would hide the warning when it comes for another reason.",
    mend="Remove the id, or the comment.",
    example=f"# choreography: ignore CI601\n{_HEAD}{_STATES}",
)

# ---- CI7: state machines written by hand --------


_HANDED_OUT = """\
{
  "StartAt": "Both",
  "States": {
    "Both": {
      "Type": "Parallel",
      "Branches": [
        {
          "StartAt": "Voted",
          "States": {"Voted": {"Type": "Pass", "Parameters": {"remembered.$": "$.event.remembered"}, "End": true}}
        }
      ],
      "ResultPath": "$.learned",
      "ResultSelector": {"lines.$": "$"},
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
"""


def _wait(right: str, wrong: str, excerpt: str = "") -> Example:
    """Return a wait state that is right, but for *wrong* where *right* would be; *excerpt*: what is shown instead."""
    if right not in _WAIT:
        raise ValueError(right)
    shown = excerpt or "\n".join(line.strip() for line in wrong.splitlines())
    return Example(_WAIT.replace(right, wrong, 1), form="state machine", excerpt=shown)


INVALID_JSON = _rule(
    "CI701",
    "invalid JSON",
    what="A state machine is not JSON.",
    why="Nothing in it can be read.",
    mend="Look at the place that is named, and just before it.",
    example=_machine('{"StartAt" "Done"}\n'),
)
NO_STATE_MACHINE = _rule(
    "CI702",
    "not a state machine",
    what="A state machine, its `States` or a state is not an object, or a field has the wrong type.",
    why="Nothing else can be checked before.",
    mend="Write it in the form that the message shows.",
    example=_machine('{"StartAt": "Done", "States": {"Done": "Succeed"}}\n'),
)
FOREIGN_PLACEHOLDER = _rule(
    "CI703",
    "foreign placeholder",
    what="Text has `${…}` or `%{…}` that Terraform's `templatefile` would take for its own.",
    why="Terraform fills `${partition}` and `${journeys_table}`, and refuses all others.",
    mend="Write `$${` or `%%{`, if it is meant as text.",
    example=_machine('{"Comment": "${team}", "StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}\n'),
)
UNKNOWN_FIELD = _rule(
    "CI711",
    "unknown field",
    what="A state has a field that Step Functions does not know or does not allow there.",
    why="Step Functions refuses the state machine.",
    mend="Remove the field, or mend its spelling.",
    example=_machine('{"StartAt": "Done", "States": {"Done": {"Type": "Succeed", "Nxt": "Done"}}}\n'),
)
MISSING_FIELD = _rule(
    "CI712",
    "missing field",
    what="A state lacks a field that Step Functions wants.",
    why="Step Functions refuses the state machine.",
    mend="Add the field.",
    example=_machine('{"States": {"Done": {"Type": "Succeed"}}}\n'),
)
CONFLICTING_FIELDS = _rule(
    "CI713",
    "conflicting fields",
    what="A state has several fields of which Step Functions takes one.",
    why="Step Functions refuses the state machine.",
    mend="Keep one.",
    example=_machine(
        '{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "SecondsPath": "$.s", "End": true}}}\n'
    ),
)
INVALID_FIELD = _rule(
    "CI714",
    "invalid field",
    what="A field has a value that Step Functions does not take, or else something that statelint refuses.",
    why="Step Functions refuses the state machine.",
    mend="Write a value as the message says.",
    example=_machine('{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": "5", "End": true}}}\n'),
)
DUPLICATE_MACHINE_STATE = _rule(
    "CI715",
    "duplicate name of a state in a state machine",
    what="Two states of a state machine have the same name, in different branches.",
    why="Step Functions takes each name once in a whole state machine.",
    mend="Rename one of the two.",
    example=_machine(
        '{"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true, "Branches": [\n'
        '  {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}]}}}\n'
    ),
)
UNKNOWN_MACHINE_STATE = _rule(
    "CI721",
    "unknown state in a state machine",
    what="`StartAt`, `Next` or `Default` names a state that is not there.",
    why="Step Functions refuses the state machine.",
    mend="Take the state that the message suggests.",
    example=_machine('{"StartAt": "Don", "States": {"Done": {"Type": "Succeed"}}}\n'),
)
UNREACHABLE_MACHINE_STATE = _rule(
    "CI722",
    "unreachable state in a state machine",
    what="No way leads to a state from `StartAt`.",
    why="No journey would ever be in it.",
    mend="Lead a `Next` there, or remove the state.",
    example=_machine('{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}, "Lost": {"Type": "Fail"}}}\n'),
)
MACHINE_STATE_WITHOUT_END = _rule(
    "CI723",
    "state without a way to an end in a state machine",
    what="No way leads from a state to an end.",
    why="A journey would go round until Step Functions ends it.",
    mend='Lead a way to a `Succeed`, a `Fail`, or a state with `"End": true`.',
    example=_machine('{"StartAt": "Round", "States": {"Round": {"Type": "Pass", "Next": "Round"}}}\n'),
)
FOREIGN_TASK = _rule(
    "CI731",
    "Task that does not wait",
    what="A Task calls something else than the write that makes it a wait state.",
    why="A choreography watches. Work belongs to the services.",
    mend="Make it a wait state, or leave the work to a service that sends an event.",
    example=_machine(
        '{"StartAt": "Pay", "States": {"Pay": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", '
        '"End": true}}}\n'
    ),
)
WAIT_NOT_IN_JSONPATH = _rule(
    "CI732",
    "wait state not in JSONPath",
    what="A wait state is written in another query language than JSONPath.",
    why="The functions hand events over in the form that JSONPath reads.",
    mend='Add `"QueryLanguage": "JSONPath"` to the state.',
    example=_wait('"Type": "Task",', '"Type": "Task",\n      "QueryLanguage": "JSONata",'),
)
MISSING_IN_WAIT = _rule(
    "CI733",
    "missing in a wait state",
    what="A wait state lacks something that it writes.",
    why="The functions would not find what they need to know of the wait.",
    mend="Add what the message shows.",
    example=_wait(
        '              "t": {"S.$": "$$.Task.Token"},\n',
        "",
        '# without its "t", the task token\n"M": {\n  "a": {"L": [{"M": {"e": {"S": "Order Paid"}}}]},',
    ),
)
SUPERFLUOUS_IN_WAIT = _rule(
    "CI734",
    "superfluous in a wait state",
    what="A wait state writes something that the functions do not know.",
    why="It does nothing, or it is a slip of the pen.",
    mend="Remove it.",
    example=_wait(
        '"t": {"S.$": "$$.Task.Token"},', '"t": {"S.$": "$$.Task.Token"},\n              "token": {"S": "x"},'
    ),
)
DIFFERENT_IN_WAIT = _rule(
    "CI735",
    "different in a wait state",
    what="A wait state writes something else than the functions expect.",
    why="The functions would misread the wait, or it would spoil another.",
    mend="Write what the message shows.",
    example=_wait('"TableName": "${journeys_table}",', '"TableName": "orders",'),
)
INVALID_ACCEPTED_EVENTS = _rule(
    "CI736",
    "invalid list of accepted events",
    what="What a wait state accepts is not in the form of docs/reference/interfaces.md, section 2.",
    why="The functions could not tell which events move the journey.",
    mend="Write it as the message shows.",
    example=_wait('{"M": {"e": {"S": "Order Paid"}}}', '{"S": "Order Paid"}'),
)
INVALID_ACCEPTED_PATTERN = _rule(
    "CI737",
    "invalid pattern of an accepted event",
    what="A pattern in a wait state is not JSON in a text.",
    why="The functions could not evaluate it.",
    mend='Write `{"S": "…"}` with the pattern as JSON in the text.',
    example=_wait('{"e": {"S": "Order Paid"}}', '{"e": {"S": "Order Paid"}, "when": {"S": "paid"}}'),
)
INVALID_ITEMS = _rule(
    "CI738",
    "invalid items of an accepted event",
    what="An accepted event in a Map does not say where it has its item's key, or one outside of a Map does.",
    why="The functions could not tell which item an event is about.",
    mend="Write `items` as the message shows, or remove it.",
    example=_wait('{"e": {"S": "Order Paid"}}', '{"e": {"S": "Order Paid"}, "items": {"L": []}}'),
)
EVENT_REPLACES_DATA = _rule(
    "CI739",
    "event in the place of all data",
    what="The result of a wait state takes the place of all that the journey knows.",
    why="Later states need it.",
    mend='Write `"ResultPath": "$.event"`.',
    example=_wait('      "ResultPath": "$.event",\n', "", '# without a "ResultPath"\n"Type": "Task",'),
)
INVALID_RETRY = _rule(
    "CI740",
    "wrong retries of a wait state",
    what="The retries of a wait state try again what is final, or give up while DynamoDB is not to be had.",
    why="A journey would wait anew instead of going on, or fail for an hour without DynamoDB.",
    mend="Write `Retry` as the message shows.",
    example=_wait('"MaxAttempts": 200,', '"MaxAttempts": 2,'),
)
HEARTBEAT = _rule(
    "CI741",
    "heartbeat of a wait state",
    what="A wait state has `HeartbeatSeconds`.",
    why="Nothing sends heartbeats, so it would end every wait.",
    mend="Use `TimeoutSeconds`.",
    example=_wait('"ResultPath": "$.event",', '"ResultPath": "$.event",\n      "HeartbeatSeconds": 60,'),
)
HANDED_OUT_MEMORY = _rule(
    "CI742",
    "handed-out memory that gets lost",
    what="A Parallel or Map keeps what its lines remember (`$.learned`), and not all that this takes is there.",
    why="What is handed out would not be known behind it, or the journey's data would be gone.",
    mend="Let lines end, and three Pass states follow, as the message shows.",
    example=Example(
        _HANDED_OUT,
        form="state machine",
        excerpt='"ResultPath": "$.learned",\n"ResultSelector": {"lines.$": "$"},\n"Next": "Done"',
    ),
)
WAIT_IN_DISTRIBUTED_MAP = _rule(
    "CI743",
    "wait in a Distributed Map",
    what="A Map in Distributed mode has a wait state in its lines.",
    why="Each line is an execution of its own there, and no journey. Nothing finds its waits.",
    mend="Let the Map be `INLINE`, or make a choreography of the items: its entity is the order and the item.",
    example=Example(
        f'{{"StartAt": "Parts", "States": {{"Parts": {{"Type": "Map", "End": true, "ItemProcessor": {{\n'
        f'"ProcessorConfig": {{"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},\n{_WAIT[1:]}}}}}}}',
        form="state machine",
        excerpt='"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},',
    ),
)
