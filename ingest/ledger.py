"""What has landed so far, as the planner and the landing need to know it. Reads only; only completed loads count."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date

import duckdb

from wholeday.settings import Settings

# The newest version of each planned account-day: (version_id, content_hash), by account and date.
Latest = dict[tuple[str, str], dict[date, tuple[str, str]]]

_COMPLETED = "_dlt_load_id in (select load_id from landing.ledger._dlt_loads where status = 0)"
_ACCOUNTS = "(select distinct account, platform, account_id from registrations)"
# Of the whole past, only when each day was last seen: a version and a sighting of it count the same.
_SEEN = f"""
select a.account, l.date, max(l.started_at) as seen_at
from (
    select platform, account_id, date, started_at from landing.ledger.account_days where {_COMPLETED}
    union all
    select platform, account_id, date, started_at from landing.ledger.sightings where {_COMPLETED}
) as l
inner join {_ACCOUNTS} as a using (platform, account_id)
group by all
"""
_ATTEMPTS = f"""
select
    r.account,
    l.from_date,
    l.to_date,
    max(timezone(r.timezone, l.started_at - p.settling)::date - 1) as due
from landing.ledger.collections as l
inner join registrations as r using (platform, account_id)
inner join policies as p using (platform)
where {_COMPLETED} and l.outcome <> 'skipped'
group by all
"""
_JUDGED = f"""
select distinct a.account, h.date
from release.health.account_days as h
inner join {_ACCOUNTS} as a using (platform, account_id)
where h.status not in ('whole', 'not_expected')
"""
_LATEST = f"""
select d.platform, d.account_id, d.date, arg_max((d.version_id, d.content_hash), (d.started_at, d.run_id))
from landing.ledger.account_days as d
inner join registrations as r using (platform, account_id)
inner join windows as w on r.registration = w.registration and d.date between w.from_date and w.to_date
where {_COMPLETED}
group by all
"""
_EMPTY = {
    "seen": "select null::int as account, null::date as date, null::timestamptz as seen_at where false",
    "attempts": "select null::int as account, null::date as from_date, null::date as to_date, null::date as due"
    " where false",
    "judged": "select null::int as account, null::date as date where false",
}


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
            # A release that cannot be read is the publishing step's to report; without it nothing is healed early.
            with suppress(duckdb.Error):
                db.execute(f"attach '{_quoted(settings.release)}' as release (read_only)")
        yield db


def put_past(db: duckdb.DuckDBPyConnection) -> None:
    """Create ``seen``, ``attempts`` and ``judged`` for the planner; needs its calendar in ``db``."""
    queries = dict(_EMPTY)
    if has_landed(db):
        queries |= {"seen": _SEEN, "attempts": _ATTEMPTS}
    if _has_table(db, "release", "health", "account_days"):
        queries["judged"] = _JUDGED
    for name, query in queries.items():
        db.execute(f"create or replace temp table {name} as {query}")


def _has_table(db: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> bool:
    query = "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?"
    return db.execute(query, [database, schema, table]).fetchone() is not None


def has_landed(db: duckdb.DuckDBPyConnection) -> bool:
    """Say whether anything was ever collected into the attached ``landing``."""
    found = db.execute(
        "select count(*) from duckdb_tables() where database_name = 'landing' and schema_name = 'ledger'"
        " and table_name in ('_dlt_loads', 'account_days', 'sightings', 'collections', 'accounts', 'campaigns')"
    ).fetchone()
    return found == (6,)


def latest_versions(db: duckdb.DuckDBPyConnection) -> Latest:
    """Return the newest version of every landed day in the planned ``windows``."""
    latest: Latest = {}
    if has_landed(db):
        for platform, account_id, day, version in db.execute(_LATEST).fetchall():
            version_id, content_hash = version.values() if isinstance(version, dict) else version
            latest.setdefault((platform, account_id), {})[day] = (version_id, content_hash)
    return latest


def named(db: duckdb.DuckDBPyConnection) -> Named:
    """Return the hashes of the names and statuses that were seen last."""
    if not has_landed(db):
        return Named()

    def hashes(table: str, key: str) -> dict[tuple[str, ...], str]:
        query = (
            f"select {key}, arg_max(content_hash, (seen_at, run_id)) from landing.ledger.{table}"  # noqa: S608
            f" where {_COMPLETED} group by {key}"
        )
        return {tuple(row[:-1]): row[-1] for row in db.execute(query).fetchall()}

    return Named(
        hashes("accounts", "platform, account_id"), hashes("campaigns", "platform, account_id, campaign_id")
    )


def _quoted(path: object) -> str:
    return str(path).replace("'", "''")
