"""Small choreographies, each with what makes correlation hard; events have names of one or two letters."""

from fake_aws import Deployed, deployable, example

ORDER = example("order/order")
CAR = example("car-dealer/car-dealer")


def small(name: str, states: str, settings: str = "") -> Deployed:
    """Return a choreography that hears all of its source, and whose journeys fail if *settings* say nothing else."""
    policy = "" if "unexpected:" in settings else "unexpected: fail\n"
    return deployable(f"choreography: {name}\nsource: s\nstart: S\ncapture: all\n{policy}{settings}\nstates:\n{states}")


#: One event after the other.
SEQUENCE = small("sequence", "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed")

SEQUENCE_IGNORING = small(
    "ignoring", "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed", "unexpected: report"
)

#: An event teaches another name, under which the others come.
NAMED = small(
    "named",
    "  A: {await: {a: B}}\n  B: {await: {b: C}}\n  C: {await: {c: Done}}\n  Done: succeed",
    "events: {a: {also: {ticket: $.detail.t}}, b: {entity: {as: ticket, at: $.detail.t}}, "
    "c: {entity: {as: ticket, at: $.detail.t}}}",
)

#: The start event teaches the name; what ends the journey is contested by what may come before it.
NAMED_SALE = small(
    "named-sale",
    "  On: {await: {r: Res}}\n  Res: {await: {u: On, s: Sold}}\n  Sold: succeed",
    "events: {S: {also: {ticket: $.detail.t}}, u: {entity: {as: ticket, at: $.detail.t}}, "
    "s: {entity: {as: ticket, at: $.detail.t}}}",
)

#: Events have ids of their own, and come under the entity's id and under names of two kinds.
NAMED_OWN = small(
    "named-own",
    "  A: {await: {b: B, c: B, d: B}}\n  B: {await: {b: Twice, c: Twice, d: Twice, e: Done}}\n"
    "  Twice: succeed\n  Done: succeed",
    "id: $.detail.message\nevents: {S: {also: {ticket: $.detail.t, slip: $.detail.u}}, "
    "e: {also: {ticket: $.detail.t}}, "
    "b: {entity: {as: ticket, at: $.detail.t}}, c: {entity: {as: slip, at: $.detail.u}}}",
)

#: One that keeps events for half an hour until their name is taught.
NAMED_PATIENT = small(
    "named-patient",
    "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed",
    "early: 30m\nevents: {a: {also: {ticket: $.detail.t}}, b: {entity: {as: ticket, at: $.detail.t}}}",
)

#: A single event, so that journeys end soon and the next can begin.
ONE = small("one", "  A: {await: {a: Done}}\n  Done: succeed")

#: One that should be over within a minute.
HASTY = small("hasty", "  A: {await: {a: Done}}\n  Done: succeed", "expected: 60s")

#: An event that only journeys of older definitions await.
RETIRED = small(
    "sequence", "  A: {await: {a: Done}}\n  Done: succeed", "unexpected: fail\nevents: {b: {retired: true}}"
)

#: Events about each entity of a list.
SEVERAL = small("several", "  A: {await: {a: Done}}\n  Done: succeed", 'entity: "$.detail.ids[*]"')

ONE_IGNORING = small("one-ignoring", "  A: {await: {a: Done}}\n  Done: succeed", "unexpected: report")

#: Either event is possible, and after neither is the other: not contested.
CHOICE = small("choice", "  A: {await: {a: B, c: Other}}\n  B: {await: {b: Done}}\n  Done: succeed\n  Other: succeed")

#: One event, some of which begin a journey and others move it.
ONE_NAME = deployable(
    """
choreography: one-name
source: s
start: {e: {when: {to: [placed]}}}
unexpected: fail
states:
  Placed: {await: {e: [{when: {to: [paid]}, next: Paid}]}}
  Paid: {await: {e: Done}}
  Done: succeed
"""
)

#: The start event comes again, as a step.
STEP = small("step", "  A: {await: {a: B}}\n  B: {await: {S: Done}}\n  Done: succeed")

