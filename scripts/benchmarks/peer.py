"""What pm4py takes for the same: reading recorded events, and replaying them by tokens on the choreography's net.

pm4py is licensed under the AGPL: it is no part of this project. `bench.py --pm4py PYTHON` names the Python of an
environment of its own that has it.
"""

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from choreography_insights.model.workflow import Workflow
from measure_discovery import pnml

#: Set by bench.py; None: the peer is not measured.
python: str | None = None

_MEASURE = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pandas, pm4py
net = pm4py.read_pnml(sys.argv[2])
began = time.process_time()
events = pandas.read_json(sys.argv[1], lines=True)
events = events.assign(
    case=[detail.get("id") for detail in events["detail"]],
    at=pandas.to_datetime(events["time"], utc=True, format="ISO8601"),
)[["case", "detail-type", "at"]]
log = pm4py.format_dataframe(events, case_id="case", activity_key="detail-type", timestamp_key="at")
found = pm4py.conformance_diagnostics_token_based_replay(log, *net)
seconds = time.process_time() - began
print(json.dumps({"seconds": seconds, "cases": len(found), "fit": sum(one["trace_is_fit"] for one in found)}))
"""


def seconds(events: Path, workflow: Workflow, cases: int) -> float | None:
    """Return the CPU time that pm4py takes for *events*, which are of so many *cases*; None where it is not there."""
    if python is None:
        return None
    with TemporaryDirectory() as folder:
        net = Path(folder, "net.pnml")
        net.write_text("".join(pnml(workflow)), encoding="utf-8")
        answer = subprocess.run(
            [python, "-c", _MEASURE, str(events), str(net)], capture_output=True, text=True, check=True
        )
    found = json.loads(answer.stdout.splitlines()[-1])
    if found["cases"] != cases:
        raise AssertionError(f"pm4py found {found['cases']} cases, not {cases}")
    return float(found["seconds"])
