"""The facts the gate decides on, gathered from dbt's artifacts, the candidate and the release."""

import duckdb

from core.runs import Run
from core.settings import Settings
from publish import build_results, loss, pin, verify
from publish.gate import Facts


def gather(settings: Settings, run: Run, *, accept_loss: bool = False) -> Facts:
    """Look at the build, the candidate and the release; nothing is written.

    Call ``wal.clear_stray`` first, or opening a file replays what lies beside it.
    """
    candidate_problem = _look_at_candidate(settings, run)
    published, whole_days = None, None
    try:
        release = verify.identity(settings.release)
        published = release.run_id if release else None
        if release and candidate_problem is None:
            whole_days = loss.count(
                settings.release, settings.candidate, settings.agency_read, run.started_at.date()
            )
    except (verify.UnverifiedError, duckdb.Error):
        # A release that cannot be read has no days to lose; replacing it is the cure.
        whole_days = None
    pinned = pin.read(settings)
    return Facts(
        run_id=run.run_id,
        build_problem=build_results.problem(settings),
        candidate_problem=candidate_problem,
        loss=whole_days,
        published=published,
        pinned=pinned.run_id if pinned else None,
        accept_loss=accept_loss,
    )


def _look_at_candidate(settings: Settings, run: Run) -> str | None:
    try:
        builder = verify.look(settings.candidate).run_id
    except verify.UnverifiedError as problem:
        return f"the candidate {settings.candidate} does not verify: {problem}"
    return None if builder == run.run_id else f"the candidate was built by run {builder}"
