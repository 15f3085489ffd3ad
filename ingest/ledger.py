"""What has landed so far, as the planner and the landing need to know it. Reads only."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from wholeday.settings import Settings

# The newest version of each planned account-day: (version_id, content_hash), by account and date.
Latest = dict[tuple[str, str], dict[date, tuple[str, str]]]

_PAST = (Path(__file__).with_name("sql") / "ledger.sql").read_text(encoding="utf-8")
_NO_PAST = """
create or replace temp table seen (account int, date date, seen_at timestamptz);
create or replace temp table attempts (
    account int, from_date date, to_date date, asked_at timestamptz
);
"""
_JUDGED = """
create or replace temp table judged as
select distinct r.account, h.date
from release.health.account_days as h
inner join registrations as r using (platform, account_id)
where h.status not in ('whole', 'not_expected')
"""
_NOT_JUDGED = "create or replace temp table judged (account int, date date)"
_LATEST = """
select d.platform, d.account_id, d.date,
    arg_max([d.version_id, d.content_hash], (d.started_at, d.run_id))
from landing.ledger.account_days as d
inner join registrations as r using (platform, account_id)
inner join windows as w on r.registration = w.registration and d.date between w.from_date and w.to_date
where d._dlt_load_id in (from completed) and d.finished_at <= (from clock)
group by all
"""
_NAMED_ACCOUNTS = """
select platform, account_id, arg_max(content_hash, (seen_at, run_id))
from landing.ledger.accounts
where _dlt_load_id in (from completed)
group by all
"""
_NAMED_CAMPAIGNS = """
select platform, account_id, campaign_id, arg_max(content_hash, (seen_at, run_id))
from landing.ledger.campaigns
where _dlt_load_id in (from completed)
group by all
"""
_TOKENS_TOLD = """
select platform
from landing.ledger.platforms
where token_valid is not null and _dlt_load_id in (from completed)
group by platform
having max(seen_at)::date = ?::timestamptz::date and arg_max(token_valid, (seen_at, run_id))
"""


@dataclass(frozen=True)
class Named:
    """The hashes of what is known of accounts, by (platform, account), and campaigns, by (…, campaign)."""

    accounts: dict[tuple[str, ...], str] = field(default_factory=dict)
    campaigns: dict[tuple[str, ...], str] = field(default_factory=dict)


@contextmanager
def reading(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what has landed and what is published, for reading.

    Everything is closed at the end: dlt cannot load into a file that someone has open.
    """
    with duckdb.connect(":memory:") as db:
        db.execute("set timezone = 'UTC'")
        if settings.landing.exists():
            db.execute(f"attach '{_quoted(settings.landing)}' as landing (read_only)")
        if settings.release.exists():
            # A release that cannot be read is the publishing step's to report; until then nothing heals
            # early.
            with suppress(duckdb.Error):
                db.execute(f"attach '{_quoted(settings.release)}' as release (read_only)")
        yield db


def put_past(db: duckdb.DuckDBPyConnection) -> None:
    """Create ``seen``, ``attempts`` and ``judged`` for the planner; needs its calendar in ``db``."""
    db.execute(_PAST if has_landed(db) else _NO_PAST)
    db.execute(_JUDGED if _has_table(db, "release", "health", "account_days") else _NOT_JUDGED)


def has_landed(db: duckdb.DuckDBPyConnection) -> bool:
    """Say whether anything was ever collected into the attached ``landing``."""
    return _has_table(db, "landing", "ledger", "account_days")


def latest_versions(db: duckdb.DuckDBPyConnection) -> Latest:
    """Return the newest version of every landed day in the planned ``windows``."""
    latest: Latest = {}
    if has_landed(db):
        for platform, account_id, day, (version_id, content_hash) in db.execute(_LATEST).fetchall():
            latest.setdefault((platform, account_id), {})[day] = (version_id, content_hash)
    return latest


def named(db: duckdb.DuckDBPyConnection) -> Named:
    """Return the hashes of the names and statuses that were seen last."""
    if not has_landed(db):
        return Named()

    def hashes(query: str) -> dict[tuple[str, ...], str]:
        return {tuple(row[:-1]): row[-1] for row in db.execute(query).fetchall()}

    return Named(hashes(_NAMED_ACCOUNTS), hashes(_NAMED_CAMPAIGNS))


def tokens_told(db: duckdb.DuckDBPyConnection, now: datetime) -> frozenset[str]:
    """Return the platforms that said on this day (UTC) that the credentials hold.

    A platform that refused them is none of them: they may have been renewed since. A ledger from before that
    was kept has none.
    """
    if not has_landed(db) or not _has_table(db, "landing", "ledger", "platforms"):
        return frozenset()
    return frozenset(platform for (platform,) in db.execute(_TOKENS_TOLD, [now]).fetchall())


def _has_table(db: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> bool:
    query = "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?"
    return db.execute(query, [database, schema, table]).fetchone() is not None


def _quoted(path: object) -> str:
    return str(path).replace("'", "''")
