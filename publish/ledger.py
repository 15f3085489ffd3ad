"""What the ledger remembers of runs and verdicts, as far as this room reads and writes it."""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import structlog

from core import runs
from core.errors import UserError
from core.settings import Settings
from publish.gate import Decision, Verdict
from publish.verify import at, first_line


@dataclass(frozen=True)
class Journal:
    """The runs the ledger knows and the last verdict of each that has one; both empty without a ledger."""

    runs: frozenset[str]
    verdicts: dict[str, Verdict]

    def undecided(self, run_id: str) -> bool:
        """Whether the run began and the gate's decision on it was never recorded."""
        return run_id in self.runs and run_id not in self.verdicts


def read(settings: Settings) -> Journal:
    """Read the journal; a ledger that is missing, or has none yet, knows nothing. Raises ``UserError``."""
    if not settings.landing.is_file():
        return Journal(frozenset(), {})
    try:
        with duckdb.connect(str(settings.landing), read_only=True) as file:
            known = file.execute("select run_id from journal.runs").fetchall()
            decided = file.execute(
                "select run_id, verdict, coalesce(reason, ''), epoch_us(decided_at) from journal.verdicts"
                " order by decided_at, rowid"
            ).fetchall()
    except duckdb.CatalogException:
        return Journal(frozenset(), {})
    except duckdb.Error as problem:
        raise UserError(
            f"{settings.landing} cannot be read ({first_line(problem)}):"
            " close the program that has it open, or restore the file"
        ) from None
    return Journal(
        frozenset(run_id for (run_id,) in known),
        {run_id: Verdict(run_id, verdict, reason, at(when)) for run_id, verdict, reason, when in decided},
    )


def record(
    settings: Settings, run_id: str, verdict: Decision, decided_at: datetime, reason: str
) -> str | None:
    """Append a verdict; return a sentence where that failed, since readers already have what was decided.

    A published release whose verdict is missing is recorded by ``reconcile`` at the start of the next run.
    """
    if not settings.landing.is_file():
        return (
            f"the verdict on run {run_id} ({verdict}) is in no ledger, because {settings.landing} is missing"
        )
    try:
        runs.record_verdict(settings, run_id, verdict, decided_at, reason)
    except duckdb.Error as problem:
        structlog.get_logger().warning(
            "verdict not recorded", decided=verdict, of_run=run_id, problem=str(problem)
        )
        return (
            f"the verdict on run {run_id} ({verdict}) is not in the ledger yet, because {settings.landing}"
            f" cannot be written ({first_line(problem)}); the next run makes up for it"
        )
    return None
