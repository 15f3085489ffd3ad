"""What the overview's scripts work with: the calendar of every client, and what ages by the clock."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from publish import health
from publish.health import Described
from publish.picture import Check, Picture
from publish.site.statuses import STATUSES

SQL = Path(__file__).with_name("sql")

# As many days as the calendar can show.
DAYS = 365

# A day is closed when it is over in its account's time zone and the platform had its settling time.
SETTLING_HOURS = 3

_FIRST_DAY = """
select (max(date) - getvariable('days')::integer + 1)::varchar from health.account_days
"""

_ZONES = """
select client_id, timezone from reports.client_health where timezone is not null
"""


@dataclass(frozen=True)
class Calendar:
    """``rows`` are (client, platform, run-length string); the strings begin on ``first_day``."""

    first_day: str | None
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Shown:
    """What the overview shows beside the picture."""

    calendar: Calendar
    trend: tuple[tuple[str, float | None, int, int], ...]
    restated: tuple[dict[str, Any], ...]
    zones: dict[str, str]


NOTHING = Shown(Calendar(None, ()), (), (), {})


def read(file: duckdb.DuckDBPyConnection) -> Shown:
    """Read it from an open release or candidate; what a build did not come to is empty."""
    codes = {"key": [status.name for status in STATUSES], "value": [status.code for status in STATUSES]}
    for name, value in (("days", DAYS), ("codes", codes)):
        file.execute(f"set variable {name} = ?", [value])
    first = rows(file, _FIRST_DAY)
    return Shown(
        Calendar(first[0][0] if first else None, tuple(rows(file, query("calendar")))),
        tuple(rows(file, query("trend"))),
        tuple(_restated(row) for row in rows(file, query("restatements"))),
        dict(rows(file, _ZONES)),
    )


def query(name: str) -> str:
    """Return the statement of ``sql/<name>.sql``."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def rows(file: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    """Ask ``file``; a table or column that it lacks is an empty answer, since older builds are shown too."""
    try:
        return file.execute(sql).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []


def document(
    shown: Shown, picture: Picture, described: Described, checks: tuple[Check, ...], now: datetime
) -> dict[str, Any]:
    """Return what ``data/overview.js`` hands to the scripts; instants are milliseconds since 1970."""
    zones = sorted(set(shown.zones.values()))
    order = {client.client_id: number for number, client in enumerate(picture.clients)}
    return {
        "made": _ms(now),
        "run": {
            "id": described.run_id,
            "started": _ms(described.started_at) if described.started_at else None,
        },
        "every": int(health.RUN_EVERY.total_seconds() * 1000),
        "settling": SETTLING_HOURS * 3_600_000,
        "status": health.status(checks),
        "day": picture.day.isoformat() if picture.day else None,
        "score": picture.score.score if picture.score else None,
        "parts": [list(part) for part in picture.score.parts] if picture.score else [],
        "statuses": [
            {"code": s.code, "name": s.name, "glyph": s.glyph, "meaning": s.meaning, "bands": s.bands}
            for s in STATUSES
        ],
        "zones": zones,
        # One list a client: id, name, score, last collected, time zone, still collected, whole, needs you.
        "clients": [
            [
                client.client_id,
                client.name,
                None if client.score is None else round(client.score, 1),
                _ms(client.collected_at) if client.collected_at else None,
                zones.index(shown.zones[client.client_id]) if client.client_id in shown.zones else None,
                int(client.is_active),
                int(client.is_whole),
                int(client.needs_someone),
            ]
            for client in picture.clients
        ],
        "first": shown.calendar.first_day,
        "days": DAYS,
        "rows": [
            [order[client], platform, text]
            for client, platform, text in shown.calendar.rows
            if client in order
        ],
        "trend": [list(part) for part in zip(*shown.trend, strict=True)] if shown.trend else [],
        "restated": list(shown.restated),
    }


def script(call: str, *values: Any) -> str:
    """Return a script that hands ``values`` to ``wholeday.<call>``: a page of a folder can load no JSON."""
    told = ",".join(json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in values)
    return f"wholeday.{call}({told});\n"


def _restated(row: Iterable[Any]) -> dict[str, Any]:
    day, metric, changes, first = row
    return {
        "date": day,
        "metric": metric,
        "changes": {int(age): float(change) for age, change in changes.items()},
        "first": None if first is None else float(first),
    }


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
