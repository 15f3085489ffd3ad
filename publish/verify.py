"""Whether a DuckDB file is what a release must be: it opens, holds only tables, every cell can be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

# What analysts are promised, and the row that says which run built the file. A release without one of these
# is none.
REQUIRED = frozenset(
    f"{schema}.{table}"
    for schema, tables in {
        "marts": (
            "daily_kpi today_kpi campaign_daily_kpi daily_conversions weekly_kpi monthly_kpi"
            " clients accounts campaigns restatements"
        ),
        "health": "account_days findings checks scores collections healing runs",
        "staging": "stg_run",
    }.items()
    for table in tables.split()
)

# A build writes down its run in one row; what the gate decided about it stands in the list of runs.
_OWN_RUN = """
select own.run_id, epoch_us(own.started_at), known.run_id, known.verdict, epoch_us(known.published_at)
from staging.stg_run as own
left join health.runs as known on own.run_id = known.run_id
"""


# DuckDB writes the one statement that reads everything, from its own catalog: for sixty tables that takes two
# thirds of the time of sixty statements.
_READ_ALL = """
with tables as (
    select
        schema_name || '.' || table_name as name,
        '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"' as quoted
    from duckdb_tables()
    where not internal
)

select string_agg(
    format(
        $$select '{}', count(*), coalesce(sum(hash(t)), 0) from {} as t$$,
        replace(name, chr(39), chr(39) || chr(39)),
        quoted
    ),
    ' union all '
)
from tables
"""


class UnverifiedError(Exception):
    """A file that cannot be a release; the text says why, without naming the file."""


@dataclass(frozen=True)
class Identity:
    """The run a file was built by, and what its own row says of the gate's decision."""

    run_id: str
    started_at: datetime
    verdict: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class Content:
    """What a full scan saw: the file's run, and per table its rows and a fingerprint over all cells."""

    identity: Identity
    tables: dict[str, tuple[int, int]]


def scan(path: Path) -> Content:
    """Open ``path`` read-only and read every cell of every table, or raise ``UnverifiedError``."""
    with opened(path) as file:
        _check_tables(file)
        statement = file.execute(_READ_ALL).fetchall()[0][0]
        seen = file.execute(statement).fetchall()
        return Content(_own_run(file), {name: (int(rows), int(hashed)) for name, rows, hashed in seen})


def look(path: Path) -> Identity:
    """Return the run that built ``path`` if it opens and has a release's tables, without reading them."""
    with opened(path) as file:
        _check_tables(file)
        return _own_run(file)


def identity(path: Path) -> Identity | None:
    """Return the run that built ``path``, None without such a file; or raise ``UnverifiedError``."""
    if not path.is_file():
        return None
    with opened(path) as file:
        return _own_run(file)


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open ``path`` read-only; what DuckDB cannot read becomes an ``UnverifiedError``."""
    if not path.is_file():
        raise UnverifiedError("the file does not exist")
    try:
        with duckdb.connect(str(path), read_only=True) as file:
            yield file
    except duckdb.Error as problem:
        raise UnverifiedError(f"it cannot be read: {first_line(problem)}") from None


def first_line(problem: Exception) -> str:
    """Return what happened, without the statement DuckDB repeats below it."""
    return str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__


def _check_tables(file: duckdb.DuckDBPyConnection) -> None:
    views = file.execute(
        "select schema_name || '.' || view_name from duckdb_views() where not internal order by all limit 3"
    ).fetchall()
    if views:
        names = ", ".join(name for (name,) in views)
        raise UnverifiedError(f"it holds views ({names}), a release holds tables only")
    tables = file.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where not internal"
    ).fetchall()
    missing = REQUIRED - {name for (name,) in tables}
    if missing:
        raise UnverifiedError(f"it lacks {', '.join(sorted(missing))}")


def _own_run(file: duckdb.DuckDBPyConnection) -> Identity:
    rows = file.execute(_OWN_RUN).fetchall()
    if len(rows) != 1 or rows[0][2] is None:
        raise UnverifiedError("it does not say which run built it (staging.stg_run, health.runs)")
    run_id, started_at, _, verdict, published_at = rows[0]
    return Identity(run_id, at(started_at), verdict, None if published_at is None else at(published_at))


def at(microseconds: int) -> datetime:
    """Return the instant that is so many microseconds after 1970, in UTC."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC)
