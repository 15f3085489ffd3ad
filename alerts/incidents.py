"""From the release and health.json to what changed since people were told."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from alerts.channels import DIRECT
from alerts.ledger import SQL
from core.settings import Settings
from core.severities import severities

_CHANGES = """
select incident, kind, severity, title, sentence, command, runbook, epoch_us(since)
from changes
order by array_position(getvariable('severities'), severity), kind, incident
"""
_NO_CHECKS = '{"checks": {}}'


@dataclass(frozen=True)
class Change:
    """One thing that happened to an incident: opened, worsened, reminded (it goes on) or resolved."""

    incident: str
    kind: str
    severity: str
    title: str
    sentence: str
    command: str | None
    runbook: str | None
    since_us: int | None


def changes(ledger: duckdb.DuckDBPyConnection, settings: Settings, judged: Path) -> list[Change]:
    """Return what changed, worst first; empty where nothing is published yet.

    Leaves the incidents of now in the temporary table ``incidents``.
    """
    if not settings.release.exists():
        return []
    quoted = str(judged).replace("'", "''")
    ledger.execute(f"attach if not exists '{quoted}' as release (read_only)")
    ledger.execute("set variable reported = ?", [_reported(settings)])
    ledger.execute("set variable severities = ?", [list(severities())])
    ledger.execute("set variable direct = ?", [list(DIRECT)])
    for name in ("incidents", "changes"):
        ledger.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    return [Change(*row) for row in ledger.execute(_CHANGES).fetchall()]


def record(
    ledger: duckdb.DuckDBPyConnection, found: Change, message_id: str | None, run_id: str, at: datetime
) -> None:
    """Append what changed; ``message_id`` None: it waits for the digest."""
    ledger.execute(
        "insert into told.events (happened_at, run_id, incident, kind, severity, title, message_id)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        [at, run_id, found.incident, found.kind, found.severity, found.title, message_id],
    )


def _reported(settings: Settings) -> str:
    try:
        return (settings.site / "health.json").read_text(encoding="utf-8")
    except OSError:
        return _NO_CHECKS
