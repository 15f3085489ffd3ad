"""The sandbox and a small installation, for every room's tests."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from sandbox.process import SandboxProcess
from tests.python.forks import client
from tests.python.installation import Installation, write_small_agency

if TYPE_CHECKING:
    from playwright.sync_api import Browser


# An example's time says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("wholeday", deadline=None)
hypothesis_settings.load_profile("wholeday")

# Rooms whose files take minutes come first, so that no process ends long after the other.
LONGEST_FIRST = ("pipeline", "benchmarks", "serve", "models", "site")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in the order in which processes are to take them (``--no-loadscope-reorder``)."""
    ranks = {room: rank for rank, room in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let commands be forked if many are to come."""
    client.fork_commands(worth_it=any(item.get_closest_marker("slow") for item in session.items))


@pytest.fixture
def attempts(request: pytest.FixtureRequest) -> Iterator[list[object]]:
    """What a test of an attack tried, one entry each; the end of the session counts them."""
    made: list[object] = []
    yield made
    request.node.user_properties.append(("attempts", len(made)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried of each kind, where tests of attacks ran."""
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                kind = report.nodeid.rpartition("::")[2].partition("[")[0].removeprefix("test_")
                counts[kind.replace("_", " ")] += dict(report.user_properties).get("attempts", 0)
    if total := sum(counts.values()):
        terminalreporter.section("attacks that were tried", sep="-")
        for kind, count in sorted((kind, count) for kind, count in counts.items() if count):
            terminalreporter.line(f"{count:7,}  {kind}")
        terminalreporter.line(f"{total:7,}  in all")


@pytest.fixture(scope="session")
def sandbox_agency(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clients in 75 days: both platforms, two accounts on one of them, other currencies and zones."""
    return write_small_agency(tmp_path_factory.mktemp("agency"), started=date(2026, 9, 10))


@pytest.fixture(scope="session")
def sandbox(sandbox_agency: Path) -> Iterator[SandboxProcess]:
    """One server for all tests; each test that sets faults or the clock resets them."""
    with SandboxProcess(agency=sandbox_agency) as process:
        yield process


@pytest.fixture
def small(tmp_path: Path, sandbox: SandboxProcess, sandbox_agency: Path) -> Iterator[Installation]:
    """An installation of the small agency, without faults."""
    shutil.copytree(sandbox_agency, tmp_path / "agency")
    yield Installation(tmp_path, dict(sandbox.env))
    sandbox.clear()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The system's Chromium; while it is open, nothing else of the process can run an event loop.

    Where there is none, what needs it is skipped; in CI, which installs it, that is a failure.
    """
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # as long as a slow machine needs
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        absent = "the pages are tested in Chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()
