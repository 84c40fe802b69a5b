"""What `scripts/bench.py` measures, a module for each table of docs/operations-and-design/figures.md.

The AWS in memory that most of it runs on lives with the tests.
"""

import sys

from devtools.places import ROOT

sys.path.append(str(ROOT / "tests"))
