"""``python -m choreography_insights``: the same as the command ``choreography``."""

import sys

from choreography_insights.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
