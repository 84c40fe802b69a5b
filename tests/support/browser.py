"""A real browser: the distribution's Chromium, which Playwright drives."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

from devtools.places import NODE_MODULES

_AXE = NODE_MODULES / "axe-core" / "axe.min.js"
PATIENCE_MILLISECONDS = 120_000
"""How long a page may take for what comes at once on a machine that has nothing else to do: no test goes by time."""

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def missing_browser() -> str | None:
    """Why tests in a browser are skipped, or None when nothing is missing."""
    if any(shutil.which(name) for name in _NAMES):
        return None
    return "chromium is not on the PATH (apt-get install chromium): tests in a browser are skipped."


def missing_axe() -> str | None:
    """Why tests with axe-core are skipped, or None when nothing is missing."""
    return None if _AXE.is_file() else "axe-core is not in node_modules: tests of what keeps people out are skipped."


def barriers(page: Page) -> list[str]:
    """Name what on *page* keeps people out, as axe-core sees it: each rule, with the elements that break it."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {rule['help']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@contextmanager
def browser() -> Iterator[Browser]:
    """Run a browser that shows no window."""
    path = next(found for name in _NAMES if (found := shutil.which(name)))
    # Chromium's sandbox refuses to be run by root, as in a container.
    sandbox = hasattr(os, "geteuid") and os.geteuid() != 0
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, chromium_sandbox=sandbox)
        try:
            yield chromium
        finally:
            chromium.close()
