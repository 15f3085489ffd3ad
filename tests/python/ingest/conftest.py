"""A ledger to collect into, and settings that wait only for milliseconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from sandbox.process import SandboxProcess
from tests.python.ingest.ledger_of import NOW, Warehouse


@pytest.fixture
def warehouse(
    tmp_path: Path, sandbox: SandboxProcess, sandbox_agency: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Warehouse]:
    for name, value in sandbox.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WHOLEDAY_NOW", NOW)
    for section in ("META", "GOOGLE"):
        monkeypatch.setenv(f"SOURCES__{section}_ADS__RETRY_BASE_SECONDS", "0.001")
    yield Warehouse(Settings(tmp_path / "warehouse", tmp_path / "site", sandbox_agency), sandbox)
    sandbox.clear()
    sandbox.facts([])
    sandbox.set_clock(None)
