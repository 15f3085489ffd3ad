"""What readers had after each publication, noted at once, and compared with the history at the end."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

_FIGURES = "* exclude (quality_score, data_source, collected_at, confirmed_at, run_id)"
_MARTS = {"daily_kpi": _FIGURES, "monthly_kpi": "*"}
_AS_OF = """
with noted as (select * exclude (noted_at) from notes.{mart} where noted_at = $noted_at),
told as (from marts.{mart}_as_of($asked_at))

select count(*) from (
    (from noted except all from told)
    union all
    (from told except all from noted)
)
"""
_CHANGED = """
select count(*)
from marts.kpi_history
where
    gap_reason is null and shown_until is not null
    and shown_from <= $asked_at and shown_until > $asked_at
"""
_GAPS = """
select count(*)
from marts.kpi_history
where
    gap_reason is not null
    and shown_from <= $asked_at and (shown_until is null or shown_until > $asked_at)
"""


@dataclass(frozen=True)
class Noted:
    """One publication: when it began, and whether a rollback made it."""

    at: datetime
    run_id: str
    is_rollback: bool


@dataclass(frozen=True)
class Compared:
    """One moment: rows of both marts, those that differ, rows that changed later, days taken back."""

    rows: int
    wrong: int
    changed_later: int
    gaps: int


class Notes:
    """A file beside the warehouse, which wholeday knows nothing of."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.publications: list[Noted] = []

    def take(self, release: Path, at: datetime, *, is_rollback: bool) -> None:
        """Note what readers have from ``at`` on."""
        with duckdb.connect(str(self._file)) as notes:
            notes.execute("set timezone = 'UTC'")
            notes.execute(f"attach '{release}' as release (read_only)")
            for mart, figures in _MARTS.items():
                now = f"select {figures}, ?::timestamptz as noted_at from release.marts.{mart}"  # noqa: S608 - names of this file
                if self.publications:
                    notes.execute(f"insert into {mart} by name {now}", [at])
                else:
                    notes.execute(f"create table {mart} as {now}", [at])
            run_id = notes.execute("select run_id from release.staging.stg_run").fetchall()[0][0]
        self.publications.append(Noted(at, run_id, is_rollback))

    def compare(self, release: Path, noted: Noted, asked_at: datetime) -> Compared:
        """Ask ``release`` for what was shown at ``asked_at``, and compare it with what was ``noted``."""
        with duckdb.connect(str(release), read_only=True) as file:
            file.execute("set timezone = 'UTC'")
            file.execute(f"attach '{self._file}' as notes (read_only)")
            rows, wrong = 0, 0
            for mart in _MARTS:
                count = f"select count(*) from notes.{mart} where noted_at = ?"  # noqa: S608 - constants
                rows += file.execute(count, [noted.at]).fetchall()[0][0]
                question = _AS_OF.format(mart=mart)
                asked = {"noted_at": noted.at, "asked_at": asked_at}
                wrong += file.execute(question, asked).fetchall()[0][0]
            changed, gaps = (
                file.execute(question, {"asked_at": asked_at}).fetchall()[0][0]
                for question in (_CHANGED, _GAPS)
            )
        return Compared(rows, wrong, changed, gaps)

    def rows_of(self, landing: Path) -> int:
        """Return how many rows the history has in the ledger."""
        with duckdb.connect(str(landing), read_only=True) as ledger:
            tables = ("figures", "monthly_figures", "publications")
            counts = [
                ledger.execute(f"select count(*) from journal.{table}").fetchall()[0][0]  # noqa: S608 - constants
                for table in tables
            ]
        return sum(counts)
