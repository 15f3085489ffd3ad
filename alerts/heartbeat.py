"""The sign of life: a file, and a call to a service that raises the alarm when it stays away."""

import json
import urllib.request
from datetime import datetime
from pathlib import Path

import structlog

from core.settings import Settings

_TIMEOUT_SECONDS = 5


def path(settings: Settings) -> Path:
    """Return where the file is."""
    return settings.warehouse / "heartbeat.json"


def beat(settings: Settings, run_id: str, published: bool, at: datetime, url: str) -> None:
    """Say that a run came to its end; the call is made only for one that was published.

    ``url`` is http or https, as ``Recipients`` checks. An error is only logged.
    """
    told = {"runId": run_id, "at": at.isoformat(), "published": published}
    file = path(settings)
    file.with_suffix(".tmp").write_text(json.dumps(told) + "\n")
    file.with_suffix(".tmp").replace(file)
    if not url or not published:
        return
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS):  # noqa: S310 - checked to be http(s)
            pass
    except (OSError, ValueError) as problem:
        structlog.get_logger().warning("heartbeat not delivered", problem=type(problem).__name__)
