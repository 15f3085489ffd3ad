"""The small agency after one good run, for tests of what happens next."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-10T12:00:00+00:00"
NEXT = "2026-11-11T12:00:00+00:00"


@pytest.fixture(scope="session")
def after_a_run(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess, sandbox_agency: Path
) -> Path:
    """The small agency after one good run."""
    folder = tmp_path_factory.mktemp("after-a-run")
    shutil.copytree(sandbox_agency, folder / "agency")
    sandbox.set_clock(NOW)
    Installation(folder, dict(sandbox.env)).wholeday("run", now=NOW)
    return folder


@pytest.fixture
def started(after_a_run: Path, tmp_path: Path, sandbox: SandboxProcess) -> Iterator[Installation]:
    """A copy of it for one test."""
    shutil.copytree(after_a_run, tmp_path / "started")
    sandbox.set_clock(NOW)
    yield Installation(tmp_path / "started", dict(sandbox.env))
    sandbox.clear()
