"""The history goes into the file that is about to be published, with what this publication changes."""

import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from core.runs import open_ledger
from core.settings import Settings
from publish.shown.statements import HISTORIES, PUBLICATIONS, execute, has_table, quoted

Kind = Literal["published", "rollback", "adopted"]


@dataclass(frozen=True)
class Publication:
    """What is about to be shown: the release of ``run_id``, from ``at`` on."""

    run_id: str
    at: datetime
    kind: Kind = "published"


def write(settings: Settings, file: Path, publication: Publication) -> None:
    """Write into ``file``, which has no readers yet, what was shown before and what it changes now.

    The ledger must know what readers have (``ledger.keep``). One transaction, and no log beside the file.
    Raises ``duckdb.Error``.
    """
    open_ledger(settings)
    with duckdb.connect(":memory:") as db:
        db.execute("set timezone = 'UTC'")
        db.execute(f"attach '{quoted(file)}' as ads (recovery_mode no_wal_writes)")
        db.execute(f"attach '{quoted(settings.landing)}' as landing (read_only)")
        db.execute("use ads")
        db.execute("begin")
        _begin(db, publication)
        if not _continues(db):
            execute(db, PUBLICATIONS)
            for one in HISTORIES:
                execute(db, one.rebuilt_by, one)
        for one in HISTORIES:
            execute(db, one.extended_by, one)
        execute(db, "published")
        db.execute("commit")
        db.execute("checkpoint ads")


def amend(settings: Settings, prepared: Path, publication: Publication) -> None:
    """Write into ``prepared``, a read-only copy of a release, and bring it to the disk again."""
    mode = prepared.stat().st_mode
    prepared.chmod(mode | stat.S_IWUSR)
    write(settings, prepared, publication)
    prepared.chmod(mode)
    with prepared.open("rb") as handle:
        os.fsync(handle.fileno())


def _begin(db: duckdb.DuckDBPyConnection, publication: Publication) -> None:
    newest = db.execute("select coalesce(max(publication), 0) + 1 from landing.journal.publications")
    number = newest.fetchall()[0][0]
    for name, value in (
        ("publication", number),
        ("run_id", publication.run_id),
        ("published_at", publication.at),
        ("kind", publication.kind),
    ):
        db.execute(f"set variable {name} = ?", [value])


def _continues(db: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file has the history as the ledger has it, taken over from the last release."""
    if not all(
        has_table(db, "ads", "marts", name) for name in (PUBLICATIONS, *(h.history for h in HISTORIES))
    ):
        return False
    newest = "select max((publication, run_id)) from {}"
    found, known = (
        db.execute(newest.format(table)).fetchall()
        for table in ("marts.publications", "landing.journal.publications")
    )
    return bool(found == known)
