"""A browser that may reach nothing, and a site that one real run made."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sandbox.process import SandboxProcess
from tests.python.installation import Installation
from tests.python.site.watched import Watched

NOW = "2026-11-24T06:00:00+00:00"
REFUSED = {"platform": "google", "account": "9100000003", "kind": "conversions"}


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A page that must end without an error on its console and without a request to anywhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = Watched.of(context)
    yield watched
    context.close()
    assert watched.trouble == []


@pytest.fixture(scope="session")
def example(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, sandbox_agency: Path
) -> Installation:
    """The small agency after one run in which Google refused the conversions of one client's account."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(sandbox_agency, folder / "agency")
    installation = Installation(folder, dict(sandbox.env))
    sandbox.set_clock(NOW)
    sandbox.faults([{"match": REFUSED, "effect": {"status": 500}}])
    installation.wholeday("run", now=NOW, status=1)
    sandbox.clear()
    return installation
