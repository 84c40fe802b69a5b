"""Nothing is lost: whatever call a function dies at, or goes wrong at, the end is that of the undisturbed run.

Every AWS call of every scene is a point; none is sampled. What would say the same twice is left out: `differs`.
"""

import pytest

from correlation.playing import nothing_is_left
from correlation.scenes import LONG, RACES, SCENES, Scene
from fake_aws import FakeAws
from fake_aws.gates import Call, Fault, FaultKind, differs
from support.whereabouts import lost_sight_of

DEATHS: tuple[FaultKind, ...] = ("die before", "die after")
ERRORS: tuple[FaultKind, ...] = ("fail before", "fail after", "repeat", "conflict")


def points(undisturbed: FakeAws, kind: FaultKind) -> list[Call]:
    """The calls at which something can go wrong in this way."""
    return [call for call in undisturbed.keeper.calls if differs(kind, call)]


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize(
    ("scene", "kind"),
    [
        pytest.param(scene, kind, id=f"{name}, {kind}")
        for name, scene in SCENES.items()
        for kind in (DEATHS if name in LONG else DEATHS + ERRORS)
    ],
)
def test_the_end_is_the_same_whatever_goes_wrong_at_whatever_call(scene: Scene, kind: FaultKind) -> None:
    undisturbed = scene(None)
    assert nothing_is_left(undisturbed)
    expected = undisturbed.outcome()
    for call in points(undisturbed, kind):
        aws = scene(Fault(call.number, kind))
        assert aws.keeper.count >= call.number, "the point was never reached"
        assert aws.outcome() == expected, f"{kind} at {call}"
        assert nothing_is_left(aws)
        assert lost_sight_of(aws, ends_are_told=aws.status_events == "sent") == {}


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("kind", DEATHS + ERRORS)
@pytest.mark.parametrize(("scene", "other"), RACES.values(), ids=RACES)
def test_what_comes_just_at_a_deadline_ends_like_either_order(scene: Scene, other: Scene, kind: FaultKind) -> None:
    undisturbed = scene(None)
    ends = [undisturbed.outcome(), other(None).outcome()]
    for call in points(undisturbed, kind):
        aws = scene(Fault(call.number, kind))
        assert aws.outcome() in ends, f"{kind} at {call}"
        assert nothing_is_left(aws)
