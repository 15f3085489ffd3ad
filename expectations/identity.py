"""Whose data is judged: the file itself says it."""

from datetime import datetime
from pathlib import Path

import duckdb

from core.errors import UserError
from core.judging import File
from core.settings import Settings
from expectations.outcome import Run

_COMMANDS: dict[File, str] = {"candidate": "make build", "release": "make rollback"}

# An expectation may follow from a check or a rule, or from any of them: "checks", "findings".
_TOLD = """
select distinct unnest([name, 'checks']) from health.checks where status <> 'pass'
union
select distinct unnest([rule, 'findings']) from health.findings
where mode = 'live' and not coalesce(waived, false)
"""


def path(settings: Settings, name: File) -> Path:
    """Return where the file ``name`` is."""
    return settings.candidate if name == "candidate" else settings.release


def shown(settings: Settings) -> File:
    """Return the file that people are shown, or will be: the candidate, or the release after a rollback.

    A candidate that was published, and is the release no more, is of the past.
    """
    try:
        candidate, release = _read(settings.candidate), _read(settings.release)
        with duckdb.connect(str(settings.landing), read_only=True) as ledger:
            decided = ledger.execute(
                "select arg_max(verdict, decided_at) from journal.verdicts where run_id = ?",
                [candidate.run_id],
            ).fetchone()
    except (duckdb.Error, _UnknownRunError):
        return "candidate"
    was_published = decided is not None and decided[0] == "published"
    return "release" if was_published and release.run_id != candidate.run_id else "candidate"


def run_of(settings: Settings, name: File) -> Run:
    """Return the run the file ``name`` is of; raise ``UserError`` if a file is missing or cannot be read."""
    file, command = path(settings, name), _COMMANDS[name]
    for needed, what, remedy in (
        (settings.landing, "nothing was collected yet", "make collect"),
        (file, f"there is no {name} to judge", command),
    ):
        if not needed.exists():
            raise UserError(
                f"nothing was validated: {what} ({needed} does not exist), so no figure changes;"
                f" run `{remedy}`, or `make run` for the whole way"
            )
    try:
        return _read(file)
    except duckdb.Error as problem:
        reason = str(problem).splitlines()[0]
        raise UserError(
            f"nothing was validated, so no figure changes: {file} cannot be read ({reason}); run `{command}`"
        ) from problem
    except _UnknownRunError as problem:
        raise UserError(
            f"nothing was validated, so no figure changes: {file} does not say which run it is of;"
            f" run `{command}`"
        ) from problem


def told(file: Path) -> frozenset[str]:
    """Return what ``file`` itself says is wrong: checks that do not pass, and rules with open findings."""
    try:
        with duckdb.connect(str(file), read_only=True) as opened:
            return frozenset(name for (name,) in opened.execute(_TOLD).fetchall())
    except duckdb.Error:
        return frozenset()


class _UnknownRunError(Exception):
    """A file that names no run."""


def _read(file: Path) -> Run:
    with duckdb.connect(str(file), read_only=True) as opened:
        opened.execute("set timezone = 'UTC'")
        row = opened.execute("select run_id, as_of::varchar, api from staging.stg_run").fetchone()
    if row is None:
        raise _UnknownRunError
    return Run(row[0], datetime.fromisoformat(row[1]), row[2])
