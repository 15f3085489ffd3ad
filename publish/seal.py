"""Sealing a candidate: the gate's decision goes into its row, and the closed file is read from end to end."""

from datetime import datetime
from pathlib import Path

import duckdb

from core.settings import Settings
from publish import verify
from publish.swap import SwapError


def seal(settings: Settings, run_id: str, at: datetime) -> None:
    """Stamp the candidate as published, checkpoint, close, reopen read-only and scan every table.

    Raises ``SwapError`` when any of that fails: a file that cannot be read from end to end is no release.
    """
    try:
        stamp(settings.candidate, run_id, "published", at)
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
