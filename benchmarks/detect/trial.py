"""One batch through the whole pipeline: an undisturbed history, days with faults, and a day after them."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.detect import others
from benchmarks.detect.plan import Client, write_agency
from core.settings import ROOT
from sandbox.process import SandboxProcess

DAY = date(2026, 11, 11)
LOOKS = (1, 4, 8, 19)
"""On which days after the faults' first the pipeline runs."""
AFTER = 20
"""The day on which the faults are gone."""


@dataclass
class Seen:
    """What one batch came to; days count from the day of the trial."""

    findings: dict[str, list[tuple[int, str, int]]] = field(default_factory=dict)
    """Per client: day of the look, rule, day of the finding."""
    broken: dict[str, set[int]] = field(default_factory=dict)
    """Per client: days on which a look showed figures that were not the platform's."""
    healed: dict[str, bool] = field(default_factory=dict)
    """Per client: whether all figures are the platform's in the end."""
    rivals: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    """Per rival method and client: days that it alarms on."""
    days: dict[str, int] = field(default_factory=dict)
    """Per client: closed days before the day of the trial."""


def perform(clients: list[Client], seed: int, folder: Path) -> Seen:
    """Run the batch in ``folder``, against a sandbox of its own with ``seed``."""
    agency, warehouse = folder / "agency", folder / "warehouse"
    write_agency(agency, clients, DAY)
    seen = Seen({c.client_id: [] for c in clients}, {c.client_id: set() for c in clients})
    lasting = [client for client in clients if client.kind.from_start]
    passing = [client for client in clients if not client.kind.partial]
    with SandboxProcess(seed=seed, agency=agency) as box:
        _inject(box, lasting)
        _run(box, folder, 0)
        seen.days = _look(seen, warehouse, 0)
        for look in LOOKS:
            _inject(box, clients if look == 1 else passing)
            _run(box, folder, look)
            _look(seen, warehouse, look)
            for client in clients:
                seen.broken[client.client_id] |= _untrue(box, warehouse, client)
        seen.rivals = others.alarms(warehouse / "candidate" / "ads.duckdb", DAY)
        _inject(box, lasting)
        _run(box, folder, AFTER)
        seen.healed = {client.client_id: not _untrue(box, warehouse, client) for client in clients}
    return seen


def _inject(box: SandboxProcess, clients: list[Client]) -> None:
    """Put the faults of ``clients`` in force, and no others."""
    box.clear()
    accounts = {
        platform: [c.account_id for c in clients if c.platform == platform] for platform in _PLATFORMS
    }
    for client in clients:
        others_of = [account for account in accounts[client.platform] if account != client.account_id]
        other = others_of[client.seed % len(others_of)] if others_of else client.account_id
        rules = client.kind.rules_for(client.platform, client.account_id, other, DAY)
        if rules:
            box.faults(rules)


def _run(box: SandboxProcess, folder: Path, look: int) -> None:
    """Collect and build on the morning of a day, 06:30 UTC."""
    now = f"{DAY + timedelta(look)}T06:30:00+00:00"
    box.set_clock(now)
    env = os.environ | box.env | _PATIENCE
    env |= {"WHOLEDAY_NOW": now}
    env |= {f"WHOLEDAY_{name.upper()}": str(folder / name) for name in ("agency", "warehouse", "site")}
    for module, command in (("ingest", "collect"), ("wholeday", "build")):
        step = [sys.executable, "-m", module, command]
        done = subprocess.run(step, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        # A collection that does not reach every account says so with its status.
        if done.returncode != 0 and (module == "wholeday" or look == 0):
            raise RuntimeError(f"{module} {command} failed: {done.stdout[-500:]}{done.stderr[-1500:]}")


def _look(seen: Seen, warehouse: Path, look: int) -> dict[str, int]:
    """Note what is found now, and return how many closed days each client has."""
    with duckdb.connect(str(warehouse / "candidate" / "ads.duckdb"), read_only=True) as candidate:
        for client_id, rule, day in candidate.execute(_FINDINGS, [DAY]).fetchall():
            if client_id in seen.findings:
                seen.findings[client_id].append((look, rule, day))
        return dict(candidate.execute(_DAYS).fetchall())


def _untrue(box: SandboxProcess, warehouse: Path, client: Client) -> set[int]:
    """Return the days whose shown figures are not the platform's own."""
    first, last = (
        DAY + timedelta(offset) for offset in (client.kind.days[0], min(client.kind.days[1], AFTER - 1))
    )
    first = max(first, DAY - timedelta(10))
    with duckdb.connect(str(warehouse / "candidate" / "ads.duckdb"), read_only=True) as candidate:
        shown = {
            str(row[0]): row[1:]
            for row in candidate.execute(_SHOWN, [client.client_id, first, last]).fetchall()
        }
    found = set()
    for day in box.truth(client.platform, client.account_id, first, last):
        if day["date"] in shown and not _agrees(shown[day["date"]], day):
            found.add((date.fromisoformat(day["date"]) - DAY).days)
    return found


def _agrees(shown: tuple[Any, ...], truth: dict[str, Any]) -> bool:
    spend, impressions, clicks, reservations = shown
    actions = truth.get("actions", {})
    counted = actions.get("omni_purchase", actions.get("Reservation", 0))
    expected = float(counted["conversions"]) if isinstance(counted, dict) else float(counted)
    return (
        abs(float(spend) - float(truth["spend"])) < 0.1
        and (impressions, clicks) == (truth["impressions"], truth["clicks"])
        and (reservations is None or abs(float(reservations) - expected) < 0.02)
    )


_PLATFORMS = ("meta", "google")
# One account's trouble must not be another's: the breaker would stop the platform for all.
_PATIENCE = {
    f"SOURCES__{platform.upper()}_ADS__{name}": value
    for platform in _PLATFORMS
    for name, value in (("RETRY_BASE_SECONDS", "0.01"), ("BREAKER_FAILURES", "1000000"))
}
_FINDINGS = """
select distinct client_id, rule, date - ?::date as day
from health.findings
where mode = 'live' and not waived and severity <> 'low'
"""
_DAYS = (
    "select client_id, count(*) from health.account_days where status <> 'not_expected' group by client_id"
)
_SHOWN = """
select date, total_spend, total_impressions, total_clicks, reservations
from marts.daily_kpi
where client_id = ? and date between ? and ?
"""
