"""A platform's accounts, side by side; then once more what failed for a reason that passes."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable

import structlog

from ingest.collect.account import collect_account
from ingest.collect.jobs import AccountJob, Collector, PutOff
from ingest.collect.recording import give_up

# Everything is asked for once, and what failed once more. Windows that could not be asked for meanwhile,
# since the platform was down, have this many rounds to be asked in.
ROUNDS = 4

_log = structlog.get_logger()


class Platform:
    """One platform and what is asked of it in a run; ``after_account`` is called between two accounts."""

    def __init__(self, shared: Collector, after_account: Callable[[], None]) -> None:
        self._shared = shared
        self._after_account = after_account
        self.put_off: list[PutOff] = []

    async def collect(self, jobs: list[AccountJob]) -> None:
        """Ask for everything; what fails for a passing reason is asked for again at the end."""
        caller = self._shared.caller
        await self._round(jobs)
        for _ in range(ROUNDS - 1):
            if not self.put_off or caller.lost is not None or caller.exhausted or caller.hopeless:
                break
            again, self.put_off = self.put_off, []
            _log.info("asking_again", windows=len(again))
            await self._round([AccountJob.again(one) for one in _by_account(again)])
        await self.give_up()

    async def give_up(self) -> None:
        """Record the windows that are still put off: this run does not ask for them any more."""
        for one in _by_account(self.put_off):
            self._shared.results.extend(await give_up(one, self._shared))
        self.put_off = []

    async def _round(self, jobs: list[AccountJob]) -> None:
        waiting = iter(jobs)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._shared.caller.settings.parallel_accounts, len(jobs))):
                # An iterator that is shared hands each account to one worker only.
                group.create_task(self._work(waiting))

    async def _work(self, waiting: Iterable[AccountJob]) -> None:
        caller = self._shared.caller
        for position, job in enumerate(waiting):
            if position and caller.lost is None:
                await asyncio.sleep(caller.settings.min_interval_seconds)
            await caller.patience()
            client = job.windows[0].registration.client_id
            structlog.contextvars.bind_contextvars(
                client=client, account=job.account_id, platform=job.platform
            )
            outcome = await collect_account(job, self._shared)
            self._shared.results.extend(outcome.results)
            self.put_off += outcome.put_off
            self._after_account()


def _by_account(put_off: list[PutOff]) -> list[list[PutOff]]:
    """Return what was put off account by account, in the order in which it was."""
    found: dict[str, list[PutOff]] = defaultdict(list)
    for one in put_off:
        found[one.window.registration.account_id].append(one)
    return list(found.values())
