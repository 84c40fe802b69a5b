"""The correlation protocol in its model: small scenarios here, all of them by `scripts/check_protocol.py`."""

import pytest

from .fixes import ALL, FIXES
from .scenarios import SCENARIOS
from .search import Search

#: No scenario here has more states: the whole takes seconds.
_LIMIT = 70_000

#: Those that are looked at whole here. All others have their turn by the command.
_SMALL = (
    *("any-name-one", "name-bad", "name-one", "name-untaught"),
    *(
        "any-stale",
        "bad-late",
        "bad-nostart",
        "bad-order",
        "bad-stale",
        "bad-two",
        "last-lags",
        "last-leads",
        "late-all",
    ),
    *("late-branch", "late-ignore", "late-seq", "late-timeout", "lives", "nap", "nap-left-over", "nap-stale"),
    *("nap-unknown", "nap-wait", "reads-branch", "rec-branch", "reads-car", "reads-retry", "redeliver-fail"),
    *("redeliver-ignore", "redeliver-seq", "start-again", "zombie-loop"),
    *("gate", "gate-lags", "gate-shut"),
    *("note", "note-late", "note-lines", "note-nostart", "note-stale", "race-two"),
    *("queue", "queue-apart", "queue-bad", "queue-late", "queue-out", "queue-over", "queue-rec"),
    *("step-bad", "step-next", "step-overtaken", "step-own", "step-reads", "step-retry"),
)

#: Fixes whose lack shows soon.
_SOON = (
    *(
        "askwaits",
        "begin",
        "begins",
        "claimedset",
        "finishall",
        "fresh",
        "inflight",
        "judgeread",
        "namekeep",
        "namelast",
        "namereport",
        "namerow",
        "nametell",
        "nowfirst",
        "oldclaim",
        "owner",
    ),
    *("redelivery", "reltimer", "repclaim", "resched", "startinfl", "startkeep", "startkept", "unstored", "waitexec"),
    *("waitver", "younger", "yieldask", "stayopen", "stayrow", "staywait", "raceask"),
)


@pytest.mark.parametrize("name", _SMALL)
def test_nothing_goes_wrong_whatever_the_order_of_the_calls(name: str) -> None:
    verdict = Search(SCENARIOS[name], ALL).run(_LIMIT)
    assert verdict.wrong is None, "\n".join((str(verdict.wrong), *verdict.trace))
    assert not verdict.cut_off, f"{name} has more than {_LIMIT:,} states: look at it by the command only"
    assert verdict.outcomes, "no journey comes to its end"


@pytest.mark.parametrize("fix", _SOON)
def test_each_fix_is_needed(fix: str) -> None:
    verdict = Search(SCENARIOS[FIXES[fix].shown_by], ALL - {fix}).run(_LIMIT)
    assert verdict.wrong is not None, f"nothing goes wrong without {fix!r}"
    assert verdict.trace, "a violation comes with the way there"


@pytest.mark.parametrize("name", ["car-uncontested", "gate-free", "step-free", "ttl", "twice"])
def test_what_is_known_to_go_wrong_does(name: str) -> None:
    assert SCENARIOS[name].known_bad
    assert Search(SCENARIOS[name], ALL).run(_LIMIT).wrong is not None


def test_every_fix_names_a_scenario_that_shows_its_need() -> None:
    assert {fix.shown_by for fix in FIXES.values()} <= {name for name, one in SCENARIOS.items() if not one.known_bad}
