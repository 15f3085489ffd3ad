"""What a run left, as far as the invariants need it: figures, what is open, and which answers changed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

Key = tuple[str, ...]

_MEASURES = (
    "currency, total_spend, total_impressions, total_clicks, click_to_call, email_contacts, reservations,"
    " reservation_value, conversions_state"
)
_FIGURES = {
    "daily_kpi": ("client_id, platform, date::varchar", _MEASURES),
    "campaign_daily_kpi": ("client_id, platform, account_id, campaign_id, date::varchar", ""),
    "monthly_kpi": ("client_id, platform, month::varchar", ""),
}
_NOT_FIGURES = frozenset(
    (
        *("campaign_name", "maturity", "quality_score", "data_source", "collected_at", "confirmed_at"),
        *("run_id", "days_expected", "days_whole", "completeness", "status", "version_id"),
    )
)
_FINDINGS = """
select
    finding_id, rule, severity, client_id, platform, account_id, campaign_id, date::varchar as date, metric,
    observed, expected, message
from health.findings
where mode = 'live' and not waived
"""
_INCIDENTS = """
select incident_id, cause, rule, severity, platform, clients, resolved_at is null as is_open, message
from health.incidents
"""
_CONFIRMED = """
select client_id, platform, date::varchar, epoch(coalesce(confirmed_at, collected_at)) from marts.daily_kpi
"""
_WHOLE = "select platform, account_id, date::varchar from health.account_days where status = 'whole'"
_CHANGED = """
select distinct platform, account_id, date::varchar from ledger.account_days where run_id = ?
"""
_ACTIONS = "select distinct platform, account_id from ledger.actions where run_id = ?"


@dataclass(frozen=True)
class Finding:
    """One row of ``health.findings``."""

    finding_id: str
    rule: str
    severity: str
    client_id: str
    platform: str
    account_id: str
    campaign_id: str
    date: str
    metric: str
    observed: str
    expected: str
    message: str

    @property
    def subject(self) -> Key:
        """What it is about, without the day."""
        return self.rule, self.platform, self.account_id, self.client_id, self.campaign_id, self.metric or ""


@dataclass(frozen=True)
class Incident:
    """One row of ``health.incidents``."""

    incident_id: str
    cause: str
    rule: str
    severity: str
    platform: str
    clients: tuple[str, ...]
    is_open: bool
    message: str


@dataclass(frozen=True)
class Look:
    """A release and what the run that made it stored; days are of accounts, without ``act_``."""

    run_id: str
    figures: dict[str, dict[Key, Key]]
    """Per mart, the figures of each key, as text."""
    confirmed: dict[Key, float]
    """POSIX seconds at which the figures of a client-day were last seen."""
    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]
    whole: frozenset[Key]
    changed: frozenset[Key]
    """Account-days of which this run stored another answer."""
    actions: frozenset[Key]
    """Accounts of which this run stored another list of actions."""


def look(warehouse: Path) -> Look:
    """Read the published release and what its run stored."""
    with duckdb.connect(str(warehouse / "ads.duckdb"), read_only=True) as release:
        run_id = str(_one(release, "select run_id from staging.stg_run"))
        figures = {mart: _figures(release, mart, *columns) for mart, columns in _FIGURES.items()}
        confirmed = {tuple(row[:3]): float(row[3]) for row in release.execute(_CONFIRMED).fetchall()}
        findings = tuple(Finding(*row) for row in release.execute(_FINDINGS).fetchall())
        incidents = tuple(
            Incident(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), row[6], row[7])
            for row in release.execute(_INCIDENTS).fetchall()
        )
        whole = frozenset(release.execute(_WHOLE).fetchall())
    with duckdb.connect(str(warehouse / "landing.duckdb"), read_only=True) as ledger:
        changed = frozenset(ledger.execute(_CHANGED, [run_id]).fetchall())
        actions: frozenset[Key] = frozenset()
        if _one(ledger, "select count(*) from duckdb_tables() where table_name = 'actions'"):
            actions = frozenset(ledger.execute(_ACTIONS, [run_id]).fetchall())
    return Look(run_id, figures, confirmed, findings, incidents, whole, changed, actions)


def _one(db: duckdb.DuckDBPyConnection, sql: str) -> Any:
    found = db.execute(sql).fetchone()
    assert found is not None, "a query without from, or of one row"
    return found[0]


def _figures(release: duckdb.DuckDBPyConnection, mart: str, key: str, measures: str) -> dict[Key, Key]:
    if not measures:
        names = [row[0] for row in release.execute(f"describe marts.{mart}").fetchall()]
        measures = ", ".join(name for name in names if name not in _NOT_FIGURES and name not in key)
    width = len(key.split(","))
    rows = release.execute(f"select {key}, {measures} from marts.{mart}").fetchall()  # noqa: S608 - own columns
    return {tuple(map(str, row[:width])): tuple(map(str, row[width:])) for row in rows}
