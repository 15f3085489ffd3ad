"""From the plan to the ledger: every platform, its accounts side by side, one load at the end."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from itertools import groupby
from typing import Any

import pyarrow as pa
import structlog

from ingest import agency, backfill, ledger, planner
from ingest.account import collect_account
from ingest.breaker import Breaker
from ingest.caller import Caller
from ingest.http import http_session
from ingest.jobs import AccountJob, Collector, WindowResult
from ingest.landing import Buffer, Landing
from ingest.planner import BackfillRequest, Window
from ingest.progress import Progress
from ingest.source_spec import load_settings
from ingest.sources import SourceSettings
from ingest.summary import CollectionSummary, summarise
from wholeday import clock
from wholeday.runs import Run
from wholeday.settings import Settings

__all__ = ["BackfillRequest", "CollectionSummary", "collect"]

# So many batches may wait to be written before the accounts wait for the writer.
QUEUE = 64
# So many requests leave their cycles, and the pages in them, in memory before these are collected.
GC_EVERY_REQUESTS = 100

_log = structlog.get_logger()


def collect(
    settings: Settings, run: Run, *, request: BackfillRequest | None = None, progress: bool = False
) -> CollectionSummary:
    """Collect what is needed, or the days of ``request``, and land it in one load.

    Needs the warehouse lock and a begun run. Raises ``UserError`` before any request when the agency's files
    or the settings cannot be used; what a platform or an account fails is in the summary.
    """
    registered = agency.load(settings)
    if request is not None:
        backfill.check(request, registered)
    sources = load_settings(run.api)
    unconfigured = {name: source.missing for name, source in sources.items() if source.missing}
    reachable = {name: source for name, source in sources.items() if name not in unconfigured}
    landing = Landing.open(settings)
    wanted = [r for r in registered.registrations if r.platform in reachable]
    with ledger.reading(settings) as db:
        planner.put_calendar(db, wanted, reachable, clock.now())
        ledger.put_past(db)
        windows = planner.plan(db, wanted, request)
        latest, named = ledger.latest_versions(db), ledger.named(db)
    _log.info("planned", windows=len(windows), days=sum(window.days for window in windows))
    work = _Work(run, reachable, _jobs(windows), latest, named)
    with Progress(windows, shown=progress) as bar:
        work.advance = bar.advance
        landing.land(work.tables())
    return summarise(registered, unconfigured, work.results, sum(caller.sent for caller in work.callers))


def _jobs(windows: list[Window]) -> list[AccountJob]:
    """Return one job per account, the account with the most urgent window first."""
    order: dict[tuple[str, str], list[Window]] = {}
    for window in windows:
        order.setdefault((window.registration.platform, window.registration.account_id), []).append(window)
    return [AccountJob(*key, tuple(listed)) for key, listed in order.items()]


@dataclass
class _Work:
    """All accounts of all platforms, on one event loop that runs while dlt waits for the next table."""

    run: Run
    sources: dict[str, SourceSettings]
    jobs: list[AccountJob]
    latest: ledger.Latest
    named: ledger.Named
    advance: Any = None
    results: list[WindowResult] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    _collected_at: int = 0
    _queue: "asyncio.Queue[tuple[str, Any] | None]" = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield the tables of the ledger as they fill, and at the end what is left of each."""
        with _sparing_gc(), asyncio.Runner() as runner:
            batches = self._batches()
            while (table := runner.run(_next(batches))) is not None:
                yield table

    async def put(self, table: str, rows: Any) -> None:
        """Take rows from an account; waits while the writer is behind."""
        await self._queue.put((table, rows))

    def _collect_cycles(self) -> None:
        sent = sum(caller.sent for caller in self.callers)
        if sent >= self._collected_at + GC_EVERY_REQUESTS:
            self._collected_at = sent
            gc.collect()

    async def _batches(self) -> AsyncIterator[tuple[str, pa.Table]]:
        buffer = Buffer()
        everything = asyncio.create_task(self._collect())
        try:
            while (item := await self._queue.get()) is not None:
                table, rows = item
                if isinstance(rows, list):
                    buffer.add_rows(table, rows)
                else:
                    buffer.add(table, rows)
                for full in buffer.full():
                    yield full
            await everything
            for rest in buffer.rest():
                yield rest
        finally:
            everything.cancel()

    async def _collect(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for name, jobs in groupby(
                    sorted(self.jobs, key=lambda job: job.platform), lambda job: job.platform
                ):
                    group.create_task(self._platform(self.sources[name], list(jobs)))
        finally:
            await self._queue.put(None)

    async def _platform(self, settings: SourceSettings, jobs: list[AccountJob]) -> None:
        module = import_module(settings.platform.module)
        name = settings.platform.name
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(http_session(settings))
            breaker = Breaker(name, settings.breaker_failures, settings.breaker_seconds)
            caller = Caller(settings, session, breaker, module.failure_in)
            self.callers.append(caller)
            shared = Collector(
                self.run,
                caller,
                module.Source(caller),
                self,
                self.named,
                self.latest,
                self.advance,
            )
            waiting = iter(jobs)

            async def worker() -> None:
                # An iterator that is shared hands each account to one worker only.
                for position, job in enumerate(waiting):
                    if position:
                        await asyncio.sleep(settings.min_interval_seconds)
                    client = job.windows[0].registration.client_id
                    structlog.contextvars.bind_contextvars(
                        client=client, account=job.account_id, platform=name
                    )
                    self.results += await collect_account(job, shared)
                    self._collect_cycles()

            async with asyncio.TaskGroup() as group:
                for _ in range(min(settings.parallel_accounts, len(jobs))):
                    group.create_task(worker())


@contextmanager
def _sparing_gc() -> Iterator[None]:
    """Keep the cyclic collector from walking through every page: pages are trees, freed by reference counts.

    What is loaded by now stays and is not walked through at all; cycles of finished requests are collected
    between accounts.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


async def _next(batches: AsyncIterator[tuple[str, pa.Table]]) -> tuple[str, pa.Table] | None:
    return await anext(batches, None)
