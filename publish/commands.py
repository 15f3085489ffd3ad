"""The commands that look at what is there: ``make report`` and ``make health``."""

import sys
from pathlib import Path

from publish import health, ledger, reading, summary
from publish.report import report
from publish.verify import UnverifiedError
from wholeday import clock
from wholeday.errors import UserError
from wholeday.runs import Run
from wholeday.settings import Settings


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
