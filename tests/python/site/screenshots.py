"""``make screenshots``: pictures of the site for README and docs, each of a real run against the sandbox.

A healthy day, the same day with one client's conversions refused, and with a platform that is down.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from core.settings import ROOT
from sandbox.process import SandboxProcess
from tests.python.installation import Installation

PICTURES = ROOT / "docs" / "img"
BEFORE = "2026-11-21T06:00:00+00:00"
NOW = "2026-11-22T06:00:00+00:00"
MORNINGS: dict[str, list[dict[str, Any]]] = {
    "healthy": [],
    "split": [
        {
            "match": {"platform": "google", "account": "4570523838", "kind": "conversions"},
            "effect": {"status": 500},
        }
    ],
    "outage": [{"match": {"platform": "meta"}, "effect": {"status": 503}}],
}


def main() -> None:
    """Make all pictures; those in ``docs/img`` are replaced."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or sys.exit(
            "make screenshots needs Chromium: apt-get install chromium"
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 940})
        page = context.new_page()
        page.clock.install(time=datetime.fromisoformat(NOW.replace("06:00", "06:20")))
        for name, site in _sites(Path(folder)):
            _open(page, site / "index.html")
            page.screenshot(path=PICTURES / f"overview-{name}.png")
            print(f"docs/img/overview-{name}.png")
            if name == "split":
                _open(page, site / "data_docs" / "index.html")
                page.screenshot(path=PICTURES / "data-docs-failing.png")
            if name == "healthy":
                _open(page, site / "reports" / "grand-baltyk" / "index.html")
                page.screenshot(path=PICTURES / "report.png")
        browser.close()


def _open(page: Page, path: Path) -> None:
    page.goto(path.as_uri())
    page.wait_for_timeout(500)


def _sites(folder: Path) -> Iterator[tuple[str, Path]]:
    """Run the example agency: a day before, then the same morning three times; yield name and site."""
    before = folder / "before"
    shutil.copytree(ROOT / "agency", before / "agency")
    with SandboxProcess(agency=before / "agency", now=BEFORE) as sandbox:
        _run(Installation(before, dict(sandbox.env)), BEFORE)
        sandbox.set_clock(NOW)
        for name, faults in MORNINGS.items():
            shutil.copytree(before, folder / name)
            sandbox.faults(faults)
            _run(Installation(folder / name, dict(sandbox.env)), NOW)
            sandbox.clear()
            yield name, folder / name / "site"


def _run(installation: Installation, now: str) -> None:
    """Run the pipeline, however long it takes; with a fault in force it ends with 1, and has a site."""
    process = installation.start("wholeday", "run", now=now)
    said, problems = process.communicate()
    if process.returncode not in (0, 1):
        sys.exit(f"the run ended with {process.returncode}: {said}{problems}")


if __name__ == "__main__":
    main()
