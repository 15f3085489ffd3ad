"""The commands that go on from what is there: ``make publish``, ``make report`` and ``make health``."""

import sys
from pathlib import Path

from core import clock
from core.errors import UserError
from core.runs import Run
from core.settings import Settings
from publish import health, ledger, reading, summary, verify
from publish.publish import publish
from publish.report import report
from publish.swap import reconcile
from publish.verify import UnverifiedError


def publish_candidate(settings: Settings, run: Run, *, accept_loss: bool = False) -> int:
    """Let the gate decide on the candidate of ``run``; return 0 if it is published, else 1.

    Raises ``UserError`` where the candidate is another run's, such as one of ``make build AS_OF=…``: nothing
    is known of ``run`` then, so nothing is recorded.
    """
    told = reconcile(settings)
    try:
        built = verify.identity(settings.candidate)
    except UnverifiedError:
        built = None  # what cannot be read is refused
    if built is not None and built.run_id != run.run_id:
        raise UserError(
            f"nothing was decided, because the candidate was built by run {built.run_id}: what is known of"
            f" run {run.run_id} stays as it is; `make build` builds its candidate again"
        )
    verdict = publish(settings, run, accept_loss=accept_loss)
    for note in (*told, *verdict.notes):
        print(f"wholeday: {note}", file=sys.stderr)
    published = verdict.verdict == "published"
    print(f"wholeday: {verdict.reason}", file=sys.stdout if published else sys.stderr)
    return 0 if published else 1


def report_again(settings: Settings, run: Run) -> int:
    """Render the site of the run that was last decided on; return the exit status it had."""
    verdict = ledger.read(settings).verdicts.get(run.run_id)
    if verdict is None:
        raise UserError(
            f"run {run.run_id} has not come to a verdict yet, so there is nothing to report: make publish"
        )
    outcome = report(settings, run, verdict)
    if outcome.sentence:
        print(f"wholeday: {outcome.sentence}", file=sys.stderr)
    return outcome.exit_status


def check_health(settings: Settings, file: Path | None = None) -> int:
    """Write health.json from ``file`` (default: the published release) and print the checks.

    ``file`` is the release with everything that depends on the clock made anew. Returns 0 when healthy or
    in warning, 1 when critical.
    """
    try:
        picture = reading.read(file or settings.release)
    except UnverifiedError:
        picture = reading.NOTHING
    if picture.run is None:
        described = health.without_release(settings)
        print(f"wholeday: {described.reason}", file=sys.stderr)
    else:
        described = health.of_release(settings, picture.run.run_id, picture.run.started_at)
    checks = health.all_checks(settings, picture, described)
    found = health.document(picture, described, checks, clock.now())
    health.write(settings, found)
    summary.show_checks(checks, found["status"])
    return 1 if found["status"] == "critical" else 0
