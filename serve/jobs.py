"""Backfills on request: one at a time, joined where they are the same, watched by many."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

import structlog

from serve.problems import RequestError

# So many wait at most; so many that ended are remembered.
MOST_WAITING = 20
REMEMBERED = 100
# So many visitors may watch at once: each holds a connection for as long as a backfill takes.
MOST_STREAMS = 32

_log = structlog.get_logger()


@dataclass(frozen=True)
class Wanted:
    """The days of a client that are to be collected again; ``platform`` None: all of its platforms."""

    client: str
    platform: str | None
    first: date
    last: date

    def covers(self, other: "Wanted") -> bool:
        """Whether collecting these days collects those of ``other`` too."""
        return (
            self.client == other.client
            and self.platform in (None, other.platform)
            and self.first <= other.first
            and self.last >= other.last
        )


class State(StrEnum):
    """Where a job is; the last two are the ends."""

    QUEUED = "queued"
    WAITING = "waiting"
    COLLECTING = "collecting"
    BUILDING = "building"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Progress:
    """``days_done`` of ``days`` account-days are asked for; ``sentence``: how it ended, or why it waits."""

    state: State = State.QUEUED
    days_done: int = 0
    days: int = 0
    sentence: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.state in (State.DONE, State.FAILED)


@dataclass
class Job:
    """One backfill and how far it is; ``tell`` wakes those who watch."""

    wanted: Wanted
    asked_by: str
    name: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    progress: Progress = field(default_factory=Progress)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, **changes: Any) -> None:
        """Change the progress."""
        self.progress = replace(self.progress, **changes)
        self._changed.set()
        self._changed = asyncio.Event()

    async def watch(self) -> AsyncIterator[Progress]:
        """Yield the progress now and at every change, until the job is over."""
        while True:
            changed, progress = self._changed, self.progress
            yield progress
            if progress.is_over:
                return
            if progress is self.progress:
                await changed.wait()

    def document(self) -> dict[str, Any]:
        """Return the job as JSON has it."""
        return {
            "id": self.name,
            "client": self.wanted.client,
            "platform": self.wanted.platform,
            "from": self.wanted.first,
            "to": self.wanted.last,
            "askedBy": self.asked_by,
            "state": self.progress.state,
            "daysDone": self.progress.days_done,
            "days": self.progress.days,
            "sentence": self.progress.sentence,
        }


class Jobs:
    """All jobs of this process, and the one that runs."""

    def __init__(self, run: Callable[[Job], Awaitable[None]]) -> None:
        self._run = run
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._waiting: asyncio.Queue[Job] = asyncio.Queue()
        self._streams = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count a visitor who watches; raises ``RequestError`` where no more may."""
        if self._streams >= MOST_STREAMS:
            raise RequestError(
                429, f"{self._streams} watch already: ask for the state instead", Retry_After="10"
            )
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    def submit(self, wanted: Wanted, asked_by: str) -> tuple[Job, bool]:
        """Return a job that collects ``wanted``, and whether it is one that was asked for before.

        Raises ``RequestError`` where too many wait already.
        """
        under_way = [job for job in self._jobs.values() if not job.progress.is_over]
        for job in under_way:
            if job.wanted.covers(wanted):
                return job, True
        if len(under_way) >= MOST_WAITING:
            raise RequestError(
                429, f"{len(under_way)} backfills wait already: wait for one to end", Retry_After="60"
            )
        job = Job(wanted, asked_by)
        self._jobs[job.name] = job
        while len(self._jobs) > REMEMBERED:
            self._jobs.popitem(last=False)
        self._waiting.put_nowait(job)
        _log.info("backfill asked for", asked_by=asked_by, client=wanted.client, platform=wanted.platform)
        return job, False

    def get(self, name: str) -> Job:
        """Return a job by its name; raises ``RequestError``."""
        job = self._jobs.get(name)
        if job is None:
            raise RequestError(404, "there is no such backfill, or it ended long ago")
        return job

    def all(self) -> list[Job]:
        """Return all jobs that are remembered, newest first."""
        return list(reversed(self._jobs.values()))

    async def work(self) -> None:
        """Run one job after the other until cancelled: the warehouse has one writer."""
        while True:
            job = await self._waiting.get()
            try:
                await self._run(job)
            except Exception as defect:
                _log.exception("backfill defect")
                job.tell(
                    state=State.FAILED, sentence=f"stopped by a defect of its own ({type(defect).__name__})"
                )
