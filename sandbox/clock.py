"""The sandbox's clock: the real one, or an instant that stands still."""

import time
from datetime import UTC, datetime


class Clock:
    """Where the sandbox stands in time; ``fixed`` is POSIX seconds, or None for the real clock."""

    def __init__(self, fixed: float | None = None) -> None:
        self.fixed = fixed

    def now(self) -> float:
        """Return POSIX seconds."""
        return time.time() if self.fixed is None else self.fixed

    def set(self, text: str | None) -> None:
        """Stand still at an ISO 8601 instant with offset, or follow the real clock again with None."""
        self.fixed = None if text is None else instant(text)

    def iso(self) -> str:
        """Return the instant as ISO 8601 in UTC."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat()


def instant(text: str) -> float:
    """Return POSIX seconds of an ISO 8601 instant with offset; raises ValueError for anything else."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} has no offset, such as 2026-11-24T06:00:00+00:00")
    return parsed.timestamp()
