"""A whole installation for a test: warehouse, site and agency of its own, against a sandbox."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from core.settings import ROOT
from tests.python.forks.client import Forked

# Names of the collection, not of the day: two ways to the same figures may differ in them.
PROVENANCE = {"run_id", "collected_at", "confirmed_at"}
MARTS = (
    "daily_kpi",
    "today_kpi",
    "campaign_daily_kpi",
    "daily_conversions",
    "weekly_kpi",
    "monthly_kpi",
    "clients",
    "accounts",
    "campaigns",
)


@dataclass(frozen=True)
class Installation:
    """One wholeday; ``project`` is the code it runs.

    Its commands count for the coverage only if ``measured``: that costs them a third of their time.
    """

    folder: Path
    env: dict[str, str]
    project: Path = ROOT
    measured: bool = False
    api: str = "sandbox"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse"

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def agency(self) -> Path:
        return self.folder / "agency"

    @property
    def release(self) -> Path:
        return self.warehouse / "ads.duckdb"

    def environment(self, now: str) -> dict[str, str]:
        own = {
            "WHOLEDAY_API": self.api,
            "WHOLEDAY_NOW": now,
            "WHOLEDAY_WAREHOUSE": str(self.warehouse),
            "WHOLEDAY_SITE": str(self.site),
            "WHOLEDAY_AGENCY": str(self.agency),
            "SOURCES__META_ADS__RETRY_BASE_SECONDS": "0.01",
            "SOURCES__GOOGLE_ADS__RETRY_BASE_SECONDS": "0.01",
        }
        inherited = {
            name: value
            for name, value in os.environ.items()
            if self.measured or not name.startswith("COVERAGE_PROCESS_")
        }
        return inherited | self.env | own

    def start(self, module: str, *arguments: str, now: str) -> subprocess.Popen[str]:
        # dbt parses anew for a folder that would end a string, and a forked one was seen to hang in that run.
        is_started = self.measured or any(letter in str(self.folder) for letter in "'\"{}")
        start = subprocess.Popen if is_started else Forked
        return start(
            [sys.executable, "-m", module, *arguments],
            cwd=self.project,
            env=self.environment(now),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wholeday(self, *arguments: str, now: str, status: int = 0, module: str = "wholeday") -> str:
        """Run a command, expect ``status``, and return everything it printed."""
        process = self.start(module, *arguments, now=now)
        out, err = process.communicate(timeout=300)
        assert process.returncode == status, f"status {process.returncode}\n{out}\n{err}\n{self.log_tail()}"
        assert "Traceback" not in out + err, err
        return out + err

    def log_tail(self) -> str:
        logs = sorted((self.warehouse / "logs").glob("*")) if self.warehouse.exists() else []
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.release), read_only=True) as release:
            return release.execute(sql, list(parameters)).fetchall()

    def ledger(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse / "landing.duckdb"), read_only=True) as ledger:
            return ledger.execute(sql).fetchall()

    def marts(self, where: str = "true") -> dict[str, list[tuple[Any, ...]]]:
        """Every mart's rows, provenance aside."""
        with duckdb.connect(str(self.release), read_only=True) as release:
            return {mart: _rows(release, mart, where) for mart in MARTS}


def _rows(release: duckdb.DuckDBPyConnection, mart: str, where: str) -> list[tuple[Any, ...]]:
    columns = [row[0] for row in release.execute(f"describe marts.{mart}").fetchall()]
    kept = ", ".join(column for column in columns if column not in PROVENANCE)
    condition = where if "maturity" in columns else "true"
    return release.execute(f"select {kept} from marts.{mart} where {condition} order by all").fetchall()


def write_small_agency(folder: Path, started: date) -> Path:
    """Write the agency's files; the mapped actions are the example agency's defaults."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clients.csv").write_text(
        "client_id,client_name,started_on,ended_on,completeness_target,owner\n"
        f"dune,Hotel Dune,{started},,99.5,team-a\n"
        f"fjord,Hotel Fjord,{started},,99.5,team-a\n"
        f"grove,Hotel Grove,{started},,99.5,team-b\n"
    )
    (folder / "accounts.csv").write_text(
        "account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on\n"
        f"act_9100000001,meta,dune,EUR,Europe/Berlin,true,{started},\n"
        f"910-000-0002,google,dune,EUR,Europe/Berlin,true,{started},\n"
        f"910-000-0003,google,fjord,JPY,Asia/Tokyo,true,{started},\n"
        f"910-000-0004,google,fjord,JPY,Asia/Tokyo,true,{started},\n"
        f"act_9100000005,meta,grove,USD,America/New_York,true,{started},\n"
    )
    defaults = [
        line
        for line in (ROOT / "agency" / "conversion_actions.csv").read_text(encoding="utf-8").splitlines()
        if line.startswith("platform,") or line.split(",")[1] == ""
    ]
    (folder / "conversion_actions.csv").write_text("\n".join(defaults) + "\n", encoding="utf-8")
    for name in ("rules.csv", "waivers.csv", "rates.csv"):
        shutil.copy(ROOT / "agency" / name, folder / name)
    return folder
