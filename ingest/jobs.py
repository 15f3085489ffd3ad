"""What the collection of an account gets, shares with others, and gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from ingest.answers import Source
from ingest.caller import Caller
from ingest.errors import Failure
from ingest.ledger import Latest, Named
from ingest.planner import Window
from wholeday.runs import Run


class Sink(Protocol):
    """Where the rows go; waits while too many are on their way."""

    async def put(self, table: str, rows: pa.RecordBatch | list[dict[str, Any]]) -> None:
        """Hand over rows for ``table``."""


@dataclass(frozen=True)
class AccountJob:
    """One account and the windows of it that are asked for, the most urgent first."""

    platform: str
    account_id: str
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class WindowResult:
    """How the collection of one window ended: ``stored`` and ``sighted`` count its account-days."""

    window: Window
    failure: Failure | None = None
    answer: str | None = None
    stored: int = 0
    sighted: int = 0


@dataclass(frozen=True)
class Collector:
    """What the accounts of one platform share."""

    run: Run
    caller: Caller
    source: Source
    sink: Sink
    named: Named
    latest: Latest
    advance: Callable[[WindowResult], None]
