"""A real browser: the distribution's Chromium, which Playwright drives."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def missing_browser() -> str | None:
    """Why tests in a browser are skipped, or None when nothing is missing."""
    if any(shutil.which(name) for name in _NAMES):
        return None
    return "chromium is not on the PATH (apt-get install chromium): tests in a browser are skipped."


@contextmanager
def browser() -> Iterator[Browser]:
    """Run a browser that shows no window."""
    path = next(found for name in _NAMES if (found := shutil.which(name)))
    # Chromium's sandbox refuses to be run by root, as in a container.
    sandbox = hasattr(os, "geteuid") and os.geteuid() != 0
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, chromium_sandbox=sandbox)
        try:
            yield chromium
        finally:
            chromium.close()
