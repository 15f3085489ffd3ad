"""What happens at the end of a run: notice, tell, and give a sign of life. None of it can fail the run."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import structlog

from alerts import digest, heartbeat, incidents, ledger, messages, outbox
from alerts.channels import DIRECT, Recipients
from alerts.incidents import Change
from core import clock
from core.errors import UserError
from core.settings import Settings


def after_run(settings: Settings) -> None:
    """Notice and tell what the run that just reported found, and give the sign of life."""
    _safely(settings, settings.release, is_run=True)


def after_health(settings: Settings) -> None:
    """Notice and tell what ``make health`` found in its copy of the release: also that no run has been."""
    _safely(settings, settings.health_check, is_run=False)


def notice(settings: Settings, recipients: Recipients, judged: Path, *, is_run: bool) -> None:
    """Write what changed in ``judged`` (a release) and the messages of it into the ledger; send what is due.

    Raises ``UserError`` where the ledger cannot be opened.
    """
    now, reported = clock.now(), _reported(settings)
    run_id = str(reported.get("runId") or "")
    if is_run:
        heartbeat.beat(settings, run_id, bool(reported.get("published")), now, recipients.heartbeat)
    if not recipients.channels:
        return
    with ledger.opened(settings, now) as file:
        if judged.exists():
            changed = incidents.changes(file, settings, judged)
            with ledger.transaction(file):
                _tell(file, changed, recipients, run_id, now)
        outbox.deliver(file, recipients, now)


def _tell(
    file: duckdb.DuckDBPyConnection, found: list[Change], recipients: Recipients, run_id: str, now: datetime
) -> None:
    for message in messages.direct(found):
        message_id = outbox.put(file, message, recipients, now)
        for change in message.changes:
            incidents.record(file, change, message_id, run_id, now)
    for change in found:
        if change.severity not in DIRECT:
            incidents.record(file, change, None, run_id, now)
    if (quiet := digest.due(file)) is not None:
        digest.told(file, outbox.put(file, quiet, recipients, now))


def _reported(settings: Settings) -> dict[str, Any]:
    try:
        found = json.loads((settings.site / "health.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _safely(settings: Settings, judged: Path, *, is_run: bool) -> None:
    """Alerts are about the run and never part of its outcome: what fails here is logged, and said."""
    try:
        notice(settings, Recipients.configured(), judged, is_run=is_run)
    except UserError as problem:
        print(f"wholeday: no alert was sent: {problem}", file=sys.stderr)
    except Exception as defect:
        structlog.get_logger().exception("alerts")
        kind = type(defect).__name__
        print(f"wholeday: no alert was sent, because of a defect ({kind}); see the log", file=sys.stderr)
