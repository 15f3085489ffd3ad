"""From the plan to the ledger: every platform, its accounts side by side, one load at the end."""

import asyncio
import gc
from collections.abc import AsyncIterator, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

import pyarrow as pa
import structlog

from core import clock
from core.errors import Interrupted
from core.platforms import platforms
from core.runs import Run
from core.settings import Settings
from ingest.agency import registrations as agency
from ingest.client.breaker import Breaker
from ingest.client.caller import Caller
from ingest.client.http import http_session
from ingest.client.source_spec import load_settings
from ingest.client.sources import SourceSettings
from ingest.collect import planner
from ingest.collect.background import background_loop
from ingest.collect.edges import Edges
from ingest.collect.gc_control import sparing_gc
from ingest.collect.interrupt import interruptible
from ingest.collect.jobs import (
    AccountJob,
    Collector,
    Landed,
    WindowResult,
)
from ingest.collect.planner import BackfillRequest, Window
from ingest.collect.platform_facts import platform_row
from ingest.collect.progress import Progress
from ingest.collect.restatement import Restatement
from ingest.collect.rounds import Platform
from ingest.collect.summary import CollectionSummary, summarise
from ingest.ledger import past as ledger
from ingest.ledger.landing import Buffer, Landing
from ingest.platform import Reading
from ingest.registry import api_of

__all__ = ["BackfillRequest", "CollectionSummary", "collect"]

# So many batches may wait to be written before the accounts wait for the writer.
QUEUE = 64
# So many requests leave their cycles, and the pages in them, in memory before these are collected.
GC_EVERY_REQUESTS = 100

_log = structlog.get_logger()


def collect(
    settings: Settings,
    run: Run,
    *,
    registered: agency.Agency | None = None,
    request: BackfillRequest | None = None,
    progress: bool = False,
) -> CollectionSummary:
    """Collect what is needed, or the days of ``request``, and land it in one load.

    Needs the warehouse lock and a begun run. Raises ``UserError`` before any request when the agency's files
    or the settings cannot be used, and ``Interrupted`` when it was stopped by hand, after what was whole has
    landed; what a platform or an account fails is in the summary.
    """
    registered = registered or agency.load(settings)
    agency.keep(settings, run.run_id, registered)
    sources = load_settings(run.api)
    landing = Landing.open(settings)
    readings = _readings(settings, run, registered)
    with ledger.reading(settings) as db:
        planner.put_calendar(db, registered.registrations, sources, clock.now())
        ledger.put_past(db)
        windows = planner.plan(db, registered.registrations, request)
        if readings:
            windows = _taken(windows, readings, ledger.seen_last(db, [*readings]), forced=request is not None)
            planner.put_windows(db, registered.registrations, windows)
        latest, named = ledger.latest_versions(db), ledger.named(db)
        told, edges = ledger.tokens_told(db, clock.now()), ledger.edges(db)
        restatement = {
            name: Restatement(source, registered, *ledger.restated(db, name))
            for name, source in sources.items()
        }
    _log.info("planned", windows=len(windows), days=sum(window.days for window in windows))
    work = _Work(run, sources, _jobs(windows), latest, named, told, edges, restatement, readings)
    with Progress(windows, shown=progress) as bar, interruptible(work.stop) as interruption:
        work.advance = bar.advance
        # Closed whatever comes of it: the accounts would wait for ever for a writer that has failed.
        with closing(work.tables()) as tables:
            landing.land(tables)
    summary = summarise(registered, work.results, sum(caller.sent for caller in work.callers))
    capped = [sentence for name in sorted(restatement) for sentence in restatement[name].told]
    summary = replace(summary, told=(*summary.told, *capped))
    if interruption.number is not None:
        raise Interrupted(interruption.number, f"interrupted while it {summary}; run it again to go on")
    return summary


def _readings(settings: Settings, run: Run, registered: agency.Agency) -> dict[str, Reading]:
    """Return what has been read of each platform that is not asked, by its name."""
    apis = {name: api_of(platform) for name, platform in platforms().items() if registered.accounts(name)}
    return {name: api.read(settings, run, registered) for name, api in apis.items() if api.read}


def _taken(
    planned: list[Window],
    readings: dict[str, Reading],
    seen: dict[str, dict[tuple[str, date], datetime]],
    *,
    forced: bool,
) -> list[Window]:
    """Return the ``planned`` windows, with those of platforms that were read as these tell them."""
    windows = [window for window in planned if window.registration.platform not in readings]
    for name, reading in readings.items():
        own = [window for window in planned if window.registration.platform == name]
        windows += reading.windows(own, seen.get(name, {}), forced=forced)
    return windows


