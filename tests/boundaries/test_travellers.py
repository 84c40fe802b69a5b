"""How far a newcomer has to go who follows a command: through how many files, and past which question how often."""

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from typing import Any

from devtools.places import ROOT

_ORDER = ROOT / "examples" / "order" / "order"

# Counts the calls of each function of the package. What runs while a file is imported is not counted.
_SCRIPT = """
import json, sys
from collections import Counter

calls, importing = Counter(), 0
def note(frame, event, _):
    global importing
    code = frame.f_code
    _, is_ours, file = code.co_filename.replace("\\\\", "/").rpartition("/choreography_insights/")
    if not is_ours or event not in ("call", "return"):
        return
    if code.co_name == "<module>":
        importing += 1 if event == "call" else -1
    elif event == "call" and not importing:
        calls[f"{file}:{code.co_name}"] += 1

sys.setprofile(note)
from choreography_insights.cli.main import main
exit_code = main(sys.argv[1:])
sys.setprofile(None)
print(json.dumps([exit_code, calls, [name for name in sys.modules if name.startswith("choreography_insights.")]]))
"""


@cache
def journey(*arguments: str) -> tuple[Counter[str], list[str]]:
    """How often each function was called, as ``file:function``, and which modules were loaded."""
    answer = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *arguments], capture_output=True, text=True, timeout=120, check=True
    )
    exit_code, calls, modules = json.loads(answer.stdout.splitlines()[-1])
    assert exit_code == 0, answer.stdout
    return Counter(calls), modules


def files(calls: Counter[str]) -> list[str]:
    return sorted({call.partition(":")[0] for call in calls})


def generated() -> tuple[Counter[str], Any]:
    return journey("generate", "--check", str(_ORDER))


def replayed() -> tuple[Counter[str], Any]:
    return journey("replay", str(_ORDER), str(_ORDER / "simulations" / "order-completed.json"))


_FOR_THOSE_WHO_LOOK = ("compile/read_model.py", "model/flow.py")


def test_who_follows_generate_reads_thirty_files_at_most_but_for_pictures_replay_and_those_who_look() -> None:
    """The picture and replay are rooms to themselves, which one enters by a call and leaves with what it says."""
    calls, _ = generated()
    assert calls["picture/layout.py:layout"] == 1
    read = [
        file
        for file in files(calls)
        if not file.startswith(("picture/", "replay/", "views/")) and file not in _FOR_THOSE_WHO_LOOK
    ]
    assert len(read) <= 30, read


def test_generate_parses_checks_compiles_and_simulates_once() -> None:
    calls, _ = generated()
    steps = ["parse/workflow.py:parse", "compile/asl.py:state_machine", "testgen/series.py:simulations"]
    assert {step: calls[step] for step in steps} == dict.fromkeys(steps, 1)
    assert calls["validate/settings.py:state_names"] == calls["validate/reachability.py:unreachable_states"] == 1


def test_who_follows_a_replay_of_four_events_reads_twenty_five_files_at_most() -> None:
    calls, _ = replayed()
    assert calls["replay/envelopes.py:event_of"] == 4
    assert len(files(calls)) <= 25, files(calls)


def test_a_replay_loads_no_compiler_and_asks_for_no_warnings() -> None:
    _, modules = replayed()
    rooms = {module.split(".")[1] for module in modules}
    assert rooms.isdisjoint({"compile", "testgen", "picture", "runtime"})
    assert "choreography_insights.validate.advice" not in modules
