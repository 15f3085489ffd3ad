"""The overview with many clients: its size, the time to render it, and the time until a browser shows it."""

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import duckdb
from playwright.sync_api import Browser, sync_playwright

from benchmarks import reports
from core.settings import Settings
from publish import health, reading
from publish.site.render import render

CLIENTS = (16, 1_000, 10_000)
AS_OF = datetime(2026, 11, 24, 6, tzinfo=UTC)

# Milliseconds after the page was asked for: when something was to be seen, and when the calendar was drawn.
_TIMES = """() => new Promise((resolve) => {
    const tell = () => {
        const paint = performance.getEntriesByName("first-contentful-paint")[0];
        if (!paint || !document.documentElement.dataset.ready) return setTimeout(tell, 5);
        resolve([paint.startTime, performance.getEntriesByName("ready")[0].startTime]);
    };
    tell();
})"""
_MARK = """new MutationObserver(() => performance.mark("ready"))
    .observe(document, {attributes: true, subtree: true, attributeFilter: ["data-ready"]})"""


@dataclass(frozen=True)
class Seen:
    """Sizes in kB of what the overview loads; times in seconds."""

    page: float
    data: float
    rendered: float
    painted: float
    drawn: float


def bench(repeats: int) -> None:
    """Print a line for each number of clients, 365 days each."""
    chromium = shutil.which("chromium") or sys.exit("this benchmark needs Chromium: apt-get install chromium")
    print("\nThe overview: clients x 2 platforms x 365 days; all sizes uncompressed")
    print(f"{'clients':>8} {'page':>9} {'data':>9} {'render':>8} {'first paint':>12} {'calendar':>9}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for clients in CLIENTS:
            with tempfile.TemporaryDirectory() as folder:
                seen = _measure(browser, Path(folder), clients, repeats)
            print(
                f"{clients:>8,} {seen.page:>6.0f} kB {seen.data:>6.0f} kB {seen.rendered:>6.1f} s"
                f" {seen.painted:>10.2f} s {seen.drawn:>7.2f} s"
            )
        browser.close()


def _measure(browser: Browser, folder: Path, clients: int, repeats: int) -> Seen:
    settings = Settings(folder / "warehouse", folder / "site", folder / "agency")
    settings.warehouse.mkdir()
    with duckdb.connect(str(settings.release)) as file:
        file.execute("set timezone = 'UTC'")
        for name, value in (("clients", clients), ("as_of", AS_OF)):
            file.execute(f"set variable {name} = ?", [value])
        file.execute(Path(__file__).with_suffix(".sql").read_text())
        reports.build(file)
    begun = time.perf_counter()
    picture = reading.read(settings.release)
    assert picture.run
    described = health.of_release(settings, picture.run.run_id, picture.run.started_at)
    checks = health.all_checks(settings, picture, described)
    render(settings, picture, described, checks, AS_OF, settings.release)
    rendered = time.perf_counter() - begun
    times = [_times(browser, settings.site / "index.html") for _ in range(repeats)]
    return Seen(
        page=_kilobytes(settings.site / "index.html", *settings.site.glob("assets/**/*.*")),
        data=_kilobytes(*settings.site.glob("data/overview-*.js")),
        rendered=rendered,
        painted=median(painted for painted, _ in times) / 1000,
        drawn=median(drawn for _, drawn in times) / 1000,
    )


def _times(browser: Browser, page: Path) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(_MARK)
    tab = context.new_page()
    tab.goto(page.as_uri())
    painted, drawn = tab.evaluate(_TIMES)
    context.close()
    return painted, drawn


def _kilobytes(*files: Path) -> float:
    return sum(file.stat().st_size for file in files) / 1000
