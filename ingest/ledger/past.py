"""What has landed so far, as the planner and the landing need to know it. Reads only."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import duckdb

from core.settings import Settings
from ingest.collect.days import Landed
from ingest.collect.edges import TRIED_AGAIN_DAYS, Edges
from ingest.collect.restatement import Known

# The newest version of each planned account-day, by account and date.
Latest = dict[tuple[str, str], dict[date, Landed]]

_PAST = (Path(__file__).with_name("sql") / "ledger.sql").read_text(encoding="utf-8")
_TOLD = (Path(__file__).with_name("sql") / "told.sql").read_text(encoding="utf-8")
_NO_PAST = """
create or replace temp table seen (account int, date date, seen_at timestamptz);
create or replace temp table attempts (
    account int, from_date date, to_date date, asked_at timestamptz
);
"""
_JUDGED = """
create or replace temp table judged as
select r.account, h.date, bool_and(coalesce(starts_with(h.reason, 'registered: '), false)) as is_registration
from release.health.account_days as h
inner join registrations as r using (platform, account_id)
where h.status not in ('whole', 'not_expected')
group by r.account, h.date
"""
# The edge that was found last, of each account that is registered.
_KEPT = """
create or replace temp table kept as
select a.account, e.kept_days, e.seen_on
from landing.ledger.retention_edges as e
inner join accounts_asked as a using (platform, account_id)
where e._dlt_load_id in (from completed) and e.seen_at <= (from clock)
qualify row_number() over (partition by a.account order by e.seen_at desc, e.run_id desc) = 1
"""
_NOT_KEPT = "create or replace temp table kept (account int, kept_days bigint, seen_on date)"
_WINDOWS = """
create or replace temp table restated as
select a.account, w.days, w.seen_on, w.seen_at
from landing.ledger.restatement_windows as w
inner join accounts_asked as a using (platform, account_id)
where w._dlt_load_id in (from completed) and w.seen_at <= (from clock)
"""
_NO_WINDOWS = """
create or replace temp table restated (account int, days bigint, seen_on date, seen_at timestamptz)
"""
_UNCONFIRMED = """
create or replace temp table unconfirmed as
select r.account, h.date, run.as_of as judged_at
from release.health.account_days as h
inner join (select distinct account, platform, account_id from registrations) as r
    using (platform, account_id)
cross join release.staging.stg_run as run
where h.status = 'whole' and h.maturity <> 'final'
"""
_NO_UNCONFIRMED = "create or replace temp table unconfirmed (account int, date date, judged_at timestamptz)"
_NOT_JUDGED = "create or replace temp table judged (account int, date date, is_registration boolean)"
_LATEST = """
select d.platform, d.account_id, d.date,
    arg_max([d.version_id, d.content_hash, d.fields], (d.started_at, d.run_id))
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
_NAMED_ACTIONS = """
select platform, account_id, action_id, arg_max(content_hash, (seen_at, run_id))
from landing.ledger.actions
where _dlt_load_id in (from completed)
group by all
"""
_SEEN_LAST = """
select a.platform, a.account_id, s.date, max(s.seen_at)
from seen as s
inner join (select distinct account, platform, account_id from registrations) as a using (account)
where list_contains(?::varchar[], a.platform)
group by all
"""
_CLOCK = "create or replace temp table clock as select ?::timestamptz as now"
_COMPLETED = """
create or replace temp view completed as select load_id from landing.ledger._dlt_loads where status = 0
"""
_EDGES = """
select platform, account_id, kept_days, seen_on
from landing.ledger.retention_edges
where _dlt_load_id in (from completed) and seen_at <= (from clock)
qualify row_number() over (partition by platform, account_id order by seen_at desc, run_id desc) = 1
"""
_LANDED = """
select platform, account_id, min(date), max(date)
from landing.ledger.account_days
where _dlt_load_id in (from completed) and finished_at <= (from clock)
group by all
"""
_RESTATED = """
select account_id, days, longest_days
from landing.ledger.restatement_windows
where platform = ? and _dlt_load_id in (from completed) and seen_at <= (from clock)
qualify row_number() over (partition by account_id order by seen_at desc, run_id desc) = 1
"""
# What an action was called before, and windows that a smaller list does not tell; most actions need neither.
_ACTIONS = """
select
    account_id,
    action_id,
    list(distinct name) filter (where name is not null),
    arg_max(click_window_days, seen_at) filter (where click_window_days is not null),
    arg_max(view_window_days, seen_at) filter (where view_window_days is not null)
from landing.ledger.actions
where platform = ? and _dlt_load_id in (from completed) and seen_at <= (from clock)
group by account_id, action_id
having count(*) > 1
"""
_TOKENS_TOLD = """
select platform
from landing.ledger.platforms
where token_valid is not null and _dlt_load_id in (from completed)
group by platform
having
    max(seen_at)::date = $now::timestamptz::date
    and arg_max(token_valid, (seen_at, run_id))
    -- Credentials that end soon are replaced soon.
    and coalesce(
        arg_max_null(token_expires_at, (seen_at, run_id)) > $now::timestamptz + interval 14 days, true
    )
"""


