"""What two histories left: the same marts, no version twice, and how much one run collected."""

from pathlib import Path

import duckdb

AccountDay = tuple[str, str, str]

# Names of the collection, not of the day: two ways to the same figures may differ in them.
PROVENANCE = ("run_id", "collected_at", "confirmed_at", "data_source", "attempts", "version_id")
TABLES = (
    "marts.daily_kpi",
    "marts.today_kpi",
    "marts.campaign_daily_kpi",
    "marts.daily_conversions",
    "marts.weekly_kpi",
    "marts.monthly_kpi",
    "marts.clients",
    "marts.accounts",
    "marts.campaigns",
    "marts.restatements",
    "health.account_days",
    "health.findings",
)

_COMPLETED = "_dlt_load_id in (select load_id from ledger.ledger._dlt_loads where status = 0)"
_DOUBLES = f"""
with versions as (
    select distinct platform, account_id, date, started_at, run_id, version_id, content_hash
    from ledger.ledger.account_days
    where {_COMPLETED}
),

ordered as (
    select
        content_hash = lag(content_hash) over (
            partition by platform, account_id, date order by started_at, run_id
        ) as is_double
    from versions
),

typed as (select version_id from release.staging.stg_ledger__account_days)

select
    (select count(*) from ordered where is_double)
    + (select count(*) - count(distinct version_id) from typed)
"""  # noqa: S608 - names of this file
_LANDED = f"""
with run as (select max_by(run_id, number) as run_id from ledger.journal.runs),

seen as (
    select run_id, platform, account_id, date from ledger.ledger.account_days where {_COMPLETED}
    union
    select run_id, platform, account_id, date from ledger.ledger.sightings where {_COMPLETED}
)

select platform, account_id, date::varchar from seen where run_id = (select run_id from run)
"""  # noqa: S608 - names of this file
_DIFFERING = """
with mine as (select {columns} from mine.{table}), theirs as (select {columns} from theirs.{table})

select 'only here', * from (from mine except all from theirs)
union all
select 'missing', * from (from theirs except all from mine)
order by all
"""
_WHOLE = "select platform, account_id, date::varchar from health.account_days where status = 'whole'"


def differences(release: Path, reference: Path, skip: tuple[str, ...] = ()) -> list[str]:
    """Return one sentence per table in which ``release`` differs from ``reference``, provenance aside."""
    found = []
    with duckdb.connect(":memory:") as db:
        db.execute(f"attach '{release}' as mine (read_only); attach '{reference}' as theirs (read_only)")
        for table in TABLES:
            if table in skip:
                continue
            names = [row[0] for row in db.execute(f"describe theirs.{table}").fetchall()]
            columns = ", ".join(name for name in names if name not in PROVENANCE)
            rows = db.execute(_DIFFERING.format(columns=columns, table=table)).fetchall()
            if rows:
                shown = "; ".join(", ".join(map(str, row)) for row in (rows[0], rows[-1]))
                found.append(f"{table} differs in {len(rows)} rows: {shown}")
    return found


def doubles(warehouse: Path) -> int:
    """Count versions that equal the one before them, and versions that staging holds twice."""
    with duckdb.connect(":memory:") as db:
        db.execute(
            f"attach '{warehouse}/landing.duckdb' as ledger (read_only);"
            f" attach '{warehouse}/ads.duckdb' as release (read_only)"
        )
        row = db.execute(_DOUBLES).fetchone()
    return int(row[0]) if row else 0


def landed(warehouse: Path) -> frozenset[AccountDay]:
    """Return the account-days that the newest run stored or saw unchanged."""
    with duckdb.connect(":memory:") as db:
        db.execute(f"attach '{warehouse}/landing.duckdb' as ledger (read_only)")
        try:
            return frozenset(db.execute(_LANDED).fetchall())
        except duckdb.CatalogException:
            return frozenset()


def whole(release: Path) -> frozenset[AccountDay]:
    """Return the account-days that ``release`` shows as whole; none if there is no release."""
    if not release.exists():
        return frozenset()
    with duckdb.connect(str(release), read_only=True) as file:
        return frozenset(file.execute(_WHOLE).fetchall())
