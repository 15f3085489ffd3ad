"""A day that is too much for one answer: as a report that Meta makes in its own time, then in smaller pages.

Source: the Marketing API's guide to asynchronous insights. A report is created, polled and read; its rows are
those of the direct way.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from ingest.client.errors import AnswerError
from ingest.client.http import Reader, WrongShape
from ingest.platform_api import refused

Params = dict[str, str]
# Reads all pages of an edge, from (answer, edge, parameters).
Pages = Callable[[str, str, Params], AsyncIterator[list[Any]]]

SMALLER_PAGES = (100, 25)
# Between polls: half the first wait of a request that is asked again, then half as much again each time.
FIRST_POLL, POLL_GROWTH, LONGEST_POLL_SECONDS = 0.5, 1.5, 30.0
COMPLETED, SKIPPED = "Job Completed", "Job Skipped"
# A report that came to nothing is created once more.
CREATIONS = 2

_log = structlog.get_logger()


class Ask(Protocol):
    """Asks once for an answer, and again where that can help."""

    def __call__(
        self,
        answer: str,
        path: str,
        params: Params,
        shape: WrongShape,
        read: Reader | None = None,
        *,
        method: str = "GET",
    ) -> Awaitable[Any]:
        """Return the parsed body, or raise ``AnswerError``."""


def is_run(body: Any) -> str | None:
    """Say what is wrong with an answer that is to name a report run, if something is."""
    named = body.get("report_run_id") if isinstance(body, dict) else None
    # Meta's own guide shows a number where its servers send text.
    digits = not isinstance(named, bool) and isinstance(named, str | int) and str(named).isdecimal()
    return None if digits else "it has no report_run_id"


def is_state(body: Any) -> str | None:
    """Say what is wrong with an answer that is to be the state of a report run, if something is."""
    state = body.get("async_status") if isinstance(body, dict) else None
    return None if isinstance(state, str) else "it has no async_status"


@dataclass(frozen=True)
class DayReader:
    """Reads one day of one account whatever its size; ``account_id`` is what a report has to be about."""

    ask: Ask
    pages: Pages
    account_id: str
    base_seconds: float

    async def read(self, answer: str, edge: str, params: Params) -> AsyncIterator[list[Any]]:
        """Yield the day's pages: asked for directly, as a report, in smaller pages, whatever comes first."""
        async with aclosing(self._ways(answer, edge, params)) as ways:
            async for way, asked in ways:
                try:
                    pages = [page async for page in self.pages(answer, way, asked)]
                    break
                except AnswerError as refusal:
                    if not refusal.failure.shrink:
                        raise
                    problem = refusal
                    _log.warning("day_too_much", answer=answer, message=refusal.failure.message)
            else:
                raise problem
        for page in pages:
            yield page

    async def _ways(self, answer: str, edge: str, params: Params) -> AsyncGenerator[tuple[str, Params]]:
        """Yield one (edge, parameters) after the other that may lead to the day's rows."""
        yield edge, params
        run_id = await self._report(answer, edge, params)
        if run_id is not None:
            yield f"{run_id}/insights", {"limit": params["limit"]}
        for size in SMALLER_PAGES:
            yield (
                (f"{run_id}/insights", {"limit": str(size)})
                if run_id
                else (edge, params | {"limit": str(size)})
            )

    async def _report(self, answer: str, edge: str, params: Params) -> str | None:
        """Return the run of a complete report, or None if the day is too much for a report too."""
        for last in (False,) * (CREATIONS - 1) + (True,):
            try:
                return await self._finished(answer, edge, params)
            except AnswerError as problem:
                _log.warning("report_failed", answer=answer, message=problem.failure.message)
                if problem.failure.shrink:
                    return None
                if not problem.failure.restart:
                    raise
                if last and SKIPPED in problem.failure.message:
                    raise  # it waited too long for its turn, which says nothing of its size
        return None

    async def _finished(self, answer: str, edge: str, params: Params) -> str:
        """Create a report and wait until it is complete: 100 % of a job that is still running is not."""
        created = await self.ask(answer, edge, params, is_run, method="POST")
        run_id, wait = str(created["report_run_id"]), FIRST_POLL * self.base_seconds
        while True:
            await asyncio.sleep(wait)
            state = await self.ask("report", run_id, {}, is_state)
            if str(state.get("account_id", self.account_id)).removeprefix("act_") != self.account_id:
                raise refused(answer, "the report is about another account")
            if state["async_status"] == COMPLETED:
                return run_id
            wait = min(wait * POLL_GROWTH, LONGEST_POLL_SECONDS)
