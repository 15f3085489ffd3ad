"""Invented figures and real ones never meet in one warehouse."""

from dataclasses import replace

from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-24T06:00:00+00:00"


def collect(installation: Installation, status: int = 0) -> str:
    days = ("--client", "grove", "--from", "2026-10-01", "--to", "2026-10-03")
    return installation.wholeday("backfill", *days, now=NOW, module="ingest", status=status)


def test_what_the_sandbox_invented_makes_way_for_real_figures_and_never_the_other_way(
    small: Installation, sandbox: SandboxProcess
) -> None:
    sandbox.set_clock(NOW)
    invented, real = small, replace(small, api="live")
    ledger = small.warehouse / "landing.duckdb"
    collect(invented)
    (small.warehouse / "ads.duckdb").write_bytes(b"what was built of it")
    before = ledger.read_bytes()

    said = collect(real)
    assert f"lie in {small.warehouse / 'sandbox-1'} now" in said
    assert "3 account-days stored, 0 seen unchanged" in said
    assert (small.warehouse / "sandbox-1" / "landing.duckdb").read_bytes() == before
    assert (small.warehouse / "sandbox-1" / "ads.duckdb").exists()
    assert not small.release.exists()

    assert "invented" not in collect(real)
    kept = ledger.read_bytes()
    sandbox.forget()
    said = collect(invented, status=2)
    assert said.startswith("wholeday: nothing was collected: ")
    assert sandbox.requests() == []
    assert ledger.read_bytes() == kept
    sandbox.set_clock(None)