#: The same at once and for a while only; then it may come in another state.
STEP_FALLBACK = small(
    "step-fallback",
    "  A: {await: {S: Done}, timeout: {after: 30s, next: T}}\n  T: {await: {S: Late}}\n"
    "  Done: succeed\n  Late: succeed",
)

#: Two events in any order, then a third.
ALL = small("all", "  P: {all: {x: a, y: b}, next: C}\n  C: {await: {c: Done}}\n  Done: succeed")

#: Three of one event, each by another; one of another ends it.
QUORUM = small(
    "quorum",
    "  Q: {await: {y: {times: 3, distinct: $.detail.by, next: Yes}, n: No}, timeout: {after: 60s, next: Late}}\n"
    "  Yes: succeed\n  No: succeed\n  Late: succeed",
)

#: The same event again and again, until another ends it: that one is contested.
LOOP = small("loop", "  L: {await: {n: L, q: Done}}\n  Done: succeed")

#: Reserved and unreserved as often as one likes; sold is contested by unreserved.
SALE = small("sale", "  On: {await: {r: Res}}\n  Res: {await: {u: On, s: Sold}}\n  Sold: succeed")

#: What is accepted twice with a different meaning: each is contested by the other.
_TWICE = (
    "  A: {await: {v: [{when: {k: [1]}, next: B1}, {when: {k: [2]}, next: B2}]}}\n"
    "  B1: {await: {v: [{when: {k: [1]}, next: E11}, {when: {k: [2]}, next: E12}]}}\n"
    "  B2: {await: {v: [{when: {k: [1]}, next: E21}, {when: {k: [2]}, next: E22}]}}\n"
    "  E11: succeed\n  E12: succeed\n  E21: succeed\n  E22: succeed"
)
TWICE = small("twice", _TWICE)

#: A state that does not wait for ever, and accepts its event in another state after that.
FALLBACK = small(
    "fallback",
    "  A: {await: {a: Done}, timeout: {after: 30s, next: T}}\n  T: {await: {a: Late}}\n"
    "  Done: succeed\n  Late: succeed",
)

#: A journey that ends by time, if not by its event.
STALE = small("stale", "  A: {await: {a: Done}, timeout: {after: 30s, next: Stale}}\n  Done: succeed\n  Stale: succeed")

#: A state that times out leaves its wait in the table; two more follow.
OVERSTAYED = small(
    "overstayed",
    "  A: {await: {a: Done}, timeout: {after: 30s, next: T}}\n  T: {await: {t: N}}\n  N: {await: {c: Done}}\n"
    "  Done: succeed",
)

#: The same for branches.
FALLBACK_ALL = small(
    "fallback-all",
    "  P: {all: {x: a, y: b}, timeout: {after: 30s, next: T}, next: Done}\n  T: {await: {a: Late}}\n"
    "  Done: succeed\n  Late: succeed",
)

#: A grace period longer than SQS can delay a message.
PATIENT = small("patient", "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed", "early: 2h")

#: Lines beside each other: one fails the journey, the other has one state behind the other.
LINES = small(
    "lines",
    "  P:\n    parallel:\n      F: {states: {A: {await: {a: AEnd, x: Bad}}, AEnd: succeed, Bad: fail}}\n"
    "      G: {states: {B: {await: {b: C}}, C: {await: {c: End}}, End: succeed}}\n    next: Done\n  Done: succeed",
)

#: Items, each of which has two states to go; some events fail the journey.
ITEMS = small(
    "items",
    "  P:\n    each:\n      items: $.detail.ps\n      item: $.detail.p\n"
    "      states: {V: {await: {v: W}}, W: {await: {w: WE}}, WE: succeed}\n    next: Done\n  Done: succeed",
)

#: Items, each of which comes again and again, until another event ends it: claims are tracked.
ITEMS_COUNTED = small(
    "counted",
    "  P:\n    each: {items: $.detail.ps, item: $.detail.p, states: {W: {await: {n: W, q: WE}}, WE: succeed}}\n"
    "    next: Done\n  Done: succeed",
)

