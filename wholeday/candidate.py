"""The folder a build starts from: empty, or the last release where that saves typing old versions again."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from core.settings import Settings
from core.versions import fingerprint, versions
from publish.shown.statements import TABLES


def prepare(settings: Settings, as_of: datetime, kept: frozenset[str], *, full: bool) -> None:
    """Empty the candidate's folder, then start from the last release's tables ``kept`` if that is sound.

    Sound means: built by the same models from the same ledger, and not later than ``as_of``. The tables
    ``kept`` (as ``schema.name``) are only appended to, and so is the history of what was shown; everything
    else is made anew.
    """
    shutil.rmtree(settings.candidate_folder, ignore_errors=True)
    settings.candidate_folder.mkdir(parents=True)
    if full or not settings.release.exists() or not _continues(settings, as_of):
        return
    shutil.copyfile(settings.release, settings.candidate)
    _drop_tables(settings.candidate, lambda name: name not in kept | TABLES)


def copy_release(settings: Settings, target: Path) -> bool:
    """Copy the last release to ``target``, without what other models than these would not understand.

    Models that only append add to what they find; where others built it, only staging is left to build from.
    Returns whether these models built it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings.release, target)
    with duckdb.connect(str(target), read_only=True) as release:
        found = release.execute("select fingerprint from staging.stg_run").fetchone()
    # Compared without the ledger, which a run may be writing to.
    is_own = found is not None and versions().items() <= json.loads(found[0]).items()
    if not is_own:
        _drop_tables(target, lambda name: not name.startswith("staging."))
    return is_own


def _drop_tables(file: Path, unwanted: Callable[[str], bool]) -> None:
    """Drop all tables of ``file`` whose name, as ``schema.name``, is ``unwanted``."""
    with duckdb.connect(str(file)) as db:
        tables = db.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            if unwanted(f"{schema}.{table}"):
                db.execute(f'drop table "{schema}"."{table}"')
        db.execute("checkpoint")


def _continues(settings: Settings, as_of: datetime) -> bool:
    try:
        with duckdb.connect(str(settings.release), read_only=True) as release:
            found = release.execute("select fingerprint, as_of from staging.stg_run").fetchone()
    except duckdb.Error:
        return False
    return found is not None and found[0] == fingerprint(settings) and found[1] <= as_of
