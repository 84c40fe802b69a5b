"""Which events are held back to settle: those that could still come after another that is accepted too."""

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import given

from choreography_insights.authoring.compiler.contest import contests
from choreography_insights.authoring.patterns import Pattern, matches
from choreography_insights.authoring.workflow import All, Await, Workflow, accepted, targets
from support.definition_strategies import definitions
from support.definitions import EXAMPLES, read, workflow_of

EVENT_VALUES: list[dict[str, Any]] = [{}, *({"v": value} for value in range(20))]


def takes(when: Pattern | None, detail: dict[str, Any]) -> bool:
    return when is None or matches(when, detail)


def states_after(workflow: Workflow, first: str) -> set[str]:
    """Return what can be reached from *first*, by going on until nothing new is found."""
    found = {first}
    while True:
        more = {t.text for state in workflow.states if state.name.text in found for t in targets(state)} | found
        if more == found:
            return found
        found = more


def acceptors_after(workflow: Workflow, first: str, event: str) -> list[Pattern | None]:
    """Return what the states from *first* on ask of *event*, once per entry that accepts it."""
    after = states_after(workflow, first)
    states = [state for state in workflow.states if state.name.text in after]
    return [when for state in states for name, when in accepted(state) if name.text == event]


def rivals_by_trying(workflow: Workflow, wait: Sequence[tuple[str, Pattern | None, str]], late: int) -> Iterator[int]:
    """Yield the positions after which some event of the kind *late* is accepted somewhere on the way.

    Its own if of two events of the kind some entry on the way takes one only.
    """
    event, when, _ = wait[late]
    details = [detail for detail in EVENT_VALUES if takes(when, detail)]
    for position, (_, _, following) in enumerate(wait):
        for asked in acceptors_after(workflow, following, event):
            taken = {takes(asked, detail) for detail in details}
            if (taken == {True, False}) if position == late else (True in taken):
                yield position
                break


@given(definitions())
def test_an_event_is_contested_exactly_by_those_after_which_it_could_still_come(states: dict[str, Any]) -> None:
    workflow = workflow_of(states)
    tried: dict[str, list[tuple[int, ...]]] = {}
    for state in workflow.states:
        if isinstance(state, Await):
            wait = [(one.event.text, one.when, one.next.text) for one in state.variants]
            tried[state.name.text] = [tuple(rivals_by_trying(workflow, wait, late)) for late in range(len(wait))]
        if isinstance(state, All):
            waits = [[(item.event.text, None, state.next.text)] for item in state.items]
            tried[state.name.text] = [tuple(rivals_by_trying(workflow, wait, 0)) for wait in waits]
    assert contests(workflow) == tried


def test_of_the_examples_only_the_loops_of_the_car_are_contested() -> None:
    found = {read(folder).name.text: contests(read(folder)) for folder in EXAMPLES}
    assert found == {
        "order": {
            "WaitForConfirmation": [()],
            "WaitForServiceProviderAccept": [(), ()],
            "WaitForServiceProviderDelivery": [(), ()],
            "WaitForCanceled": [()],
        },
        "car-dealer": {
            "Announced": [(), ()],
            "InPreparation": [(), (), ()],
            "ReadyForSale": [()],
            "OnSale": [(1,), (0,)],  # unpublished and reserved can each come after the other
            "Reserved": [(), (0,)],  # sold can come after unreserved, but nothing after sold
            "Sold": [(), ()],
        },
    }


def test_in_branches_what_can_still_come_is_looked_for_on_all_ways_out_of_them() -> None:
    states = {
        "Both": {
            "parallel": {
                "One": {
                    "states": {
                        "A": {"await": {"E": "AEnd", "F": "AFail", "G": "AEnd"}},
                        "AEnd": "succeed",
                        "AFail": "fail",
                    }
                },
                "Two": {"states": {"B": {"await": {"H": "B", "I": "BEnd"}}, "BEnd": "succeed"}},
            },
            "next": "After",
            "timeout": {"after": "1d", "next": "Late"},
        },
        "After": {"await": {"E": "Done"}},
        "Late": {"await": {"F": "Done"}},
        "Done": "succeed",
    }
    # E can come again in After, once G or E has ended the branch; F in Late, for a timeout may come at any time.
    assert contests(workflow_of(states)) == {
        "A": [(2,), (0, 2), ()],
        "B": [(), (0,)],
        "After": [()],
        "Late": [()],
    }
