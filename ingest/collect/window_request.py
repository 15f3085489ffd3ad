"""Asking for a window: taken when it is what was asked for, and again, in full, where it disagrees."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TypeVar

import structlog

from core import clock
from ingest.client.errors import AnswerError, ErrorClass, Scope
from ingest.collect.days import DayColumns
from ingest.collect.jobs import AccountJob, Collector
from ingest.collect.planner import Window
from ingest.collect.reconcile import disagreeing
from ingest.collect.recording import Recorder
from ingest.ledger.entity_changes import changed_account, changed_actions, changed_campaigns
from ingest.platform_api import (
    CONVERSION_ACTIONS,
    AccountFacts,
    CampaignFacts,
    refused,
)

# The platforms restate between two requests: so often a day is asked for again whose answers disagree, and
# whatever cannot be what was asked for.
ASK_AGAIN = 2

Taken = TypeVar("Taken")

_log = structlog.get_logger()


class Asker:
    """Asks for the windows of one account, and lands the names that the answers tell."""

    def __init__(self, job: AccountJob, shared: Collector, record: Recorder) -> None:
        self._job = job
        self._shared = shared
        self._record = record
        self._named: set[str] = set()
        self.everything = False
        """Whether campaigns are known that the platform leaves out unless everything is asked for."""
        self._counts_listed = False

    async def facts(self) -> AccountFacts:
        """Return what the platform says of the account; raises ``AnswerError``."""

        async def ask() -> AccountFacts:
            with shaped("account"):
                return await self._shared.source.account(self._job.account_id)

        return await _taken(ask)

    async def days(self, facts: AccountFacts, window: Window) -> tuple[DayColumns, int]:
        """Return the days of ``window`` and the number of rows they came in; raises ``AnswerError``."""
        ask = partial(self._answers, facts, window, everything=self.everything)
        columns, off, rows = await _taken(ask, partial(ask, as_told=True))
        return (await self._agreeing(facts, window, columns, off) if off else columns), rows

    async def _answers(
        self, facts: AccountFacts, window: Window, *, everything: bool, as_told: bool = False
    ) -> tuple[DayColumns, frozenset[date], int]:
        """Return the window's days, those of them that disagree, and the number of rows they came in."""
        with shaped("delivery"):
            answers = await self._shared.source.window(
                self._job.account_id, window.from_date, window.to_date, everything=everything
            )
            answers.agree_with(facts, window.registration, as_told=as_told)
            columns = DayColumns.of(answers, facts)
        await self.land_campaigns(answers.campaigns.values())
        if (begin := self._shared.source.listed_actions) and not self._counts_listed:
            self._counts_listed = any(action.startswith(begin) for action in answers.action_types())
        return columns, disagreeing(self._shared.source.measures, answers, facts.currency), answers.rows

    async def _agreeing(
        self, facts: AccountFacts, window: Window, columns: DayColumns, off: frozenset[date]
    ) -> DayColumns:
        """Ask again, in full, for days whose campaigns and totals disagree; what comes last is what lands."""
        for _ in range(ASK_AGAIN):
            if not off:
                break
            part = replace(window, from_date=min(off), to_date=max(off))
            _log.info("days_disagree", days=len(off), window=str(part))
            try:
                newer, still_off, _ = await self._answers(facts, part, everything=True, as_told=True)
            except AnswerError as problem:
                if problem.failure.lost is not Scope.WINDOW or self._record.puts_off(window, problem):
                    raise
                break
            columns = columns.replaced(newer, off)
            self.everything = True
            off &= still_off
        return columns

    async def actions(self) -> None:
        """Land what is new of the account's conversion actions, once in a run; it costs no day to fail.

        Where a list names only some of the actions, it is asked for if such an action was ever seen.
        """
        shared, job = self._shared, self._job
        if job.account_id in shared.actions_asked or not (
            not shared.source.listed_actions
            or self._counts_listed
            or (job.platform, job.account_id) in shared.named.listed
        ):
            return
        shared.actions_asked.add(job.account_id)
        try:
            with shaped(CONVERSION_ACTIONS):
                listed = await shared.source.named_actions(job.account_id)
        except AnswerError as problem:
            _log.info("actions_unknown", error_class=problem.failure.error_class.value)
            return
        run_id = shared.run.run_id
        now = clock.now()
        rows = changed_actions(job.platform, job.account_id, listed, shared.named, run_id, now)
        await shared.sink.put(("actions", rows))
        if shared.restatement is not None:
            today = job.windows[0].today
            window = shared.restatement.rows(job.account_id, listed, today, run_id, now)
            await shared.sink.put(("restatement_windows", window))

    async def land_account(self, facts: AccountFacts) -> None:
        """Land what is new of the account."""
        run_id, known = self._shared.run.run_id, self._shared.named
        rows = changed_account(self._job.platform, facts, known, run_id, clock.now())
        await self._shared.sink.put(("accounts", rows))

    async def land_campaigns(self, campaigns: Iterable[CampaignFacts]) -> None:
        """Land what is new of the campaigns; what the list said comes first, and rows only add to it."""
        unnamed = {one.campaign_id: one for one in campaigns if one.campaign_id not in self._named}
        self._named |= unnamed.keys()
        run_id, known, job = self._shared.run.run_id, self._shared.named, self._job
        rows = changed_campaigns(job.platform, job.account_id, unnamed.values(), known, run_id, clock.now())
        await self._shared.sink.put(("campaigns", rows))


async def _taken(
    ask: Callable[[], Awaitable[Taken]], at_last: Callable[[], Awaitable[Taken]] | None = None
) -> Taken:
    """Return what ``ask`` brings; answers that have to be refused are asked for again, in full.

    The last time it is ``at_last`` that asks, if it is given.
    """
    for _ in range(ASK_AGAIN):
        try:
            return await ask()
        except AnswerError as problem:
            if problem.failure.error_class is not ErrorClass.REFUSED:
                raise
            _log.warning("answer_refused", answer=problem.answer, message=problem.failure.message)
    return await (at_last or ask)()


@contextmanager
def shaped(answer: str) -> Iterator[None]:
    """Refuse an answer whose objects are not what the platform says they are."""
    try:
        yield
    except (TypeError, AttributeError, KeyError, ValueError) as problem:
        _log.warning("unknown_shape", exc_info=True)
        raise refused(answer, f"it has an unknown shape ({type(problem).__name__})") from None
