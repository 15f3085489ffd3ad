"""Whose data is judged: the candidate itself says it."""

from datetime import datetime

import duckdb

from expectations.outcome import Run
from wholeday.errors import UserError
from wholeday.settings import Settings


def candidates_run(settings: Settings) -> Run:
    """Return the run the candidate is of; raise ``UserError`` if a file is missing or cannot be read."""
    for file, what, command in (
        (settings.landing, "nothing was collected yet", "make collect"),
        (settings.candidate, "there is no candidate to judge", "make build"),
    ):
        if not file.exists():
            raise UserError(
                f"nothing was validated: {what} ({file} does not exist), so no figure changes;"
                f" run `{command}`, or `make run` for the whole way"
            )
    try:
        with duckdb.connect(str(settings.candidate), read_only=True) as candidate:
            candidate.execute("set timezone = 'UTC'")
            row = candidate.execute("select run_id, as_of::varchar, api from staging.stg_run").fetchone()
    except duckdb.Error as problem:
        reason = str(problem).splitlines()[0]
        raise UserError(
            f"nothing was validated, so no figure changes: {settings.candidate} cannot be read ({reason});"
            " run `make build`"
        ) from problem
    if row is None:
        raise UserError(
            f"nothing was validated, so no figure changes: {settings.candidate} does not say which run it is"
            " of; run `make build`"
        )
    return Run(row[0], datetime.fromisoformat(row[1]), row[2])
