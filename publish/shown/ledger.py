"""The ledger keeps what was shown: after the rename, or by the next command where a kill came between."""

import shutil
from pathlib import Path

import duckdb
import structlog

from core import clock
from core.errors import UserError
from core.runs import open_ledger
from core.settings import Settings
from publish import pin, places, verify
from publish.shown.release import Kind, Publication, write
from publish.shown.statements import HISTORIES, PUBLICATIONS, Shown, execute, has_table, quoted

_KNOWN = """
insert into journal.publications by name
select publication, run_id, shown_from as published_at, kind
from release.marts.publications
where publication > (select coalesce(max(known.publication), 0) from journal.publications as known)
"""


def keep(settings: Settings) -> list[str]:
    """Let the ledger know what readers have; return a sentence where that failed. Needs the lock.

    Safe to repeat: a publication has a number, and enters whole or not at all. Where the published file does
    not say what it changed, that is found out now: its history begins with what is shown.
    """
    if not settings.landing.is_file():
        return []
    try:
        release = verify.identity(settings.release)
    except verify.UnverifiedError:
        return []  # what cannot be read shows nothing
    try:
        if release is not None:
            open_ledger(settings)
            known = _append(settings, settings.release)
            if not known or known[-1] != release.run_id:
                _repeat(settings, release, known)
    except (duckdb.Error, OSError, UserError) as problem:
        structlog.get_logger().warning("history not kept", problem=str(problem))
        return [
            f"what is shown is not in the ledger yet, because {settings.landing} cannot be written"
            f" ({verify.first_line(problem)}); the next run makes up for it"
        ]
    return []


def _append(settings: Settings, file: Path) -> list[str]:
    """Append the publications that ``file`` knows and the ledger does not; return the run of each known."""
    with duckdb.connect(str(settings.landing)) as ledger:
        ledger.execute("set timezone = 'UTC'")
        ledger.execute(f"attach '{quoted(file)}' as release (read_only)")
        if has_table(ledger, "release", "marts", PUBLICATIONS) and _is_behind(ledger):
            ledger.execute("begin")
            for one in HISTORIES:
                _widen(ledger, one)
                execute(ledger, "keep", one)
            ledger.execute(_KNOWN)
            ledger.execute("commit")
        runs = ledger.execute("select run_id from journal.publications order by publication").fetchall()
        return [run_id for (run_id,) in runs]


def _is_behind(ledger: duckdb.DuckDBPyConnection) -> bool:
    known, shown = (
        ledger.execute(f"select coalesce(max(publication), 0) from {table}").fetchall()[0][0]  # noqa: S608 - two constants
        for table in ("journal.publications", "release.marts.publications")
    )
    return bool(shown > known)


def _repeat(settings: Settings, release: verify.Identity, known: list[str]) -> None:
    """Find out in a copy of the published file what it changed."""
    pinned = pin.read(settings)
    kind: Kind = "published" if known else "adopted"
    at = release.published_at or release.started_at
    if release.run_id in known:
        kind, at = "rollback", (pinned.since if pinned else None) or clock.now()
    copy = places.shown_again(settings)
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(settings.release, copy)
    write(settings, copy, Publication(release.run_id, at, kind))
    _append(settings, copy)
    shutil.rmtree(copy.parent)


def _widen(ledger: duckdb.DuckDBPyConnection, shown: Shown) -> None:
    """Add the columns that the ledger does not have yet: its rows until now are NULL there."""
    columns = ledger.execute(
        "select column_name, data_type from duckdb_columns()"
        " where database_name = 'release' and schema_name = 'marts' and table_name = ?"
        " and column_name not in (select column_name from duckdb_columns()"
        "     where database_name = 'landing' and schema_name = 'journal' and table_name = ?)"
        " order by column_index",
        [shown.history, shown.ledger],
    ).fetchall()
    for name, kind in columns:
        if name not in shown.derived.split(", "):
            ledger.execute(f'alter table journal.{shown.ledger} add column "{name}" {kind}')
