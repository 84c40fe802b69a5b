"""``python -m choreography_insights.authoring``: the same as the command ``choreography``."""

import sys

from choreography_insights.authoring.cli import main

if __name__ == "__main__":
    sys.exit(main())
