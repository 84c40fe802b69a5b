"""What the protocol does on purpose, each by name: without one of these, some scenario goes wrong."""

from collections.abc import Mapping
from typing import NamedTuple

Fixes = frozenset[str]


class Fix(NamedTuple):
    """What is done, and a scenario that goes wrong where it is not."""

    what: str
    shown_by: str


FIXES: Mapping[str, Fix] = {
    "resched": Fix("a repeat that finds its event kept sends the delayed messages again", "stale"),
    "claimedset": Fix(
        "an event that is claimed out of `kept` moves to `claimed`, until it is recorded or given back", "last"
    ),
    "tracked": Fix("a fast-path claim is in `claimed` too, where waits are contested", "last"),
    "asseen": Fix("a claim asks that the event's row is as it was seen: absent, or kept", "choice"),
    "help": Fix(
        "every message about an event that is claimed finishes the claim (deadline and settle messages too)",
        "twice-held",
    ),
    "finishall": Fix("a look of the stream finishes every claim that it finds before it ends", "all-claimed"),
    "reltimer": Fix("a claim that is given back gets new delayed messages first", "stale"),
    "openretry": Fix(
        "sending failed, but history shows the task neither moved by this event nor closed: keep the claim",
        "retry-reject",
    ),
    "rowcond": Fix("recording and giving back are conditional on being claimed with this token", "fallback"),
    "waitexec": Fix("the write of a wait asks that its execution is the journey's own", "zombie-restart"),
    "waitver": Fix("the write of a wait asks that no later wait of that name is there", "zombie-loop"),
    "startkeep": Fix(
        "a second start event is kept and polled for the grace period, not judged at once", "restart-ignore"
    ),
    "startinfl": Fix(
        "an execution that does not exist, of a journey that runs, is in flight and has not ended", "restart-ignore"
    ),
    "startkept": Fix(
        "no event is reported as left over while a kept start event is about to begin the next journey", "rec-handover"
    ),
    "repclaim": Fix("an event is taken out of play before it is reported", "any-stale"),
    "oldclaim": Fix("a contested event waits while an older event that the state accepts is claimed", "retry-hold"),
    "nowfirst": Fix("the clock is read before the table, not after", "car"),
    "inflight": Fix("no deviation while another event is claimed, or kept and accepted by an open wait", "rec-seq"),
    "askwaits": Fix("no deviation is judged by waits that Step Functions holds open no longer", "nap-stale"),
    "unstored": Fix("no deviation while a task is open whose wait is not stored", "late-branch"),
    "begins": Fix("no deviation while a line that awaits the event has yet to begin", "queue-open"),
    "judgeread": Fix(
        "all rows are read before a deviation is judged by an open wait: a claim may be in no set", "rec-retry"
    ),
    "mustlast": Fix(
        "an event that ends the lines beside its own waits for older ones that those accept, or that are claimed",
        "last",
    ),
    "stayrow": Fix("an event is noted only if its row is as it was seen", "note-stale"),
    "staywait": Fix("and only while the wait is there that it is noted for", "note-free"),
    "stayopen": Fix("and only if Step Functions holds that wait open", "note-stale"),
    "beside": Fix("and for older ones that nobody accepts, while a task is open whose wait is not stored", "last-late"),
    "yieldask": Fix(
        "an event that yields is used only if each open task has its wait, and no line is on its way to end its own",
        "last-leads",
    ),
    "raceask": Fix(
        "so is one that may end the lines beside its own, where the journey goes on behind them", "race-two"
    ),
    "fresh": Fix(
        "a line that has left a state and not entered the next counts as one whose wait is not stored", "last-lags"
    ),
    "reread": Fix(
        "a row of `kept` that is kept no longer means that the JOURNEY row is out of date: read again", "reads-retry"
    ),
    "waitstream": Fix("the rows of waits are in the stream, too", "apart-all"),
    "redelivery": Fix("a deadline leaves time for the messages of older events to come again, once", "redeliver-fail"),
    "owner": Fix(
        "an event whose deadline passed before a journey began is neither used by that journey nor fails it",
        "nap-unknown",
    ),
    "begin": Fix(
        "a journey begins, for this, when its start event is there and the last one has ended, not when it is claimed",
        "nap-begin",
    ),
    "namekeep": Fix("an event waits under a name only while that is nobody's", "name-one"),
    "namelast": Fix("an event waits under a name until it stands in its entity's partition", "name-one"),
    "namereport": Fix("an event is reported under a name only while that is nobody's", "any-name-one"),
    "namerow": Fix(
        "where events have waited under a name, the row of one is read after the name is: it may be reported",
        "any-name-one",
    ),
    "nametell": Fix("a repeat of an event that teaches a name tells those that wait for it again", "name-one"),
    "younger": Fix("an event that is younger than a kept start event is held until it has settled", "lives"),
}

ALL: Fixes = frozenset(FIXES)
