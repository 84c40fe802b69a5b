#!/usr/bin/env python3
"""Let random choreographies run, disturbed in every way, and hold each journey against `replay`.

The same seed and number do the same again. What comes out wrong is told in the smallest run in which it does.
"""

import argparse
import shlex
import sys

from benchmarks import random_verdicts


def main() -> int:
    """Run as many journeys as asked for; the exit code is 1 if one of them ends otherwise than replay says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--journeys", type=int, default=random_verdicts.JOURNEYS, help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=random_verdicts.SEED, help="of the first run (default: %(default)s)"
    )
    asked = parser.parse_args()
    total = random_verdicts.verdicts(asked.journeys, asked.seed)
    command = ["python", "scripts/random_journeys.py", "--journeys", str(asked.journeys), "--seed", str(asked.seed)]
    print(random_verdicts.sheet(total).markdown(shlex.join(command)))
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
