"""How long `choreography discover` takes for a draft of many events."""

import re
import time
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from choreography_insights.cli.discovering import Asked, run
from demonstration.cars import recorded
from documents.markdown import figures

_JOURNEYS = 11_400


def measure() -> str:
    """CPU time of this process."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "events.jsonl")
        lines = list(recorded(_JOURNEYS))
        file.write_text("".join(lines), encoding="utf-8")
        out, said, began = StringIO(), list[str](), time.process_time()
        if run(Asked([str(file)], name="car-dealer"), out=out, complain=said.append) != 0:
            raise AssertionError(said)
        seconds = time.process_time() - began
    f_score = re.search(r"\bF (\d\.\d\d)", "\n".join(said))
    return figures(
        ("", "measured", "promised"),
        [
            (f"`choreography discover` of {len(lines):,} events, seconds", f"{seconds:.1f}", "10.0"),
            ("how well the draft fits (F)", f_score[1] if f_score else "-", "0.95"),
        ],
    )
