"""Incidents that are not told for a while: who asked for it, until when, and why."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import duckdb

from core.errors import UserError

_IN_FORCE = """
select silence_id, pattern, strftime(until, '%Y-%m-%d %H:%M UTC'), reason, silenced_by
from told.silences
where until > getvariable('as_of') and ended_at is null
order by until
"""


@dataclass(frozen=True)
class Silence:
    """``pattern`` is looked for in an incident's name and title; ``*`` stands for anything."""

    silence_id: str
    pattern: str
    until: str
    reason: str
    silenced_by: str


def add(
    ledger: duckdb.DuckDBPyConnection, pattern: str, until: datetime, reason: str, by: str, now: datetime
) -> str:
    """Silence the incidents that ``pattern`` finds; return the silence's id. Raises ``UserError``."""
    if until <= now:
        raise UserError(f"--until {until:%Y-%m-%d %H:%M} is over already: name a later instant")
    if not pattern.strip() or not reason.strip() or not by.strip():
        raise UserError("a silence needs --match, --reason and --by: the next person must understand it")
    silence_id = uuid.uuid4().hex[:8]
    ledger.execute(
        "insert into told.silences values (?, ?, ?, ?, ?, ?, null)",
        [silence_id, pattern, until, reason, by, now],
    )
    return silence_id


def end(ledger: duckdb.DuckDBPyConnection, silence_id: str, now: datetime) -> None:
    """End a silence before its time; raises ``UserError`` where there is none of that id."""
    ended = ledger.execute(
        "update told.silences set ended_at = ?"
        " where silence_id = ? and ended_at is null returning silence_id",
        [now, silence_id],
    ).fetchall()
    if not ended:
        raise UserError(f"there is no silence {silence_id!r} in force: python -m alerts list")


def in_force(ledger: duckdb.DuckDBPyConnection) -> list[Silence]:
    """Return the silences that hold now, the one that ends first at the top."""
    rows = ledger.execute(_IN_FORCE).fetchall()
    return [Silence(*row) for row in rows]
