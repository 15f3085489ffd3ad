"""The statements of this room, for each mart whose history is kept."""

from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

import duckdb

_FOLDER = Path(__file__).with_name("sql")


@dataclass(frozen=True)
class Shown:
    """A mart whose history is kept: as ``history`` in the release, as ``ledger`` in the journal.

    ``figures`` are its columns, without those that say where a figure comes from. A row without figures still
    has its ``identity``. ``reason`` is SQL that says why a row of ``before`` is a gap. ``derived`` are those
    that follow from its publication. ``rebuilt_by`` names the statements that make the table from the ledger,
    ``extended_by`` those that add what the file changes.
    """

    mart: str
    history: str
    ledger: str
    keys: str
    as_of: str = ""
    identity: str = ""
    figures: str = "*"
    reason: str = "null"
    derived: str = "run_id, shown_from, shown_until"
    rebuilt_by: str = "rebuild"
    extended_by: str = "changed"


DAYS = Shown(
    mart="daily_kpi",
    history="kpi_history",
    ledger="figures",
    as_of="daily_kpi_as_of",
    keys="client_id, platform, date",
    identity="client_id, platform, date, currency",
    figures="* exclude (quality_score, data_source, collected_at, confirmed_at, run_id)",
    reason=(
        "(select string_agg(distinct coalesce(day.reason, day.status), '; ') from health.account_days as day"
        " where day.status <> 'whole' and day.client_id = before.client_id"
        " and day.platform = before.platform and day.date = before.date)"
    ),
)
MONTHS = Shown(
    mart="monthly_kpi",
    history="monthly_history",
    ledger="monthly_figures",
    as_of="monthly_kpi_as_of",
    keys="client_id, platform, currency, month",
    identity="client_id, platform, currency, month",
)
REVISIONS = Shown(
    mart="monthly_kpi",
    history="monthly_closed",
    ledger="closed",
    keys="client_id, platform, currency, month",
    derived="run_id, closed_at, is_current",
    rebuilt_by="revisions",
    extended_by="close",
)
HISTORIES = (DAYS, MONTHS, REVISIONS)
PUBLICATIONS = "publications"
# Tables of a release that a build takes over from the last one: what was shown stays what it was.
TABLES = frozenset(f"marts.{name}" for name in (*(one.history for one in HISTORIES), PUBLICATIONS))


def execute(db: duckdb.DuckDBPyConnection, name: str, shown: Shown | None = None) -> None:
    """Execute the statements of ``sql/<name>.sql``, for ``shown`` where they are about one mart."""
    text = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    db.execute(Template(text).substitute(asdict(shown)) if shown else text)


def has_table(db: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> bool:
    """Say whether the attached ``database`` has the table."""
    query = "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?"
    return db.execute(query, [database, schema, table]).fetchone() is not None


def quoted(path: Path) -> str:
    """Return ``path`` as it stands between quotes in SQL."""
    return str(path).replace("'", "''")
