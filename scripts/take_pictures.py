#!/usr/bin/env python3
"""Take the pictures of README and the guide: views of a report of made journeys, in the Chromium on the PATH.

Usage:
    python3 scripts/take_pictures.py
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from choreography_insights.cli.reporting import Asked, report
from choreography_insights.replay.event_files import Recording
from demonstration.cars import recorded
from devtools.places import ROOT

PICTURES = ROOT / "docs" / "guide" / "pictures"
_DEFINITION = ROOT / "examples" / "car-dealer" / "car-dealer"
_JOURNEYS = 400
_WIDTH, _HEIGHT = 1_060, 640
_VIEWS = {
    "overview": "overview",
    "map": "map-waiting",
    "map-time": "map-time",
    "map-taken": "map-taken",
    "map-departs": "map-departs",
    "state": "state-4",
    "journey": "journey-3",
    "deviations": "deviations",
}
"""The pictures, and which part of the page each shows."""


def main() -> int:
    """Take them all."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        print("chromium is not on the PATH; install it, and take the pictures again", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        events, page = Path(folder, "events.jsonl"), Path(folder, "report.html")
        events.write_text("".join(recorded(_JOURNEYS)), encoding="utf-8")
        page.write_text(report(Asked(_DEFINITION, Recording(str(events))), print), encoding="utf-8")
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for name, part in _VIEWS.items():
            tab = chromium.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, color_scheme="light")
            tab.goto(f"{page.as_uri()}#{part}")
            tab.locator(f"#{part}").screenshot(path=PICTURES / f"{name}.png", style=".ci-part{padding:20px!important}")
            print(PICTURES / f"{name}.png")
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
