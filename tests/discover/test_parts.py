"""What discovery is made of: the entity's path, the log, decisions, sets in any order, alignments."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from choreography_insights.discover.activities import Activity, classifier
from choreography_insights.discover.alignments import aligned
from choreography_insights.discover.automaton import Alphabet, Automaton, Edge, Word, expanded
from choreography_insights.discover.concurrency import with_blocks
from choreography_insights.discover.drafting import round_up
from choreography_insights.discover.entity_path import candidates
from choreography_insights.discover.event_log import Occurrence, log_of
from choreography_insights.discover.measures import measured
from choreography_insights.discover.merging import merged


def envelope(name: str, time: float, **detail: Any) -> dict[str, Any]:
    return {"detail-type": name, "source": "shop", "time": time, "detail": detail}


# ---- what events are about --------


def test_the_field_that_groups_events_best_is_the_entitys() -> None:
    envelopes = [
        envelope(
            name, 100.0 * order + position, order=f"o{order}", customer=f"c{order % 3}", trace=f"t{order}-{position}"
        )
        for order in range(30)
        for position, name in enumerate(["Placed", "Paid", "Sent", "Received"])
    ]
    envelopes.sort(key=lambda one: (one["time"] % 7, one["time"]))  # so that those of different orders mix
    envelopes = [{**one, "time": float(number)} for number, one in enumerate(envelopes)]
    envelopes.sort(key=lambda one: ["Placed", "Paid", "Sent", "Received"].index(one["detail-type"]))
    found = candidates(envelopes)
    assert found[0].text == "$.detail.order"
    assert found[0].groups == 30


def test_what_items_of_items_are_about_is_what_has_them_all() -> None:
    envelopes = []
    for ship in range(20):
        things = [f"{ship}-{thing}" for thing in range(4)]
        boxes = [{"id": f"b{ship}-{box}", "things": things[box::2]} for box in range(2)]
        envelopes.append(envelope("Landed", 100.0 * ship, ship=ship, boxes=boxes))
        for step, name in enumerate(["Seen", "Sorted", "Stored", "Sold"]):
            for at, thing in enumerate(things):
                about = {"ship": ship, "box": f"b{ship}-{at % 2}", "thing": thing}
                envelopes.append(envelope(name, 100.0 * ship + 10 * step + at + 1, **about))
    found = [one.text for one in candidates(envelopes)]
    assert found[:2] == ["$.detail.ship", "$.detail.thing"]


def test_an_id_may_stand_among_the_resources() -> None:
    envelopes = [
        {**envelope(name, float(number), state=name), "resources": [f"arn:{number}"]}
        for name in ("Begun", "Ended")
        for number in range(10)
    ]
    assert candidates(envelopes)[0].text == "$.resources[0]"


@pytest.mark.parametrize("as_id", [str, int, float, lambda one: one if one % 2 else str(one)])
def test_an_id_may_be_text_or_a_number_and_lie_deep(as_id: Callable[[int], Any]) -> None:
    envelopes = [
        envelope(name, float(number), order={"head": {"key": {"id": as_id(number)}}}, share=number + 0.5)
        for name in ("Begun", "Ended")
        for number in range(10)
    ]
    found = candidates(envelopes)
    assert [(one.text, one.groups) for one in found] == [("$.detail.order.head.key.id", 10)]


def test_of_one_journey_the_field_that_is_called_so_has_the_id() -> None:
    names = ("Placed", "Paid", "Sent", "Received")
    envelopes = [
        envelope(name, float(at), clerk="ab"[at % 2], currency="EUR", orderId="7") for at, name in enumerate(names)
    ]
    assert candidates(envelopes)[0].text == "$.detail.orderId"
    assert candidates(envelopes[:1])[0].text == "$.detail.orderId"


# ---- the log --------


def test_events_of_one_second_come_as_they_mostly_do() -> None:
    usual = [envelope(name, 10.0 * case + at, id=case) for case in range(5) for at, name in enumerate(["B", "A"])]
    at_once = [envelope("A", 900.0, id=9), envelope("B", 900.0, id=9)]
    log = log_of([*usual, *at_once], ("detail", "id"))
    assert [one.name for one in log.cases["9"]] == ["B", "A"]


def test_an_event_that_was_delivered_twice_counts_once() -> None:
    twice = {**envelope("A", 1.0, id=1), "id": "same"}
    assert log_of([twice, twice], ("detail", "id")).events == 1


def test_events_without_an_id_are_counted_by_name() -> None:
    log = log_of([envelope("A", 1.0, id=1), envelope("Heartbeat", 2.0)], ("detail", "id"))
    assert log.without_id == {"Heartbeat": 1}


# ---- decisions --------


def cases(*followed: tuple[dict[str, Any], str]) -> list[tuple[Occurrence, ...]]:
    return [
        (Occurrence("Checked", 0.0, "shop", detail), Occurrence(following, 1.0, "shop", {}))
        for detail, following in followed
    ]


def test_a_field_that_says_what_comes_next_tells_events_apart() -> None:
    good, bad = ({"result": "good", "by": "ann"}, "Paid"), ({"result": "bad", "by": "ann"}, "Sent Back")
    worse = ({"result": "worse", "by": "ann"}, "Sent Back")
    classify = classifier(cases(*[good, bad, worse] * 10), noise=0.05)
    assert classify(Occurrence("Checked", 0.0, "", {"result": "good"})) == Activity("Checked", ("result",), ("good",))
    assert classify(Occurrence("Checked", 0.0, "", {"result": "bad"})).values == ("bad", "worse")
    assert classify(Occurrence("Checked", 0.0, "", {})) == Activity("Checked")
    assert classify(Occurrence("Paid", 0.0, "", {"result": "good"})) == Activity("Paid")


def test_a_field_that_says_nothing_of_what_comes_next_tells_nothing_apart() -> None:
    followed = [({"by": by}, following) for by in ("ann", "bob") for following in ("Paid", "Sent Back")]
    classify = classifier(cases(*followed * 10), noise=0.05)
    assert classify(Occurrence("Checked", 0.0, "", {"by": "ann"})) == Activity("Checked")


def test_true_and_one_are_two_values() -> None:
    followed: list[tuple[dict[str, Any], str]] = [({"ok": True}, "Paid"), ({"ok": 1}, "Sent Back")]
    classify = classifier(cases(*followed * 10), noise=0.05)
    assert classify(Occurrence("Checked", 0.0, "", {"ok": True})).values == (True,)
    assert type(classify(Occurrence("Checked", 0.0, "", {"ok": 1})).values[0]) is int


# ---- any order --------


def test_what_comes_in_all_orders_is_a_set() -> None:
    words: dict[Word, int] = {(0, 1, 2, 9): 10, (0, 2, 1, 9): 10}
    grouped, alphabet = with_blocks(words, 10, noise=0.05)
    assert alphabet.members(10) == {1, 2}
    assert grouped == {(0, 10, 9): 20}


def test_what_goes_round_in_a_loop_is_no_set() -> None:
    words: dict[Word, int] = {(0, 1, 9): 10, (0, 1, 2, 1, 9): 10, (0, 1, 2, 1, 2, 1, 9): 5}
    assert with_blocks(words, 10, noise=0.05)[1].blocks == []


def test_what_comes_in_one_order_with_few_exceptions_is_no_set() -> None:
    words: dict[Word, int] = {(0, 1, 2, 9): 97, (0, 2, 1, 9): 3}
    assert with_blocks(words, 10, noise=0.05)[1].blocks == []


# ---- automata --------


def test_states_after_which_the_same_comes_are_one() -> None:
    automaton = merged({(0, 1, 3): 50, (0, 2, 3): 50}, noise=0.05)
    assert automaton.edges[1][1].target == automaton.edges[1][2].target


def test_states_after_which_something_else_comes_are_two() -> None:
    automaton = merged({(0, 1, 3): 50, (0, 2, 4): 50}, noise=0.05)
    assert automaton.edges[1][1].target != automaton.edges[1][2].target


def line(*symbols: int) -> Automaton:
    edges = {number: {symbol: Edge(number + 1, 1)} for number, symbol in enumerate(symbols)}
    return Automaton({**edges, len(symbols): {}}, {len(symbols): 1})


def test_a_set_becomes_all_its_orders() -> None:
    flat = expanded(line(0, 5), Alphabet(5, [(line(1), line(2))]))
    assert all(not one.cost for one in aligned({(0, 1, 2): 1, (0, 2, 1): 1}, flat).values())
    assert aligned({(0, 1): 1}, flat)[(0, 1)].cost == 1


@pytest.mark.parametrize(
    ("word", "cost"), [((1, 2, 3), 0), ((1, 3), 1), ((1, 2, 2, 3), 1), ((2, 1, 3), 2), ((), 3), ((7, 8), 5)]
)
def test_an_alignment_costs_what_only_one_side_has(word: tuple[int, ...], cost: int) -> None:
    assert aligned({word: 1}, line(1, 2, 3))[word].cost == cost


@pytest.mark.parametrize("seed", range(30))
def test_no_alignment_is_cheaper(seed: int) -> None:
    choice = random.Random(seed)  # noqa: S311 - to be repeated
    states, symbols = range(choice.randint(1, 6)), range(choice.randint(1, 4))
    automaton = Automaton(
        {state: {one: Edge(choice.choice(states), 1) for one in symbols if choice.random() < 0.4} for state in states},
        {state: 1 for state in states if choice.random() < 0.4},
    )
    words = {tuple(choice.choices(range(5), k=choice.randint(0, 7))): 1 for _ in range(20)}
    for word, (cost, run) in aligned(words, automaton).items():
        cheapest = by_hand(word, automaton)
        if cheapest is None:
            assert (cost, run) == (len(word), ())
            continue
        assert cost == cheapest
        state = 0
        for at, symbol in run:
            assert at == state
            state = automaton.edges[at][symbol].target
        assert state in automaton.ends


def test_what_fits_as_before_is_aligned_as_before() -> None:
    wide = Automaton({0: {1: Edge(1, 1), 2: Edge(1, 1)}, 1: {3: Edge(2, 1), 4: Edge(2, 1)}, 2: {}}, {2: 1})
    narrow = Automaton({0: {1: Edge(1, 1)}, 1: {3: Edge(2, 1)}, 2: {}}, {2: 1})
    words: dict[Word, int] = {(1, 3): 1, (1, 9, 3): 1, (1,): 1, (2, 4): 1, (2, 3): 1}
    assert aligned(words, narrow, aligned(words, wide)) == aligned(words, narrow)


def by_hand(word: Word, automaton: Automaton) -> int | None:
    """Return what the cheapest way costs, each way relaxed until none gets cheaper; None if no end can be reached."""
    found = {(0, 0): 0}
    todo = [(0, 0)]
    while todo:
        at, state = todo.pop()
        ways = [((at, edge.target), 1) for edge in automaton.edges[state].values()]
        if at < len(word):
            ways.append(((at + 1, state), 1))
            edge = automaton.edges[state].get(word[at])
            ways += [((at + 1, edge.target), 0)] if edge else []
        for node, costs in ways:
            cost = found[at, state] + costs
            if cost < found.get(node, cost + 1):
                found[node] = cost
                todo.append(node)
    return min((found[len(word), end] for end in automaton.ends if (len(word), end) in found), default=None)


def test_fitness_and_precision_are_those_of_the_literature() -> None:
    loose = Automaton({0: {1: Edge(0, 1), 2: Edge(0, 1)}}, {0: 1})
    words: dict[Word, int] = {(1, 1): 1}
    found = measured(words, loose, aligned(words, loose))
    assert (found.fitness, found.fitting) == (1.0, 1.0)
    assert found.precision == pytest.approx(2 / 6)  # of two that are allowed one is seen, twice; at the end none
    words = {(1, 2): 1, (1,): 3}
    found = measured(words, line(1, 2), aligned(words, line(1, 2)))
    assert found.fitness == pytest.approx((1 + 3 * (1 - 1 / 3)) / 4)
    assert (found.precision, found.fitting) == (1.0, 0.25)


@pytest.mark.parametrize(
    ("seconds", "rounded"), [(0.2, 1), (61, 90), (3_601, 7_200), (200_000, 259_200), (1e9, 31_536_000)]
)
def test_spans_are_rounded_up_to_what_people_say(seconds: float, rounded: int) -> None:
    assert round_up(seconds) == rounded