@dataclass(frozen=True)
class Named:
    """The hashes of what is known of accounts, by (platform, account), campaigns and actions, by (…, id)."""

    accounts: dict[tuple[str, ...], str] = field(default_factory=dict)
    campaigns: dict[tuple[str, ...], str] = field(default_factory=dict)
    actions: dict[tuple[str, ...], str] = field(default_factory=dict)

    @cached_property
    def listed(self) -> frozenset[tuple[str, ...]]:
        """The accounts, as (platform, account), that are known to have a list of actions."""
        return frozenset(key[:2] for key in self.actions)


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
    """Create what the planner has to know of the past; needs its calendar in ``db``."""
    db.execute(_PAST if has_landed(db) else _NO_PAST)
    db.execute(_KEPT if _has_table(db, "landing", "ledger", "retention_edges") else _NOT_KEPT)
    db.execute(_WINDOWS if _has_table(db, "landing", "ledger", "restatement_windows") else _NO_WINDOWS)
    has_run = _has_table(db, "release", "staging", "stg_run")
    db.execute(_UNCONFIRMED if has_run else _NO_UNCONFIRMED)
    db.execute(_JUDGED if _has_table(db, "release", "health", "account_days") else _NOT_JUDGED)
    if has_landed(db):
        db.execute(_TOLD)


def seen_last(
    db: duckdb.DuckDBPyConnection, platforms: list[str]
) -> dict[str, dict[tuple[str, date], datetime]]:
    """Return when landed days of ``platforms`` were seen last, by platform, account and date."""
    found: dict[str, dict[tuple[str, date], datetime]] = defaultdict(dict)
    for platform, account_id, day, seen_at in db.execute(_SEEN_LAST, [platforms]).fetchall():
        found[platform][account_id, day] = seen_at
    return found


def has_landed(db: duckdb.DuckDBPyConnection) -> bool:
    """Say whether anything was ever collected into the attached ``landing``."""
    return _has_table(db, "landing", "ledger", "account_days")


def latest_versions(db: duckdb.DuckDBPyConnection) -> Latest:
    """Return the newest version of every landed day in the planned ``windows``."""
    latest: Latest = {}
    if has_landed(db):
        for platform, account_id, day, (version_id, content_hash, fields) in db.execute(_LATEST).fetchall():
            asked = frozenset((fields or "").split(","))
            latest.setdefault((platform, account_id), {})[day] = Landed(version_id, content_hash, asked)
    return latest


def named(db: duckdb.DuckDBPyConnection) -> Named:
    """Return the hashes of the names and statuses that were seen last."""
    if not has_landed(db):
        return Named()

    def hashes(query: str) -> dict[tuple[str, ...], str]:
        return {tuple(row[:-1]): row[-1] for row in db.execute(query).fetchall()}

    # A ledger whose last collection is older than the table has none.
    listed = _has_table(db, "landing", "ledger", "actions")
    return Named(hashes(_NAMED_ACCOUNTS), hashes(_NAMED_CAMPAIGNS), hashes(_NAMED_ACTIONS) if listed else {})


def kept_since(settings: Settings, now: datetime) -> dict[tuple[str, str], tuple[date, date]]:
    """Return (the first day that is kept, the day it is tried again), by (platform, account).

    Only of accounts whose edge was met, and is not tried again yet; days are those of UTC.
    """
    today, found = now.date(), {}
    with reading(settings) as db:
        if _has_table(db, "landing", "ledger", "retention_edges"):
            db.execute(_CLOCK, [now])
            db.execute(_COMPLETED)
            for platform, account_id, kept_days, seen_on in db.execute(_EDGES).fetchall():
                again = seen_on + timedelta(days=TRIED_AGAIN_DAYS)
                if kept_days is not None and again > today:
                    found[platform, account_id] = (today - timedelta(days=kept_days), again)
    return found


def edges(db: duckdb.DuckDBPyConnection) -> dict[str, Edges]:
    """Return what is known of each platform's edges."""
    found: dict[str, Edges] = defaultdict(Edges)
    if has_landed(db):
        if _has_table(db, "landing", "ledger", "retention_edges"):
            for platform, account_id, kept_days, _ in db.execute(_EDGES).fetchall():
                if kept_days is not None:
                    found[platform].kept_days[account_id] = kept_days
        for platform, account_id, *days in db.execute(_LANDED).fetchall():
            found[platform].landed[account_id] = (days[0], days[1])
    return found


def restated(
    db: duckdb.DuckDBPyConnection, platform: str
) -> tuple[dict[str, tuple[int, int]], dict[str, dict[str, Known]]]:
    """Return what is known of a platform's restatement windows, and of actions whose list may tell less."""
    last: dict[str, tuple[int, int]] = {}
    known: dict[str, dict[str, Known]] = defaultdict(dict)
    if has_landed(db):
        if _has_table(db, "landing", "ledger", "restatement_windows"):
            rows = db.execute(_RESTATED, [platform]).fetchall()
            last = {account_id: (days, longest) for account_id, days, longest in rows}
        if _has_table(db, "landing", "ledger", "actions"):
            rows = db.execute(_ACTIONS, [platform]).fetchall()
            for account_id, action_id, names, *told in rows:
                known[account_id][action_id] = Known(frozenset(names or ()), *told)
    return last, known


def tokens_told(db: duckdb.DuckDBPyConnection, now: datetime) -> frozenset[str]:
    """Return the platforms that said on this day (UTC) that the credentials hold.

    A platform that refused them is none of them: they may have been renewed since. A ledger from before that
    was kept has none.
    """
    if not has_landed(db) or not _has_table(db, "landing", "ledger", "platforms"):
        return frozenset()
    return frozenset(platform for (platform,) in db.execute(_TOKENS_TOLD, {"now": now}).fetchall())


def _has_table(db: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> bool:
    query = "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?"
    return db.execute(query, [database, schema, table]).fetchone() is not None


def _quoted(path: object) -> str:
    return str(path).replace("'", "''")
