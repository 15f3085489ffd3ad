"""Sealing a candidate: the gate's decision, and what it changes for readers, go in; then all is read."""

from datetime import datetime
from pathlib import Path

import duckdb

from core.settings import Settings
from publish import verify
from publish.shown import ledger, release
from publish.shown.release import Publication
from publish.swap import SwapError


def seal(settings: Settings, run_id: str, at: datetime) -> None:
    """Stamp the candidate as published, checkpoint, close, reopen read-only and scan every table.

    It takes the history of what was shown with it, and what it changes. Raises ``SwapError`` when any of
    that fails: a file that cannot be read from end to end is no release.
    """
    try:
        stamp(settings.candidate, run_id, "published", at)
        # A ledger that cannot be written costs no release: the next run finds out what this one changed.
        if not ledger.keep(settings):
            release.write(settings, settings.candidate, Publication(run_id, at))
        verify.scan(settings.candidate)
    except duckdb.Error as problem:
        raise SwapError(
            f"the candidate {settings.candidate} cannot be written ({verify.first_line(problem)})"
        ) from None
    except verify.UnverifiedError as problem:
        raise SwapError(f"the candidate {settings.candidate} does not verify: {problem}") from None


def stamp(path: Path, run_id: str, verdict: str, at: datetime) -> None:
    """Write the decision into the row of ``run_id`` in a file without readers yet; leave no log beside it."""
    with duckdb.connect(str(path)) as file:
        file.execute("set timezone = 'UTC'")
        file.execute(
            "update health.runs set verdict = ?, published_at = ? where run_id = ?",
            [verdict, at, run_id],
        )
        file.execute("checkpoint")
