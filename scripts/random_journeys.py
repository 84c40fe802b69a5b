#!/usr/bin/env python3
"""Let random choreographies run, disturbed in every way, and hold each journey against `replay`.

The same seed and number do the same again. What comes out wrong is told in the smallest run in which it does.
"""

import argparse
import sys

from benchmarks import random_verdicts


def main() -> int:
    """Run as many journeys as asked for; the exit code is 1 if one of them ends otherwise than replay says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default, what in (
        ("--journeys", random_verdicts.JOURNEYS, "how many"),
        ("--seed", random_verdicts.SEED, "of the first run"),
    ):
        parser.add_argument(option, type=int, default=default, help=f"{what} (default: %(default)s)")
    asked = parser.parse_args()
    total = random_verdicts.verdicts(asked.journeys, asked.seed)
    print(random_verdicts.counts(total))
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
