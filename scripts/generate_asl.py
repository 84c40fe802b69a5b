#!/usr/bin/env python3
"""Generates what is deployed from each workflow.yaml; the same as ``choreography generate``.

    scripts/generate_asl.py DIR_OR_FILE... [--check]

It needs no installation of the project, only its requirements.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))

from choreography_insights.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["generate", *sys.argv[1:]]))