#: The same for a while only; then a last event may come.
LAPSING = small(
    "lapsing",
    "  P:\n    each: {items: $.detail.ps, item: $.detail.p, states: {W: {await: {w: WE}}, WE: succeed}}\n"
    "    timeout: {after: 30s, next: Z}\n    next: Z\n  Z: {await: {z: Done}}\n  Done: succeed",
)

#: Where no wait tells where the journey is: in a pause, and as long as lines begin with pauses and items only.
PAUSING = small(
    "pausing",
    "  A: {wait: 30s, next: P}\n"
    "  P:\n    parallel:\n      F: {states: {W: {wait: 30s, next: B}, B: {await: {b: BE}}, BE: succeed}}\n"
    "      G: {states: {V: {wait: 10s, next: VE}, VE: succeed}}\n    next: I\n"
    "  I:\n    each: {items: $.detail.ps, item: $.detail.p, states: {J: {await: {j: JE}}, JE: succeed}}\n    next: Z\n"
    "  Z: {await: {z: Done}}\n  Done: succeed",
)

#: One event is only noted, wherever the journey is: in a state that times out, in one that comes after, in a pause.
NOTING = small(
    "noting",
    "  A: {await: {a: B}, timeout: {after: 30s, next: B}}\n  B: {await: {b: C}}\n  C: {wait: 30s, next: D}\n"
    "  D: {await: {d: Done}}\n  Done: succeed",
    "anytime: {r: stay}",
)

#: What is only noted in one state is awaited in the next, and what leads there is contested by it.
NOTING_BEFORE = small(
    "noting-before", "  A: {await: {a: B}}\n  B: {await: {r: Done}}\n  Done: succeed", "anytime: {r: stay}"
)

#: It is only noted in a group, for a while, unless a line awaits it.
NOTING_BESIDE = small(
    "noting-beside",
    "  P:\n    parallel:\n      F: {states: {A: {await: {a: B}}, B: {await: {r: E}}, E: succeed}}\n"
    "      G: {states: {C: {await: {c: CE}}, CE: succeed}}\n    anytime: {r: stay}\n"
    "    timeout: {after: 60s, next: Z}\n    next: Z\n  Z: {await: {z: Done}}\n  Done: succeed",
)

#: It comes under another name, which another event teaches.
NOTING_NAMED = small(
    "noting-named",
    "  A: {await: {a: B}}\n  B: {await: {b: Done}}\n  Done: succeed",
    "anytime: {r: stay}\nevents: {a: {also: {ticket: $.detail.t}}, r: {entity: {as: ticket, at: $.detail.t}}}",
)

#: What it remembers may be too much for an execution.
_REMEMBERING = """
choreography: remembering
source: s
start: {S: {remember: {big: detail.big}}}
states:
  A: {await: {a: [{remember: {more: detail.more}, next: B}]}}
  B: {await: {b: [{remembered: {big: [x]}, next: Done}, {remembered: {more: [x]}, next: Done}, {otherwise: Done}]}}
  Done: succeed
"""
REMEMBERING = deployable(_REMEMBERING)
#: The same, and its events have ids of their own.
REMEMBERING_OWN = deployable(_REMEMBERING.replace("source: s", "source: s\nid: $.detail.message"))

#: `TWICE` with a finer clock than EventBridge's whole seconds.
FINE = small("fine", _TWICE, "time: $.detail.occurredAt")

#: Two start events, each with a first state of its own; one of them is awaited, too.
APART = deployable(
    """
choreography: apart
source: s
start: {S: A, T: {next: B}}
states:
  A: {await: {T: B}}
  B: {await: {b: Done}}
  Done: succeed
"""
)

#: The start event comes again and again, until another event ends it: both are contested.
STEP_LOOP = small("step-loop", "  L: {await: {S: L, q: Done}}\n  Done: succeed")

#: Something is remembered of the start event, which comes again.
STEP_REMEMBERING = deployable(
    """
choreography: step-remembering
source: s
start: {S: {remember: {number: detail.number}}}
states:
  A: {await: {S: B}}
  B: {await: {b: [{remembered: {number: [2]}, next: Done}]}}
  Done: succeed
"""
)
