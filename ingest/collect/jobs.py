"""What the collection of an account gets, shares with others, and gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import pyarrow as pa

from core.runs import Run
from ingest.client.caller import Caller, Effort
from ingest.client.errors import AnswerError, Failure
from ingest.collect.edges import Edges
from ingest.collect.planner import Window
from ingest.collect.restatement import Restatement
from ingest.ledger.past import Latest, Named
from ingest.platform_api import Source

# Rows of one table of the ledger.
Landed = tuple[str, pa.RecordBatch | list[dict[str, Any]]]


class Sink(Protocol):
    """Where the rows go; waits while too many are on their way."""

    async def put(self, *rows: Landed) -> None:
        """Hand over rows, all of them or none."""


@dataclass(frozen=True)
class PutOff:
    """A window that failed for a reason that passes: why, and what it has cost so far."""

    window: Window
    problem: AnswerError
    effort: Effort
    started_at: datetime


@dataclass(frozen=True)
class AccountJob:
    """One account and the windows of it that are asked for, the most urgent first.

    ``earlier`` is what became of those that were asked for before in this run.
    """

    platform: str
    account_id: str
    windows: tuple[Window, ...]
    earlier: tuple[PutOff, ...] = ()

    @classmethod
    def again(cls, put_off: list[PutOff]) -> "AccountJob":
        """Return the job that asks once more for the windows of one account."""
        windows = tuple(one.window for one in put_off)
        registration = windows[0].registration
        return cls(registration.platform, registration.account_id, windows, tuple(put_off))


@dataclass(frozen=True)
class WindowResult:
    """How the collection of one window ended: ``stored`` and ``sighted`` count its account-days.

    ``note`` is what a person should know of its account, though it was collected. ``kept_from`` is the first
    day that the platform keeps, where the window's days are older.
    """

    window: Window
    failure: Failure | None = None
    answer: str | None = None
    stored: int = 0
    sighted: int = 0
    note: str = ""
    kept_from: date | None = None


@dataclass
class Outcome:
    """What became of an account's windows: how they ended, and which are to be asked for once more."""

    results: list[WindowResult] = field(default_factory=list)
    put_off: list[PutOff] = field(default_factory=list)


@dataclass(frozen=True)
class Collector:
    """What the accounts of one platform share; ``actions_asked`` are those whose actions were asked for."""

    run: Run
    caller: Caller
    source: Source
    sink: Sink
    named: Named
    latest: Latest
    advance: Callable[[WindowResult], None]
    results: list[WindowResult]
    edges: Edges = field(default_factory=Edges)
    restatement: Restatement | None = None
    actions_asked: set[str] = field(default_factory=set)
