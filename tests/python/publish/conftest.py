"""A small warehouse of real files: what dbt, Great Expectations and the ledger leave for this room."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import reports
from core.judging import digest
from core.runs import Run
from core.settings import Settings

WORLD = (Path(__file__).parent / "world.sql").read_text()
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Warehouse:
    """One warehouse, with the means to put a run's files into it."""

    settings: Settings

    def begin(self, command: str = "run") -> Run:
        """Mint a run in the real ledger."""
        return Run.begin(self.settings, command, "sandbox", {"dbt": "1.11.16"})

    def build(
        self, run: Run, *, clients: int = 3, days: int = 30, change: str = "", path: Path | None = None
    ) -> Path:
        """Build the candidate of ``run`` and dbt's results; ``change`` is SQL that is applied to it last."""
        path = path or self.settings.candidate
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as file:
            file.execute("set timezone = 'UTC'")
            for name, value in (
                ("clients", clients),
                ("days", days),
                ("run_id", run.run_id),
                ("as_of", run.started_at),
            ):
                file.execute(f"set variable {name} = ?", [value])
            file.execute(WORLD)
            if change:
                file.execute(change)
            _prepare_reports(file)
        self.results(run)
        self.validation(run)
        return path

    def results(self, run: Run, *bad: dict[str, Any], **metadata: Any) -> None:
        """Write dbt's run_results.json of ``run``: one model and one test, and what is ``bad``."""
        good = [
            {"unique_id": "model.wholeday.daily_kpi", "status": "success", "message": "OK", "failures": None},
            {"unique_id": "test.wholeday.conserved_days", "status": "pass", "message": None, "failures": 0},
        ]
        self.settings.dbt_target.mkdir(parents=True, exist_ok=True)
        found = {
            "metadata": {"generated_at": datetime.now(UTC).isoformat(), **metadata},
            "results": [*good, *bad],
            "args": {"which": "build"},
        }
        (self.settings.dbt_target / "run_results.json").write_text(json.dumps(found))

    def validation(self, run: Run, *failures: dict[str, Any]) -> None:
        """Write what Great Expectations found in ``run`` and its candidate as it is now."""
        candidate = self.settings.candidate
        found = {
            "run_id": run.run_id,
            "file_sha256": digest(candidate) if candidate.is_file() else "",
            "success": not failures,
            "statistics": {"evaluated": 40, "failed": len(failures)},
            "failures": list(failures),
        }
        self.settings.validation.write_text(json.dumps(found))

    def verdicts(self) -> list[tuple[str, str]]:
        """Read run and verdict from the ledger, in the order they were recorded."""
        with duckdb.connect(str(self.settings.landing), read_only=True) as file:
            return file.execute("select run_id, verdict from journal.verdicts order by rowid").fetchall()

    def query(self, sql: str, path: Path | None = None) -> list[tuple[Any, ...]]:
        """Ask the published file, as an analyst does."""
        with duckdb.connect(str(path or self.settings.release), read_only=True) as file:
            return file.execute(sql).fetchall()


def _prepare_reports(file: duckdb.DuckDBPyConnection) -> None:
    """Build ``reports`` by the project's own models, from figures that follow the days' statuses."""
    tables = {name for (name,) in file.execute("select table_name from duckdb_tables()").fetchall()}
    if not {"account_days", "daily_kpi", "clients"} <= tables:
        return
    file.execute(
        "create table intermediate.int_client_days as select client_id, platform, date,"
        " bool_and(status = 'whole') as is_whole from health.account_days where status <> 'not_expected'"
        " group by all"
    )
    file.execute(
        "delete from marts.daily_kpi where (client_id, platform, date) not in"
        " (select (client_id, platform, date) from intermediate.int_client_days where is_whole)"
    )
    file.execute(
        "update marts.clients set last_closed_day = closed.day"
        " from (select client_id, min(day) as day from"
        " (select client_id, account_id, max(date) as day from health.account_days group by all)"
        " group by client_id) as closed where clients.client_id = closed.client_id"
    )
    reports.build(file)


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("WHOLEDAY_NOW", NOW.isoformat())
    settings = Settings(tmp_path / "warehouse", tmp_path / "site", tmp_path / "agency")
    settings.warehouse.mkdir()
    write_agency(settings.agency_read)
    return Warehouse(settings)


def write_agency(folder: Path, clients: int = 3, started_on: str = "2025-01-01") -> None:
    """Write the two files of the agency that say who is expected."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(1, clients + 1)
    (folder / "clients.csv").write_text(
        "client_id,client_name,started_on,ended_on,completeness_target,owner\n"
        + "".join(f"hotel-{n:02},Hotel {n:02},{started_on},,,\n" for n in numbers)
    )
    (folder / "accounts.csv").write_text(
        "account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on\n"
        + "".join(
            f"act_1{n:09},meta,hotel-{n:02},PLN,Europe/Warsaw,true,,\n"
            f"2{n:09},google,hotel-{n:02},PLN,Europe/Warsaw,true,,\n"
            for n in numbers
        )
    )


@pytest.fixture
def agency() -> Callable[..., None]:
    return write_agency
