"""All scenarios, by name."""

from collections.abc import Mapping

from .scenario import Scenario

_DONE = {("Done",)}
_TWO = {("Done", None, "Done")}
#: Or a deadline passed before the first journey had ended: the event is none of the second.
_TWO_OR_LATE = {("Done", None, "Done"), ("Done", None, "R")}
_NAPPED = ("Done", None, None)

SCENARIOS: Mapping[str, Scenario] = {
    # Events in any order, functions that die, messages that are repeated: the journey is the same.
    "seq": Scenario("seq", "S a b", _DONE, repeated=(1,), crashes=2),
    "seq-dup-start": Scenario("seq", "S a b", _DONE, repeated=(0,), crashes=2),
    "choice": Scenario("choice", "S a b", _DONE, repeated=(2,), crashes=2),
    "all": Scenario("all", "S a b c", _DONE, repeated=(2,)),
    "all-claimed": Scenario("all", "S a b", {("R",)}, repeated=(1,)),
    "par": Scenario("par", "S a b d", _DONE, repeated=(3,)),
    "loop": Scenario("loop", "S n n q", _DONE, repeated=(1,)),
    "loop-crash2": Scenario("loop", "S n q", _DONE, repeated=(1,), crashes=2),
    "car": Scenario("car", "S r u r s", {("Sold",)}, crashes=0),
    "car-crash": Scenario("car", "S r u r s", {("Sold",)}),
    "car-uncontested": Scenario(
        "car-free", "S r u r s", {("Sold",)}, crashes=0, known_bad="shows why contested events must settle"
    ),
    "twice": Scenario(
        "twice", "S v1 v2", {("E12",)}, crashes=0, known_bad="what is contested must be told by variant, not by name"
    ),
    "twice-held": Scenario("twice-held", "S v1 v2", {("E12",)}, repeated=(1,)),
    # Journeys of one entity after each other.
    "recur": Scenario("choice", "S c S a b", {("Other", None, "Done"), ("Done", None, "Other")}, crashes=0),
    "lives": Scenario("lives", "S a S b", {("DoneA", None, "DoneB")}, crashes=0, starts_first=True),
    "lives-crash": Scenario("lives", "S a S b", {("DoneA", None, "DoneB")}, closes=True, starts_first=True),
    "restart": Scenario("one", "S a S a", _TWO, closes=True),
    "restart-crash2": Scenario("one", "S a S a", _TWO, crashes=2, starts_first=True),
    "restart-dup": Scenario("one", "S a S a", _TWO, repeated=(0,), closes=True),
    "restart-dup2": Scenario("one", "S a S a", _TWO, repeated=(1,)),
    "restart-ignore": Scenario("one", "S a S a", _TWO, policy="report"),
    # States whose time is over.
    "stale": Scenario("stale", "S a", None, "any", repeated=(1,), crashes=2),
    "stale-ignore": Scenario("stale", "S a", None, "any", repeated=(1,), crashes=2, policy="report"),
    "fallback": Scenario("fallback", "S a", {("Done",), ("Late",)}, repeated=(1,), crashes=2),
    "par-out": Scenario("par-out", "S a b", None, "any", repeated=(1,)),
    "again": Scenario("again", "S n m n", {("Done",), ("UnexpectedEvent",)}, "any", repeated=(1,)),
    # Late writes of abandoned tasks, aborted executions, states that Step Functions tries again.
    "zombie-loop": Scenario("reenter", "S m n", None, "any", crashes=0, zombies=True),
    "zombie-restart": Scenario("one", "S a S a", None, "any", crashes=0, aborts=1, zombies=True),
    "abort-restart": Scenario("one", "S a S a", None, "any", aborts=1),
    "retry-early": Scenario("seq", "S a b", _DONE, repeated=(1,), submits=True, retries=1, zombies=True),
    "retry-reject": Scenario(
        "seq", "S a b", _DONE, repeated=(1,), submits=True, early_ok=False, retries=1, zombies=True
    ),
    "retry-loop": Scenario("loop", "S n q", _DONE, submits=True, early_ok=False, retries=1),
    "retry-hold": Scenario("loop", "S n q", _DONE, crashes=0, submits=True, early_ok=False, retries=1),
    "retry-car": Scenario("car", "S r u r s", {("Sold",)}, crashes=0, submits=True, retries=1),
    "reject-par": Scenario("par", "S a b d", _DONE, submits=True, early_ok=False),
    # Deadlines pass as soon as every event has a row, while claims hang after a death.
    "rec-seq": Scenario("seq", "S a b", _DONE, crashes=2, grace="recorded"),
    "rec-all": Scenario("all", "S a b c", _DONE, grace="recorded"),
    "rec-par": Scenario("par", "S a b d", _DONE, grace="recorded"),
    "rec-branch": Scenario("par", "S a d", {("R",)}, grace="recorded"),
    "rec-loop": Scenario("loop", "S n n q", _DONE, grace="recorded"),
    "rec-car": Scenario("car", "S r u r s", {("Sold",)}, grace="recorded"),
    "rec-ignore": Scenario("seq", "S a b", _DONE, crashes=2, grace="recorded", policy="report"),
    "rec-fallback": Scenario("fallback-on", "S a u", {("Done",), ("Late",)}, "any", grace="recorded"),
    "rec-restart": Scenario("one", "S a S a", _TWO_OR_LATE, "any", grace="recorded", closes=True, starts_first=True),
    "rec-handover": Scenario("one", "S a S a", _TWO_OR_LATE, "any", crashes=0, grace="recorded", starts_first=True),
    "rec-retry": Scenario("seq", "S a b", _DONE, grace="recorded", submits=True, retries=1, zombies=True),
    # Deadlines pass as soon as every message was delivered once, or, by the allowance, those of older events twice.
    "redeliver-seq": Scenario("seq", "S a b", _DONE, repeated=(1,), grace="redelivery"),
    "redeliver-fail": Scenario("seq", "S a b", _DONE, grace="redelivery", starts_first=True),
    "redeliver-all": Scenario("all", "S a b c", _DONE, grace="redelivery"),
    "redeliver-par": Scenario("par", "S a b d", _DONE, grace="redelivery"),
    "redeliver-loop": Scenario("loop", "S n n q", _DONE, grace="redelivery"),
    "redeliver-car": Scenario("car", "S r u r s", {("Sold",)}, grace="redelivery"),
    "redeliver-restart": Scenario("one", "S a S a", _TWO, grace="redelivery", starts_first=True),
    "redeliver-ignore": Scenario("seq", "S a b", _DONE, grace="redelivery", policy="report"),
    "redeliver-twice": Scenario(
        "seq", "S a b", _DONE, crashes=2, grace="redelivery", known_bad="two deaths outlast an allowance for one"
    ),
    # The write of a wait is throttled and tried again, for as long as you like.
    "late-branch": Scenario("par", "S a", {("R",)}, crashes=0, throttles=1),
    "late-ignore": Scenario("par", "S a", {("R",)}, crashes=0, throttles=1, policy="report"),
    "late-seq": Scenario("seq", "S a b", _DONE, throttles=2),
    "late-par": Scenario("par", "S a b d", _DONE, throttles=1),
    "late-all": Scenario("all", "S a b c", _DONE, crashes=0, throttles=2),
    "late-car": Scenario("car", "S r u r s", {("Sold",)}, crashes=0, throttles=1),
    "late-timeout": Scenario(
        "fallback-other", "S b", {("Late",), ("R",)}, "any", crashes=0, throttles=1, policy="report"
    ),
    # A line begins only when another has ended; its events are there before.
    "queue": Scenario("queue", "S b d a", _DONE, crashes=0),
    "queue-crash": Scenario("queue", "S b d a", _DONE, repeated=(1,)),
    "queue-ignore": Scenario("queue", "S b d a", _DONE, policy="report"),
    "queue-apart": Scenario("queue", "S b d a", _DONE, crashes=0, apart=True),
    "queue-rec": Scenario("queue", "S b d a", _DONE, crashes=0, grace="recorded", lags=True),
    "queue-late": Scenario("queue", "S b d a", _DONE, crashes=0, throttles=1),
    "queue-open": Scenario("queue", "S b", {("R",)}, repeated=(1,)),
    "queue-bad": Scenario("queue", "S u b", {("UnexpectedEvent",)}, "some", crashes=0),
    "queue-over": Scenario("queue", "S a a b", {("UnexpectedEvent",)}, "some", crashes=0),
    "queue-out": Scenario("queue-out", "S b", None, "any", repeated=(1,), policy="report"),
    "any-queue": Scenario("queue", "S b d a", None, "any", crashes=0, grace="any"),
    # An event that ends the lines beside its own.
    "last": Scenario("fails", "S b bad", {("Bad",)}, repeated=(1,)),
    "last-two": Scenario("fails-two", "S b d bad", {("Bad",)}),
    "last-redeliver": Scenario("fails-two", "S b d bad", {("Bad",)}, grace="redelivery"),
    "last-late": Scenario("fails", "S b bad", {("Bad",)}, throttles=1),
    "last-two-late": Scenario("fails-two", "S b d bad", {("Bad",)}, crashes=0, throttles=2),
    "last-lags": Scenario("fails-two", "S b d bad", {("Bad",)}, crashes=0, throttles=1, lags=True),
    "last-reads": Scenario("fails-two", "S b d bad", {("Bad",)}, crashes=0, two_reads=True),
    "gate": Scenario("gate", "S a b", {("Away",)}, "some", crashes=0),
    "gate-crash": Scenario("gate", "S a b", {("Away",)}, "some"),
    "gate-shut": Scenario("gate", "S b a", {("UnexpectedEvent",)}, "some", crashes=0),
    "gate-free": Scenario(
        "gate-free", "S a b", {("Away",)}, "some", crashes=0, known_bad="shows why what shuts a gate must yield"
    ),
    "gate-lags": Scenario("gate", "S a b", {("Away",)}, "some", crashes=0, lags=True),
    "last-leads": Scenario("led", "S off b", {("Off",)}, crashes=0),
    # An event that ends the lines beside its own, and the journey goes on: what those await comes too late then.
    "race": Scenario("race", "S a b", {("UnexpectedEvent",)}, "some", repeated=(1,)),
    "race-on": Scenario("race", "S b a c", _DONE, "some", crashes=0, policy="report"),
    "race-two": Scenario("race-two", "S d b a", {("UnexpectedEvent",)}, "some", crashes=0),
    "race-late": Scenario("race-two", "S d b a", {("UnexpectedEvent",)}, "some", crashes=0, throttles=1),
    "race-lags": Scenario("race-two", "S d a b", {("UnexpectedEvent",)}, "some", crashes=0, throttles=1, lags=True),
    "race-apart": Scenario("race", "S a b", {("UnexpectedEvent",)}, "some", crashes=0, apart=True),
    "race-rec": Scenario("race", "S a b", {("UnexpectedEvent",)}, "some", crashes=0, grace="recorded"),
    "race-crash": Scenario("race-two", "S d b a", {("UnexpectedEvent",)}, "some"),
    # An event is only noted in one state, and awaited in another, or in a line beside it.
    "note": Scenario("note", "S r a r", _DONE, crashes=0),
    "note-one": Scenario("note", "S a r", _DONE, repeated=(2,)),
    "note-free": Scenario("note-free", "S r a b", None, "any", repeated=(1,), policy="report"),
    "note-stale": Scenario("note-stale", "S r", None, "any", repeated=(1,), policy="report"),
    "note-lines": Scenario("note-lines", "S r a", _DONE, repeated=(1,), crashes=0),
    "note-late": Scenario("note-lines", "S r a", _DONE, crashes=0, throttles=1),
    "note-led": Scenario("note-led", "S r b r a", _DONE, crashes=0),
    "note-end": Scenario("note", "S r a r r", None, "some", crashes=0),
    "note-nostart": Scenario("note", "r", {()}, "some", repeated=(0,), crashes=2),
    "any-note": Scenario("note", "S a r", None, "any", repeated=(2,), grace="any"),
    "any-note-lines": Scenario("note-lines", "S r a", None, "any", crashes=0, grace="any"),
    # The JOURNEY row is read first, the rows of events after it.
    "reads-seq": Scenario("seq", "S a b", _DONE, repeated=(1,), two_reads=True),
    "reads-all": Scenario("all", "S a b c", _DONE, two_reads=True),
    "reads-car": Scenario("car", "S r u r s", {("Sold",)}, crashes=0, two_reads=True),
    "reads-loop": Scenario("loop", "S n n q", _DONE, two_reads=True),
    "reads-rec": Scenario("par", "S a b d", _DONE, crashes=0, grace="recorded", two_reads=True),
    "reads-branch": Scenario("par", "S a d", {("R",)}, grace="recorded", two_reads=True),
    "reads-timeout": Scenario("par-out", "S a b", None, "any", crashes=0, grace="any", two_reads=True),
    "reads-retry": Scenario(
        "loop", "S n q", _DONE, crashes=0, submits=True, early_ok=False, retries=1, zombies=True, two_reads=True
    ),
    # Each wait has a row of its own, and none of them is read when the JOURNEY row is.
    "apart-all": Scenario("all", "S a b c", _DONE, apart=True),
    "apart-par": Scenario("par", "S a b d", _DONE, crashes=0, repeated=(3,), apart=True),
    "apart-rec": Scenario("par", "S a b d", _DONE, crashes=0, grace="recorded", apart=True),
    "apart-ignore": Scenario("par", "S a b d", _DONE, crashes=0, grace="recorded", policy="report", apart=True),
    "apart-branch": Scenario("par", "S a d", {("R",)}, grace="recorded", apart=True),
    "apart-late": Scenario("par", "S a d", {("R",)}, crashes=0, throttles=1, grace="recorded", apart=True),
    "apart-last": Scenario("fails-two", "S b d bad", {("Bad",)}, crashes=0, apart=True),
    "apart-out": Scenario("par-out", "S a b", None, "any", crashes=0, grace="any", apart=True),
    "apart-restart": Scenario("one", "S a S a", _TWO, crashes=0, apart=True),
    "apart-abort": Scenario("one", "S a S a", None, "any", crashes=0, aborts=1, zombies=True, apart=True),
    "apart-retry": Scenario(
        "loop", "S n q", _DONE, crashes=0, submits=True, early_ok=False, retries=1, zombies=True, apart=True
    ),
    # A journey pauses, and deadlines pass meanwhile.
    "nap": Scenario("nap", "S a", _DONE),
    "nap-wait": Scenario("nap-wait", "S a b", _DONE),
    "nap-unknown": Scenario(
        "nap", "S a u S", {(*_NAPPED, "R"), (*_NAPPED, "UnexpectedEvent"), ("UnexpectedEvent", None, None, "R")},
        "some", crashes=0, starts_first=True,
    ),
    "nap-stale": Scenario("stale-nap", "S b", None, "any", crashes=0, policy="report"),
    "nap-left-over": Scenario("nap", "S a a S", None, "any", crashes=0, starts_first=True),
    "nap-begin": Scenario("nap", "S a S a", None, "any", crashes=0, grace="recorded", starts_first=True),
    # What departs from the choreography is reported, and only that.
    "bad-order": Scenario("seq", "S b", {("UnexpectedEvent",)}, "some", repeated=(1,), crashes=2),
    "bad-extra": Scenario("seq", "S a a b", None, "some", repeated=(2,)),
    "bad-unknown": Scenario("all", "S u a", {("UnexpectedEvent",)}, "some", crashes=2),
    "bad-nostart": Scenario("seq", "a b", {()}, "some", repeated=(0,), crashes=2),
    "bad-start": Scenario("seq", "S S a", None, "some", repeated=(1,)),
    "bad-start-ignore": Scenario(
        "seq", "S S a b", {("Done",), ("Done", "R"), ("R", "Done")}, "any", policy="report", closes=True
    ),
    "start-again": Scenario("seq", "S S a", {("R",), (None, "R")}, repeated=(1,), crashes=1, alike=True),
    "start-again-lag": Scenario(
        "one", "S S", {("R",), (None, "R")}, grace="recorded", crashes=2, lags=True, alike=True
    ),
    # A start event that is awaited moves the journey that runs, and begins one where none does.
    "step": Scenario("step", "S S b", _DONE, repeated=(1,), starts_first=True),
    "step-overtaken": Scenario("step", "S S b", {("Done",), (None, "Done")}, crashes=0),
    "step-later": Scenario("step-later", "S a S", _DONE, repeated=(2,), starts_first=True),
    "step-crash2": Scenario("step-later", "S a S", _DONE, crashes=2, starts_first=True),
    "step-own": Scenario("step", "S", {("R",)}, repeated=(0,), crashes=2),
    "step-all": Scenario("step-all", "S S b", _DONE, starts_first=True),
    "step-next": Scenario("step-later", "S a S S", {("Done", None, None, "R")}, crashes=0, starts_first=True),
    "step-loop": Scenario("step-loop", "S S q S", {("Done", None, None, "R")}, crashes=0, starts_first=True),
    "step-free": Scenario(
        "step-free", "S q S", {("Done", None, "R")}, crashes=0, starts_first=True,
        known_bad="shows why a start event that is awaited is contested by what may end the journey",
    ),
    "step-rec": Scenario("step-later", "S a S", _DONE, grace="recorded", starts_first=True),
    "step-abort": Scenario("step-later", "S a S", None, "any", aborts=1, starts_first=True),
    "step-retry": Scenario(
        "step", "S S b", _DONE, crashes=0, submits=True, early_ok=False, retries=1, starts_first=True
    ),
    "step-stale": Scenario("step-stale", "S S", None, "any", closes=True, starts_first=True),
    "step-reads": Scenario("step-later", "S a S", _DONE, two_reads=True, starts_first=True),
    "step-bad": Scenario("seq", "S S a", None, "some", starts_first=True),
    "any-step": Scenario("step-later", "S a S", None, "any", grace="any", closes=True, starts_first=True),
    "bad-two": Scenario("all", "S u v", {("UnexpectedEvent",)}, "some"),
    "bad-restart": Scenario("one", "S a a S a", None, "some", crashes=0, closes=True),
    "bad-ignore": Scenario("seq", "S u a b", _DONE, "some", policy="report"),
    "bad-stale": Scenario("stale", "S u", None, "some", crashes=2),
    "bad-late": Scenario("all", "S u", {("UnexpectedEvent",)}, "some", throttles=1),
    "ttl": Scenario(
        "loop", "S n q", _DONE, repeated=(1,), crashes=0, forgets=True,
        known_bad="the row of a done event must outlive every message about it",
    ),
    # An event teaches another name of the entity; others come under it, perhaps before that.
    "name-one": Scenario("one", "S a", _DONE, repeated=(1,), teaches=(0,), under_name=(1,)),
    "name": Scenario("seq", "S a b", _DONE, repeated=(2,), teaches=(1,), under_name=(2,)),
    "name-crash2": Scenario("seq", "S a b", _DONE, crashes=2, teaches=(1,), under_name=(2,)),
    "name-start": Scenario("seq", "S a b", _DONE, repeated=(0,), teaches=(0,), under_name=(1, 2)),
    "name-car": Scenario("car", "S r s", {("Sold",)}, crashes=0, repeated=(2,), teaches=(1,), under_name=(2,)),
    "name-untaught": Scenario("seq", "S b", {("R",)}, "some", repeated=(1,), crashes=2, under_name=(1,)),
    "name-taken": Scenario("seq", "S a b", _DONE, repeated=(1,), crashes=2, teaches=(1,), taken=True),
    "name-late": Scenario("all", "S a b c", _DONE, crashes=0, repeated=(2,), teaches=(3,), under_name=(1, 2)),
    "name-bad": Scenario("seq", "S b", {("UnexpectedEvent",)}, "some", crashes=2, teaches=(0,), under_name=(1,)),
    "any-name-one": Scenario("one", "S a", None, "any", repeated=(1,), crashes=0, grace="any", teaches=(0,),
                             under_name=(1,)),
    "any-name": Scenario("seq", "S a b", None, "any", repeated=(2,), grace="any", teaches=(1,), under_name=(2,)),
    "any-name-start": Scenario("one", "S a", None, "any", repeated=(1,), crashes=2, grace="any", teaches=(0,),
                               under_name=(1,)),
    # Deadlines at any moment: nothing is lost, used twice, or both used and reported.
    "any-stale": Scenario("stale", "S a", None, "any", grace="any"),
    "any-seq": Scenario("seq", "S a b", None, "any", repeated=(1,), crashes=2, grace="any"),
    "any-all": Scenario("all", "S a b c", None, "any", grace="any"),
    "any-loop": Scenario("loop", "S n q", None, "any", repeated=(1,), grace="any"),
    "any-car": Scenario("car", "S r u s", None, "any", grace="any"),
    "any-restart": Scenario("one", "S a S a", None, "any", grace="any", closes=True, starts_first=True),
    "any-par-out": Scenario("par-out", "S a b", None, "any", grace="any"),
    "any-zombie": Scenario("reenter", "S m n", None, "any", grace="any", zombies=True, aborts=1),
    "any-retry": Scenario(
        "seq", "S a b", None, "any", grace="any", submits=True, early_ok=False, retries=1, zombies=True
    ),
}  # fmt: skip
