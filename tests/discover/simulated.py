"""Logs of events that follow a choreography, made by walking through its states at random, and noise for them."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from choreography_insights.model.patterns import Exactly, Pattern
from choreography_insights.model.workflow import All, Await, Fail, Pass, State, Succeed, Wait, Workflow

Occurred = tuple[str, dict[str, Any]]


def walk(workflow: Workflow, random: Random, longest: int = 60) -> list[Occurred]:
    """Return the events of one journey, each a name and a detail."""
    start = random.choice(workflow.starts)
    found: list[Occurred] = [(start.event.text, detail_for(start.when, random))]
    states = {state.name.text: state for state in workflow.states}
    state: State = workflow.states[0]
    while len(found) < longest:
        match state:
            case Succeed() | Fail():
                return found
            case Await():
                variant = random.choice(state.variants)
                found.append((variant.event.text, detail_for(variant.when, random)))
                following = variant.next.text
            case All():
                items = list(state.items)
                random.shuffle(items)
                found.extend((item.event.text, {}) for item in items)
                following = state.next.text
            case Pass() | Wait():
                following = state.next.text
            case _:
                raise TypeError(f"no walk leads through a {type(state).__name__}")
        state = states[following]
    return found


def detail_for(when: Pattern | None, random: Random) -> dict[str, Any]:
    """Return a detail that *when* fits, which asks for values alone."""
    detail: dict[str, Any] = {}
    for test in when.tests if when else ():
        values = [matcher.value for matcher in test.matchers if isinstance(matcher, Exactly)]
        assert len(values) == len(test.matchers)
        assert len(test.path) == 1
        detail[str(test.path[0])] = random.choice(values)
    return detail


def log(workflow: Workflow, journeys: int, seed: int, noise: float = 0.0) -> list[dict[str, Any]]:
    """Return the envelopes of so many journeys, in order of time. In the share *noise* of them something is wrong."""
    random = Random(seed)  # noqa: S311
    walks = [walk(workflow, random) for _ in range(journeys)]
    names = sorted({name for one in walks for name, _ in one})
    envelopes: list[dict[str, Any]] = []
    for number, walked in enumerate(walks):
        one = disturbed(walked, names, random) if random.random() < noise else walked
        moment = 1_700_000_000.0 + 600 * number
        for position, (name, detail) in enumerate(one):
            moment += random.expovariate(1 / 900)
            envelopes.append(
                {
                    "id": f"{number}-{position}",
                    "detail-type": name,
                    "source": workflow.sources[0].text,
                    "time": round(moment, 3),
                    "detail": {"id": f"entity-{number}", "clerk": random.choice("abc"), **detail},
                }
            )
    return sorted(envelopes, key=lambda envelope: envelope["time"])


def disturbed(walked: Sequence[Occurred], names: Sequence[str], random: Random) -> list[Occurred]:
    """Return *walked* with one event lost, repeated elsewhere, exchanged with its neighbour, or one too many."""
    changed = list(walked)
    at = random.randrange(1, len(changed)) if len(changed) > 1 else 0
    match random.randrange(4):
        case 0 if len(changed) > 2:
            del changed[at]
        case 1:
            changed.insert(random.randrange(1, len(changed) + 1), changed[at])
        case 2 if at > 1:
            changed[at - 1], changed[at] = changed[at], changed[at - 1]
        case _:
            changed.insert(random.randrange(1, len(changed) + 1), (random.choice(names), {}))
    return changed


def times(envelopes: Sequence[dict[str, Any]]) -> Iterator[float]:
    yield from (envelope["time"] for envelope in envelopes)


# ---- random choreographies --------

Tree = tuple[str, Any]
"""An event; or what comes one after the other, one of several, all in any order, or again and again."""


def walks_of(
    random: Random,
    journeys: int,
    *,
    noted: bool = False,
    withdrawn: bool = False,
    listed: bool = False,
    nested: bool = False,
) -> tuple[list[dict[str, Any]], int]:
    """Return the events of journeys through a random choreography, and how many events it speaks of.

    *noted*, *withdrawn*: whether at any time an event comes that is only noted, or that ends the journey. *listed*:
    whether the first event has a list, each item of which goes through events of its own at the end of the journey.
    *nested*: whether each of these items has a list in turn, itself or in an event of its own.
    """
    names = iter(f"Event {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    tree: Tree = ("sequence", [_random_tree(random, names, 2) for _ in range(random.randint(1, 3))])
    line: Tree = ("sequence", [_random_tree(random, names, 1) for _ in range(random.randint(1, 2))])
    part: Tree | None = ("sequence", [_random_tree(random, names, 1)]) if nested else None
    is_told = nested and random.random() < 0.5  # by an event, and not by the item
    size = len(set(_events(tree))) + (len(set(_events(line))) + 2 if listed else 0)
    size += len(set(_events(part))) + 2 if part else 0
    envelopes: list[dict[str, Any]] = []
    for number in range(journeys):
        keys = [f"{number}-{key}" for key in range(random.randint(0, 3) if listed else 0)]
        parts = {key: [f"{key}-{one}" for one in range(random.randint(0, 3) if nested else 0)] for key in keys}
        items: list[Any] = [{"id": key, "parts": parts[key]} for key in keys] if nested and not is_told else keys
        lines = []
        for key in keys:
            about = {"about": {"key": key}}
            of_parts = [
                [(name, {"about": {"key": key, "part": one}}) for name in (*_walked(part, random), "Part Done")]
                for one in parts[key]
                if part
            ]
            lines.append(
                [
                    *([("Opened", {**about, "parts": parts[key]})] if is_told else []),
                    *_mixed(of_parts, random),
                    *((name, about) for name in (*_walked(line, random), "Item Done")),
                ]
            )
        of_items = _mixed(lines, random)
        walked: list[str | Occurred] = [
            "Begun",
            *_walked(tree, random),
            *(["Packed"] if listed else []),
            *of_items,
            "Closed",
        ]
        for _ in range(random.randint(0, 2) if noted else 0):
            walked.insert(random.randrange(1, len(walked)), "Noted")
        if withdrawn and random.random() < 0.3:
            walked[random.randrange(1, len(walked)) :] = ["Withdrawn"]
        details: list[Occurred] = [
            (one, {"keys": items} if listed and one == "Begun" else {}) if isinstance(one, str) else one
            for one in walked
        ]
        envelopes.extend(
            {
                "id": f"{number}-{position}",
                "detail-type": name,
                "source": "shop",
                "time": 1_700_000_000.0 + 1_000 * number + 10 * position,
                "detail": {"id": f"entity-{number}", **detail},
            }
            for position, (name, detail) in enumerate(details)
        )
    return envelopes, size + 2 + noted + withdrawn


def _mixed(lines: Sequence[list[Occurred]], random: Random) -> list[Occurred]:
    """Return what happens in *lines*, which go on at once."""
    found = []
    while any(lines):
        found.append(random.choice([one for one in lines if one]).pop(0))
    return found


def _random_tree(random: Random, names: Iterator[str], depth: int) -> Tree:
    kind = random.choice(["event", "sequence", "choice", "all", "loop"]) if depth else "event"
    match kind:
        case "event":
            return "event", next(names)
        case "all":
            return "all", [next(names) for _ in range(random.randint(2, 3))]
        case "loop":
            return "loop", (next(names), next(names))
        case _:
            return kind, [_random_tree(random, names, depth - 1) for _ in range(random.randint(2, 3))]


def _events(tree: Tree) -> Iterator[str]:
    kind, of = tree
    match kind:
        case "event":
            yield of
        case "all" | "loop":
            yield from of
        case _:
            for one in of:
                yield from _events(one)


def _walked(tree: Tree, random: Random) -> Iterator[str]:
    kind, of = tree
    match kind:
        case "event":
            yield of
        case "all":
            yield from random.sample(of, len(of))
        case "loop":
            yield of[0]
            while random.random() < 0.3:
                yield from (of[1], of[0])
        case "choice":
            yield from _walked(random.choice(of), random)
        case _:
            for one in of:
                yield from _walked(one, random)


def parcels(random: Random, journeys: int, *, paid_first: bool = False, late: int = 0) -> list[dict[str, Any]]:
    """Return the events of orders, each of up to three parcels, which are delivered or come back, at once.

    *paid_first*: something comes between the list and the parcels. *late*: so many orders lack a parcel's last event.
    """
    envelopes: list[dict[str, Any]] = []
    for number in range(journeys):
        keys = [random.randint(100, 999) * 10 + place for place in range(random.choice([0, 1, 1, 2, 3]))]
        lines = []
        for key in keys:
            line = ["Parcel Sent"]
            while random.random() < 0.2:
                line += ["Parcel Returned", "Parcel Sent Again"]
            lines.append([(name, {"parcel": key}) for name in (*line, "Parcel Delivered")])
        if number < late and lines:
            lines[0].pop()
        walked: list[Occurred] = [("Order Placed", {"parcels": [{"number": key, "weight": 3} for key in keys]})]
        walked += [("Order Paid", {})] if paid_first else []
        while any(lines):
            walked.append(random.choice([line for line in lines if line]).pop(0))
        walked.append(("Order Closed", {}))
        envelopes.extend(
            {
                "id": f"{number}-{position}",
                "detail-type": name,
                "source": "shop",
                "time": 1_700_000_000.0 + 1_000 * number + 10 * position,
                "detail": {"id": f"order-{number}", **detail},
            }
            for position, (name, detail) in enumerate(walked)
        )
    return envelopes
