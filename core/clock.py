"""The one clock of the project: ``WHOLEDAY_NOW`` replaces it everywhere."""

import os
from datetime import UTC, datetime

from core.errors import UserError


def instant(text: str, name: str) -> datetime:
    """Parse an ISO 8601 instant with offset into UTC; ``name`` is the setting it came from."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise UserError(
            f"{name}={text!r} is not an ISO 8601 instant with an offset, such as 2026-11-24T06:00:00+00:00"
        )
    return parsed.astimezone(UTC)


def now() -> datetime:
    """Return the current instant in UTC, or the one that ``WHOLEDAY_NOW`` names."""
    override = os.environ.get("WHOLEDAY_NOW", "")
    return instant(override, "WHOLEDAY_NOW") if override else datetime.now(UTC)
