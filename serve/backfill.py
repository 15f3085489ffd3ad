"""Running a backfill: the same command a person would give, watched through its log."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from core.lock import holder
from core.log import scrub
from core.settings import ROOT, Settings
from serve.access import VARIABLES
from serve.jobs import Job, State, Wanted
from serve.release import Releases

_LOOK_SECONDS = 0.2
_WAIT_SECONDS = 1
# The status of a command that could not begin; another one having the warehouse is one reason.
_REFUSED = 2
_NOT_WHOLE = """
select count(*) filter (where status <> 'whole'), count(*)
from health.account_days
where
    client_id = $client and platform = coalesce($platform, platform) and date between $first and $last
    and status <> 'not_expected'
"""


class Backfill:
    """What runs the jobs of one warehouse."""

    def __init__(self, settings: Settings, releases: Releases) -> None:
        self._settings = settings
        self._releases = releases

    async def run(self, job: Job) -> None:
        """Collect the job's days again, build and publish; tell how far it is and how it ended.

        Another command that has the warehouse is waited for, and then it is tried again.
        """
        while True:
            while (who := holder(self._settings)) is not None:
                job.tell(state=State.WAITING, days_done=0, days=0, sentence=f"{who} has the warehouse")
                await asyncio.sleep(_WAIT_SECONDS)
            status, sentence = await self._command(job)
            # Another command may have come first after all.
            if status != _REFUSED or holder(self._settings) is None:
                break
        await self._releases.refresh()
        await self._conclude(job, status, sentence)

    async def _command(self, job: Job) -> tuple[int, str]:
        """Run the command once; return its status and its last sentence."""
        job.tell(state=State.COLLECTING, sentence="")
        log = _Log(self._settings.log)
        process = await asyncio.create_subprocess_exec(
            *command(job.wanted),
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name not in VARIABLES},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        said = asyncio.ensure_future(process.stderr.read())
        try:
            while not said.done():
                await asyncio.wait([said], timeout=_LOOK_SECONDS)
                _advance(job, log.news())
            status = await process.wait()
        except asyncio.CancelledError:
            # The server stops: the command keeps what is whole, and the next run goes on.
            process.terminate()
            await process.wait()
            raise
        return status, _last_sentence(said.result())

    async def _conclude(self, job: Job, status: int, sentence: str) -> None:
        release = self._releases.current
        if status not in (0, 1) or release is None:
            told = sentence or f"the backfill ended with status {status}; the log has the details"
            job.tell(state=State.FAILED, sentence=told)
            return
        wanted = job.wanted

        def count(cursor: duckdb.DuckDBPyConnection) -> tuple[int, int]:
            bound = {
                "client": wanted.client,
                "platform": wanted.platform,
                "first": wanted.first,
                "last": wanted.last,
            }
            found = cursor.execute(_NOT_WHOLE, bound).fetchone()
            return found or (0, 0)

        missing, days = await self._releases.ask(release, count)
        if missing:
            told = f"{missing} of {days} account-days are still not whole" + (
                f": {sentence}" if sentence else ""
            )
            job.tell(state=State.FAILED, sentence=told)
        elif days == 0:
            job.tell(
                state=State.FAILED,
                sentence="none of these days is closed and expected, so none was asked for",
            )
        else:
            job.tell(state=State.DONE, sentence=f"all {days} account-days are whole")


def command(wanted: Wanted) -> list[str]:
    """Return the command of a backfill; values are joined to their options, so that none can be one."""
    asked = [f"--client={wanted.client}", f"--from={wanted.first}", f"--to={wanted.last}"]
    platform = [f"--platform={wanted.platform}"] if wanted.platform else []
    return [sys.executable, "-m", "wholeday", "backfill", *asked, *platform]


class _Log:
    """The lines that are added to the log of all steps from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = path.stat().st_size if path.exists() else 0

    def news(self) -> Iterator[dict[str, Any]]:
        """Yield the whole lines that came since the last time."""
        if not self._path.exists():
            return
        with self._path.open("rb") as log:
            log.seek(self._read)
            added = log.read().rpartition(b"\n")[0]
        if not added:
            return
        self._read += len(added) + 1
        for line in added.split(b"\n"):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _advance(job: Job, events: Iterator[dict[str, Any]]) -> None:
    for event in events:
        match event.get("event"):
            case "planned":
                job.tell(days=int(event["days"]))
            case "window":
                done = job.progress.days_done + _days(str(event.get("window", "")))
                over = job.progress.days and done >= job.progress.days
                job.tell(days_done=done, state=State.BUILDING if over else State.COLLECTING)


def _days(window: str) -> int:
    """Count the days of a window as the log names it, ``2026-11-01/2026-11-05``."""
    first, _, last = window.partition("/")
    try:
        return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    except ValueError:
        return 0


def _last_sentence(said: bytes) -> str:
    lines = [line for line in said.decode(errors="replace").splitlines() if line.startswith("wholeday: ")]
    return scrub(lines[-1].removeprefix("wholeday: ")) if lines else ""
