"""What was asked, for tests that count requests."""

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.target import Target


@dataclass(frozen=True)
class Entry:
    """One request and how it was answered; ``status`` is 0 when the connection was cut."""

    method: str
    path: str
    platform: str
    account: str
    kind: str
    """The kinds of the target, joined by ``+``."""
    status: int
    fault: str
    """Names of the fault rules that struck, joined by commas."""


@dataclass
class RequestLog:
    """The latest requests, oldest first."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=100_000))

    def add(self, method: str, path: str, target: Target, status: int, faults: list[str]) -> None:
        """Remember one request."""
        self.entries.append(
            Entry(
                method,
                path,
                target.platform,
                target.account,
                "+".join(sorted(target.kinds)),
                status,
                ",".join(faults),
            )
        )

    def summary(self) -> dict[str, Any]:
        """Return the number of requests and each of them."""
        return {"count": len(self.entries), "requests": [asdict(entry) for entry in self.entries]}

    def clear(self) -> None:
        """Forget all requests."""
        self.entries.clear()
