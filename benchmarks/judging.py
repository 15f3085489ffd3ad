"""How long the rules take for 1,000 and for 10,000 clients with a year each, after one new day has come."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from core.settings import ROOT
from sandbox.process import SandboxProcess

NOW = "2026-11-24T06:00:00+00:00"
DAYS = 365
SIZES = (1_000, 10_000)
SECONDS, GROWTH = 120, 12
_SQL = Path(__file__).with_suffix(".sql")
_KEPT = (
    "stg_agency__conversion_actions",
    "stg_agency__rates",
    "stg_agency__rules",
    "stg_agency__waivers",
    "stg_platforms",
    "stg_run",
)


def bench(_: int) -> None:
    """Print both times and their ratio; one round each, since a round builds millions of rows."""
    seconds = {}
    with tempfile.TemporaryDirectory(prefix="judging-") as name:
        empty = _empty(Path(name))
        for clients in SIZES:
            seconds[clients] = _judged(Path(name) / str(clients), empty, clients)
            print(f"{clients:,} clients x {DAYS} days, judged after one new day: {seconds[clients]:.0f} s")
    small, large = (seconds[clients] for clients in SIZES)
    print(f"ratio {large / small:.1f} (target {GROWTH}); {large:.0f} s (target {SECONDS})")


def _empty(folder: Path) -> Path:
    """Return a candidate whose staging is empty, with the columns of a real one."""
    agency = folder / "agency"
    agency.mkdir()
    for file in (ROOT / "agency").glob("*.csv"):
        lines = file.read_text(encoding="utf-8").splitlines()
        kept = lines if file.stem in ("rules", "rates") else lines[:1]
        if file.stem == "conversion_actions":
            kept = [line for number, line in enumerate(lines) if number == 0 or line.split(",")[1] == ""]
        if file.stem == "clients":
            kept.append("c,One,2026-11-20,,99,desk")
        if file.stem == "accounts":
            kept.append("123456789012345,meta,c,PLN,Europe/Warsaw,true,2026-11-20,")
        file = agency / file.name
        file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with SandboxProcess(agency=agency, now=NOW) as box:
        env = os.environ | box.env | _places(folder)
        for step in (("ingest", "collect"), ("wholeday", "build")):
            subprocess.run([sys.executable, "-m", *step], cwd=ROOT, env=env, check=True, capture_output=True)
    candidate = folder / "warehouse" / "candidate" / "ads.duckdb"
    with duckdb.connect(str(candidate)) as db:
        tables = db.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            if schema != "staging":
                db.sql(f"drop table {schema}.{table}")
            elif table not in _KEPT:
                db.table(f"staging.{table}").limit(0).create(f"staging.empty_{table}")
                db.sql(f"drop table staging.{table}")
                db.sql(f"alter table staging.empty_{table} rename to {table}")
    return candidate


def _judged(folder: Path, empty: Path, clients: int) -> float:
    """Return the seconds for which the models run once one day has been added to a year."""
    file = folder / "health" / "ads.duckdb"
    file.parent.mkdir(parents=True)
    file.write_bytes(empty.read_bytes())
    with duckdb.connect(str(file)) as db:
        db.execute("set timezone = 'UTC'")
        db.execute(
            "insert into staging.stg_agency__clients by name"
            " select 'c' || i as client_id, 'Client' as client_name, 99 as completeness_target"
            " from range(?) as t (i)",
            [clients],
        )
        db.execute(
            "insert into staging.stg_agency__accounts by name select (10000000 + i)::varchar as account_id,"
            " 'meta' as platform, 'c' || i as client_id, 'PLN' as currency, 'Europe/Warsaw' as timezone,"
            " true as conversion_tracking, date '2026-11-24' - ?::integer as started_on"
            " from range(?) as t (i)",
            [DAYS, clients],
        )
    _collect(file, clients, 2, DAYS)
    _build(folder, file)
    _collect(file, clients, 1, 1)
    seconds = _build(folder, file)
    with duckdb.connect(str(file), read_only=True) as db:
        judged = db.execute("select count(*) from health.account_days where status = 'whole'").fetchone()
    if judged != (clients * DAYS,):
        sys.exit(f"benchmarks: {judged} of {clients * DAYS} account-days are whole; nothing is measured")
    return seconds


def _collect(file: Path, clients: int, first: int, last: int) -> None:
    with duckdb.connect(str(file)) as db:
        db.execute("set timezone = 'UTC'")
        for name, value in (("clients", clients), ("from_day", first), ("to_day", last)):
            db.execute(f"set variable {name} = {value}")
        db.execute(_SQL.read_text(encoding="utf-8"))


def _build(folder: Path, file: Path) -> float:
    """Build everything that judges from staging, and return the seconds that the models took."""
    env = (
        os.environ | _places(folder) | {"WHOLEDAY_AS_OF": NOW, "WHOLEDAY_WAREHOUSE": str(file.parent.parent)}
    )
    target = folder / "target"
    command = [
        str(Path(sys.executable).with_name("dbt")),
        "run",
        "--target",
        "clock",
        "--target-path",
        str(target),
    ]
    command += [
        "--select",
        "+path:models/health",
        "--exclude",
        "tag:ledger",
        "--log-path",
        str(folder / "logs"),
    ]
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - begun
    ran = json.loads((target / "run_results.json").read_text(encoding="utf-8"))
    slowest = sorted(ran["results"], key=lambda one: one["execution_time"], reverse=True)[:4]
    told = ", ".join(f"{one['unique_id'].split('.')[-1]} {one['execution_time']:.1f} s" for one in slowest)
    print(f"  {wall:.0f} s with dbt's start; the longest: {told}", flush=True)
    # Two models run side by side: their times add up to more than passed.
    return float(ran["elapsed_time"])


def _places(folder: Path) -> dict[str, str]:
    return {
        "WHOLEDAY_NOW": NOW,
        "WHOLEDAY_WAREHOUSE": str(folder / "warehouse"),
        "WHOLEDAY_AGENCY": str(folder / "agency"),
        "WHOLEDAY_SITE": str(folder / "site"),
    }
