"""One installation's ledger, and the way to fill it: the sandbox on the other side of the wire."""

import os
from dataclasses import dataclass
from typing import Any

import duckdb

from core.runs import Run
from core.settings import Settings
from ingest.collect.collection import BackfillRequest, CollectionSummary, collect
from sandbox.process import SandboxProcess

NOW = "2026-11-24T06:00:00+00:00"


@dataclass(frozen=True)
class Warehouse:
    """One installation's ledger, and the way to fill it."""

    settings: Settings
    sandbox: SandboxProcess

    def collect(self, request: BackfillRequest | None = None, *, now: str = NOW) -> CollectionSummary:
        os.environ["WHOLEDAY_NOW"] = now
        self.sandbox.set_clock(now)
        self.settings.warehouse.mkdir(parents=True, exist_ok=True)
        run = Run.begin(self.settings, "test", "sandbox", {})
        return collect(self.settings, run, request=request)

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.landing), read_only=True) as ledger:
            return ledger.execute(sql, list(parameters)).fetchall()

    def versions(self) -> list[tuple[Any, ...]]:
        return self.query(
            "select platform, account_id, date, delivery, conversions, control_totals, content_hash"
            " from ledger.account_days order by platform, account_id, date, started_at"
        )
