"""The published release, followed: opened once, asked by many, left when the last answer is given."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

import duckdb
import structlog

Found = TypeVar("Found")

# As many questions are asked of a release side by side; more than the cores there are would only wait.
CURSORS = 4
# How often the file's identity is looked at: a new release is followed within a second.
LOOK_SECONDS = 0.25
_SESSION = (
    "set timezone = 'UTC'",
    "set memory_limit = '1GB'",
    "set autoinstall_known_extensions = false",
    "set enable_external_access = false",
)

_log = structlog.get_logger()


@dataclass(frozen=True)
class Identity:
    """The file itself, under any name: a release is replaced by a rename."""

    device: int
    inode: int
    changed_at: int

    @classmethod
    def of(cls, path: Path) -> "Identity | None":
        """Return the identity of the file at ``path``; None if there is none."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_dev, found.st_ino, found.st_mtime_ns)


def clients_of(path: Path) -> frozenset[str] | None:
    """Return the clients of the release at ``path``; None if there is none that can be read."""
    if not path.exists():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as release:
            known = release.execute("select distinct client_id from marts.clients").fetchall()
    except duckdb.Error:
        return None
    return frozenset(client for (client,) in known)


class Release:
    """One release, open read-only, with a pool of cursors."""

    def __init__(self, path: Path) -> None:
        """Open the file that is at ``path`` now; raises ``duckdb.Error`` where that cannot be done.

        Each release gets a database of its own in memory and is attached to it: DuckDB hands out an open file
        again for as long as its *name* is the same, which here is another file after every rename.
        """
        while True:
            self.identity = Identity.of(path)
            self._connection = duckdb.connect(":memory:")
            quoted = str(path).replace("'", "''")
            self._connection.execute(f"attach '{quoted}' as ads (read_only)")
            if self.identity == Identity.of(path):
                break
            self._connection.close()
        for statement in _SESSION:
            self._connection.execute(statement)
        self._idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
        for _ in range(CURSORS):
            cursor = self._connection.cursor()
            cursor.execute("use ads")
            self._idle.put(cursor)
        self._connection.execute("set lock_configuration = true")
        with self.cursor() as cursor:
            run = cursor.execute("select run_id, epoch_ms(started_at) from staging.stg_run").fetchone()
            days = cursor.execute("select max(date) from health.account_days").fetchone()
            known = cursor.execute("select distinct client_id from marts.clients").fetchall()
        run_id, started_ms = run if run else ("", 0)
        self.run_id: str = run_id
        self.started_at: float = started_ms / 1000
        self.last_day: date | None = days[0] if days else None
        self.clients = frozenset(client for (client,) in known)
        self.tag = f"{self.run_id}.{self.identity.changed_at if self.identity else 0:x}"
        self._users = 0
        self._retired = False

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor; waits while all are lent. For the threads that ask."""
        cursor = self._idle.get()
        try:
            yield cursor
        finally:
            self._idle.put(cursor)

    def enter(self) -> None:
        """Begin an answer that needs this release."""
        self._users += 1

    def leave(self) -> None:
        """End it; the last one closes a release that was replaced."""
        self._users -= 1
        self._close_if_unused()

    def retire(self) -> None:
        """Close the release as soon as no answer needs it."""
        self._retired = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._retired and not self._users:
            self._connection.close()


class Releases:
    """The release that is published now. Everything but the asking itself happens on the event loop."""

    def __init__(self, path: Path, warm: Callable[[Release], Awaitable[None]]) -> None:
        """Follow ``path``; ``warm`` is awaited before a release that was opened is the current one."""
        self._path = path
        self._warm = warm
        self._current: Release | None = None
        self._threads = ThreadPoolExecutor(CURSORS, thread_name_prefix="release")
        self._opening = asyncio.Lock()

    @property
    def current(self) -> Release | None:
        """The newest release that could be opened."""
        return self._current

    async def ask(self, release: Release, question: Callable[[duckdb.DuckDBPyConnection], Found]) -> Found:
        """Answer ``question`` with a cursor of ``release``, in a thread; the release stays open meanwhile."""

        def answer() -> Found:
            with release.cursor() as cursor:
                return question(cursor)

        release.enter()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, answer)
        finally:
            release.leave()

    async def follow(self) -> None:
        """Look for a new release until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(LOOK_SECONDS)

    async def refresh(self) -> None:
        """Open the release that is published now, unless it is open; what runs on the old one finishes."""
        async with self._opening:
            identity = Identity.of(self._path)
            if identity is None or (self._current and self._current.identity == identity):
                return
            try:
                opened = await asyncio.get_running_loop().run_in_executor(None, Release, self._path)
            except duckdb.Error as problem:
                _log.warning("release not opened", problem=str(problem).splitlines()[0])
                return
            await self._warm(opened)
            before, self._current = self._current, opened
            if before is not None:
                before.retire()
            _log.info("release", run_id=opened.run_id, process=os.getpid())

    def close(self) -> None:
        """Close what is open; nothing is asked any more."""
        self._threads.shutdown()
        if self._current is not None:
            self._current.retire()
