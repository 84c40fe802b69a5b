#!/usr/bin/env python3
"""Try other random examples than `make test` does, and more of them: `make explore`, or `explore.py --seed 7 PATH`.

The same seed, times and paths find the same again.
"""

import argparse
import os
import secrets
import subprocess
import sys

from devtools.places import ENVIRONMENT, ROOT


def main() -> int:
    """Run the tests that draw examples at random; return pytest's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="by chance if not given")
    parser.add_argument("--times", type=int, default=5, help="so many times as many examples as usual (default: 5)")
    parser.add_argument("paths", nargs="*", default=["tests"], help="the tests to run (default: all in tests)")
    asked = parser.parse_args()
    print(f"The same again: scripts/explore.py --seed {asked.seed} --times {asked.times} {' '.join(asked.paths)}")
    options = ["-q", "-n", "2", "-m", "hypothesis", "--timeout", "0", f"--hypothesis-seed={asked.seed}"]
    settings = {**os.environ, "CHOREOGRAPHY_TESTS_TIMES": str(asked.times)}
    tests = subprocess.run(
        [ENVIRONMENT / "bin" / "pytest", *options, *asked.paths], cwd=ROOT, env=settings, check=False
    )
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main())
