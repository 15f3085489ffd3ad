"""The step ``publish``: the gate decides, and the candidate becomes the release or is put aside."""

import json
import shutil
from dataclasses import replace

import duckdb
import structlog

from core import clock, judging
from core.errors import UserError
from core.runs import Run
from core.settings import Settings
from publish import evidence, files, gate, ledger, places, releases, verify, wal
from publish.gate import Verdict
from publish.seal import seal, stamp
from publish.shown import ledger as shown
from publish.swap import SwapError, swap


def publish(settings: Settings, run: Run, *, accept_loss: bool = False) -> Verdict:
    """Judge the candidate of ``run`` and swap it in, or say why not. Needs the warehouse lock.

    Whatever happens, readers have a whole release: the one before or this one. The verdict is in the ledger
    when this returns. A candidate that Great Expectations has not judged is judged now; it is refused where
    that fails, and never for what is found. ``accept_loss``: a person has looked at the lost days and means
    it. Raises ``UserError`` where ``run`` was published before and this candidate of it is not: that verdict
    stands.
    """
    told = wal.clear_stray(settings)
    facts = evidence.gather(settings, run, accept_loss=accept_loss)
    verdict = gate.decide(facts, clock.now())
    if verdict.verdict == "published":
        try:
            _require_judgement(settings, run)
            seal(settings, run.run_id, verdict.decided_at)
            judging.follow(settings)
            told += swap(settings, settings.candidate, run.run_id)
            told += shown.keep(settings)
        except SwapError as problem:
            verdict = gate.refuse(facts, str(problem), problem.remedy, clock.now())
    if verdict.verdict != "published":
        _leave_published(settings, verdict)
    if verdict.verdict == "refused":
        told += _keep_refused(settings, verdict)
    unrecorded = ledger.record(settings, run.run_id, verdict.verdict, verdict.decided_at, verdict.reason)
    if unrecorded:
        told.append(unrecorded)
    if verdict.verdict == "published":
        told += releases.prune(settings, run.run_id)
    log = structlog.get_logger()
    for note in told:
        log.warning("publish", note=note)
    log.info("verdict", verdict=verdict.verdict, reason=verdict.reason)
    return replace(verdict, notes=tuple(told))


def _require_judgement(settings: Settings, run: Run) -> None:
    """Let Great Expectations judge the candidate if it has not; raise ``SwapError`` if it cannot."""
    if judging.problem(settings, run.run_id) is None:
        return
    stopped = judging.again(settings, "candidate")
    # A judge that dies after its verdict has judged.
    if unjudged := judging.problem(settings, run.run_id):
        try:
            verify.scan(settings.candidate)
        except verify.UnverifiedError as problem:
            raise SwapError(f"the candidate {settings.candidate} does not verify: {problem}") from None
        raise SwapError(
            f"{unjudged}, and judging it once more failed ({stopped or 'no verdict was written'})",
            "`make publish` judges it again; warehouse/logs/workers.log says what stopped it",
        )


def _leave_published(settings: Settings, verdict: Verdict) -> None:
    before = ledger.read(settings).verdicts.get(verdict.run_id)
    if before is not None and before.verdict == "published":
        raise UserError(
            f"run {verdict.run_id} was published, and that verdict stays; of what is built of it now:"
            f" {verdict.reason}"
        )


def _keep_refused(settings: Settings, verdict: Verdict) -> list[str]:
    """Keep the refused candidate for a look, with the reason next to it; tell what stood in the way.

    The candidate itself stays where it is, so that it can be judged again.
    """
    refused = places.refused(settings)
    try:
        refused.parent.mkdir(parents=True, exist_ok=True)
        refused.unlink(missing_ok=True)
        why = {
            "run_id": verdict.run_id,
            "decided_at": verdict.decided_at.isoformat(),
            "reason": verdict.reason,
        }
        files.write_text(refused.parent / "reason.json", json.dumps(why, indent=2) + "\n")
        if settings.candidate.is_file():
            shutil.copyfile(settings.candidate, files.temporary(refused))
            files.temporary(refused).replace(refused)
            stamp(refused, verdict.run_id, verdict.verdict, verdict.decided_at)
    except OSError as problem:
        files.temporary(refused).unlink(missing_ok=True)
        return [f"the refused candidate could not be kept for a look ({problem.strerror})"]
    except duckdb.Error as problem:
        return [f"the refused candidate is kept as it was built ({verify.first_line(problem)})"]
    return []
