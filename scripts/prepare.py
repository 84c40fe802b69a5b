#!/usr/bin/env python3
"""Make this clone ready: `prepare.py demo` for `make demo`, `tests` for `make test`, `spark` for `make test-spark`.

Runs with the system's Python and the standard library alone. What is already there is left as it is, so that the
second time takes a second.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- this file is the one that an older Python may meet
    sys.exit(
        "Python 3.11 or later is needed; this is %d.%d. " % sys.version_info[:2]  # noqa: UP031 -- likewise
        + "Name another one like this: make PYTHON=python3.12 test"
    )

import argparse

from devtools import environments, node, terraform
from devtools.console import SetupError
from devtools.environments import BOTO3S, CHECKOV, DEMO, DEVELOPMENT, SPARK, ZENSICAL


def main() -> int:
    """Prepare for the job named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=["demo", "tests", "spark"])
    job = parser.parse_args().job
    try:
        if job == "spark":
            environments.ensure(DEVELOPMENT, SPARK)
            return 0
        if job == "tests":
            environments.ensure(DEVELOPMENT, CHECKOV, ZENSICAL, *BOTO3S)
            node.ensure()
        else:
            environments.ensure(DEVELOPMENT if DEVELOPMENT.is_installed() else DEMO)
        terraform.ensure()
    except SetupError as error:
        print(f"\nSet-up stopped. {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