def _jobs(windows: list[Window]) -> list[AccountJob]:
    """Return one job per account, the account with the most urgent window first."""
    order: dict[tuple[str, str], list[Window]] = {}
    for window in windows:
        order.setdefault((window.registration.platform, window.registration.account_id), []).append(window)
    return [AccountJob(*key, tuple(listed)) for key, listed in order.items()]


@dataclass
class _Work:
    """All accounts of all platforms, on one event loop that runs beside dlt, which writes the tables."""

    run: Run
    sources: dict[str, SourceSettings]
    jobs: list[AccountJob]
    latest: ledger.Latest
    named: ledger.Named
    told: frozenset[str]
    edges: dict[str, Edges]
    restatement: dict[str, Restatement]
    readings: dict[str, Reading] = field(default_factory=dict)
    advance: Any = None
    results: list[WindowResult] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    _platforms: list[Platform] = field(default_factory=list)
    _collected_at: int = 0
    _loop: asyncio.AbstractEventLoop | None = None
    _everything: "asyncio.Task[None] | None" = None
    _stopped: bool = False
    _unread: bool = False
    _queue: "asyncio.Queue[tuple[Landed, ...] | None]" = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def tables(self) -> Generator[tuple[str, pa.Table]]:
        """Yield the tables of the ledger as they fill, and at the end what is left of each."""
        with sparing_gc(), background_loop() as loop:
            self._loop = loop
            batches = self._batches()
            coming = asyncio.run_coroutine_threadsafe(_next(batches), loop)
            try:
                while (table := coming.result()) is not None:
                    coming = asyncio.run_coroutine_threadsafe(_next(batches), loop)
                    yield table
            finally:
                loop.call_soon_threadsafe(self._nobody_reads)

    def stop(self) -> None:
        """Ask for nothing more; what has been collected lands. May be called from a signal's handler."""
        self._stopped = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._give_up)

    def _give_up(self) -> None:
        # Once: a second time would end what the first one lets it finish.
        if self._everything is not None and not self._everything.cancelling():
            self._everything.cancel()

    async def put(self, *rows: Landed) -> None:
        """Take rows from an account; waits while the writer is behind, and not for one that has failed."""
        if not self._unread:
            await self._queue.put(rows)

    def _nobody_reads(self) -> None:
        self._unread = True
        while not self._queue.empty():
            self._queue.get_nowait()

    def _collect_cycles(self) -> None:
        sent = sum(caller.sent for caller in self.callers)
        if sent >= self._collected_at + GC_EVERY_REQUESTS:
            self._collected_at = sent
            gc.collect()

    async def _batches(self) -> AsyncIterator[tuple[str, pa.Table]]:
        buffer = Buffer()
        everything = self._everything = asyncio.create_task(self._collect())
        await asyncio.sleep(0)  # cancelled before it has begun, it would not even say that it has ended
        if self._stopped:
            self._give_up()
        try:
            while (item := await self._queue.get()) is not None:
                for table, rows in item:
                    if isinstance(rows, list):
                        buffer.add_rows(table, rows)
                    else:
                        buffer.add(table, rows)
                for full in buffer.full():
                    yield full
            await asyncio.wait([everything])
            if not self._stopped:
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
            # What was put off and is not asked for again, since the run was stopped, has failed.
            for platform in self._platforms:
                await platform.give_up()
            if not self._unread:
                await self._queue.put(None)

    async def _platform(self, settings: SourceSettings, jobs: list[AccountJob]) -> None:
        api = api_of(settings.platform)
        async with http_session(settings) as session:
            breaker = Breaker(settings.platform.name, settings.breaker_failures, settings.breaker_seconds)
            caller = Caller(settings, session, breaker, api.failure_in, api.usage_in)
            self.callers.append(caller)
            reading = self.readings.get(settings.platform.name)
            shared = Collector(
                self.run,
                caller,
                reading.source(caller) if reading else api.source(caller),
                self,
                self.named,
                self.latest,
                self.advance,
                self.results,
                edges=self.edges.get(settings.platform.name, Edges()),
                restatement=self.restatement[settings.platform.name],
            )
            platform = Platform(shared, self._collect_cycles)
            self._platforms.append(platform)
            await platform.collect(jobs)
            asks = settings.platform.name not in self.told
            await self.put(("platforms", [await platform_row(self.run.run_id, caller, asks=asks)]))


async def _next(batches: AsyncIterator[tuple[str, pa.Table]]) -> tuple[str, pa.Table] | None:
    return await anext(batches, None)
