"""Collecting one account: its facts, its campaigns, then window after window, each day in full or not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import structlog

from core import clock
from ingest.client.caller import EFFORT, Effort
from ingest.client.errors import (
    AnswerError,
    Cause,
    ErrorClass,
    Failure,
    Scope,
)
from ingest.collect.days import Collected, landed_rows
from ingest.collect.edges import (
    AccountEdge,
    Search,
    edge_row,
    is_refusal,
    is_too_wide,
)
from ingest.collect.jobs import AccountJob, Collector, Outcome
from ingest.collect.planner import Window
from ingest.collect.recording import Recorder, together
from ingest.collect.window_request import Asker, shaped
from ingest.platform_api import AccountFacts, CampaignFacts

_log = structlog.get_logger()


async def collect_account(job: AccountJob, shared: Collector) -> Outcome:
    """Collect the windows of one account within its time; failures are recorded or put off, not raised."""
    one = _Account(job, shared)
    seconds = shared.caller.settings.account_seconds
    try:
        async with asyncio.timeout(seconds):
            await one.collect()
    except AnswerError as problem:
        await one.give_up(problem)
    except TimeoutError:
        late = Failure.of(ErrorClass.DEADLINE, f"the account was not finished within {seconds:g} s")
        await one.give_up(AnswerError(None, late))
    except Exception as defect:
        # A defect that one account's answers bring to light must not cost the other accounts their day.
        _log.exception("defect")
        message = f"a defect of wholeday stopped it ({type(defect).__name__}); the log has the details"
        await one.give_up(AnswerError(None, Failure.of(ErrorClass.PERMANENT, message, lost=Scope.ACCOUNT)))
    finally:
        await shared.caller.turns.done(job.account_id)
    return one.record.outcome


class _Account:
    def __init__(self, job: AccountJob, shared: Collector) -> None:
        self.job = job
        self.shared = shared
        self.record = Recorder(job, shared)
        self._ask = Asker(job, shared, self.record)
        self._waiting = list(job.windows)
        self._latest = shared.latest.get((job.platform, job.account_id), {})
        self._started = clock.now()
        self._effort = Effort(account_id=job.account_id)
        self._edge = AccountEdge(shared.edges, job.account_id)

    async def collect(self) -> None:
        """Ask for everything, window after window; raises ``AnswerError`` when the account is lost."""
        if (lost := self.shared.caller.lost) is not None:
            raise AnswerError("account", lost)
        with self._collection():
            facts = collectable(await self._ask.facts())
            if closed := self.shared.source.closed.get(facts.status or ""):
                # Its past can often be asked for all the same.
                self.record.note = f"the account is {closed}"
            listed = await self._listed_campaigns()
        self._ask.everything = any(campaign.status in self.shared.source.left_out for campaign in listed)
        await self._ask.land_account(facts)
        await self._ask.land_campaigns(listed)
        while self._waiting:
            await self._window(facts, self._waiting[0])
        if self._edge.has_gone:
            await self._land_edge(self.job.windows[0].today, None)
        outcome = self.record.outcome
        if not outcome.put_off and any(result.failure is None for result in outcome.results):
            # Last, since no day needs it.
            await self._ask.actions()

    async def give_up(self, problem: AnswerError) -> None:
        """Record every window that is still waiting as failed, or as skipped if it was not asked for."""
        failure = problem.failure
        if failure.error_class is ErrorClass.PERMISSION and self.record.note:
            message = f"{self.record.note}: {failure.message}"
            failure = replace(failure, message=message, cause=Cause.ACCOUNT_DISABLED)
            problem = AnswerError(problem.answer, failure)
        for window in self._waiting:
            await self.record.failed(window, problem, self._effort, self._started)
            self._effort = Effort(attempts=0)
        self._waiting = []

    async def _listed_campaigns(self) -> list[CampaignFacts]:
        """Return the list of campaigns; without it days lack only names, so its failure costs no day."""
        try:
            with shaped("campaigns"):
                return await self.shared.source.campaigns(self.job.account_id)
        except AnswerError as problem:
            if problem.failure.lost is not Scope.WINDOW:
                raise
            _log.warning("campaigns_unknown", error_class=problem.failure.error_class.value)
            return []

    async def _window(self, facts: AccountFacts, window: Window) -> None:
        """Collect and land ``window``, or record why not; raises ``AnswerError`` when the account is lost."""
        kept_from = self._edge.kept_from
        if kept_from is not None and window.from_date < kept_from:
            await self._cut(window, kept_from)
            return
        problem = await self._attempt(facts, window)
        if problem is None:
            self._waiting.remove(window)
        elif _is_too_much(problem.failure) and window.days > 1:
            self._waiting[:1] = halves(window)
            _log.warning("window_halved", window=str(window), message=problem.failure.message)
        elif is_refusal(problem.failure):
            await self._shrink(facts, window, problem)
        else:
            await self._failed(window, problem)

    async def _attempt(self, facts: AccountFacts, window: Window) -> AnswerError | None:
        """Collect and land ``window``; return why that was not possible."""
        with self._collection():
            try:
                columns, rows = await self._ask.days(facts, window)
            except AnswerError as problem:
                return problem
            collected = Collected(
                collection_id=self.record.collection_id(window),
                run_id=self.shared.run.run_id,
                window=window,
                account=facts,
                api_version=self.shared.caller.settings.api_version,
                fields=self.shared.source.fields,
                pages=self._effort.pages,
                requests=self._effort.requests,
                started_at=self._started,
                finished_at=clock.now(),
            )
            versions, sightings = landed_rows(columns, collected, self._latest)
            await self.record.collected(window, self._effort, self._started, versions, sightings, rows)
            self._edge.answered(window.from_date, window.to_date, window.today)
            return None

    async def _failed(self, window: Window, problem: AnswerError) -> None:
        self._waiting.remove(window)
        await self.record.failed(window, problem, self._effort, self._started)
        self._effort = Effort(attempts=0)
        if problem.failure.lost is not Scope.WINDOW:
            raise problem

    async def _shrink(self, facts: AccountFacts, window: Window, problem: AnswerError) -> None:
        """Collect the days of a refused ``window`` that the platform answers for, and see to the others.

        What is not answered yet stays waiting, so that an end of the search costs no more than that.
        """
        message, spent, started = problem.failure.message, self._effort, self._started
        search = self._edge.search(window.from_date, window.to_date, window.today, message)
        waiting = 1
        while search is not None and (days := search.part()) is not None:
            asked = replace(window, from_date=days[0], to_date=days[1])
            again = await self._attempt(facts, asked)
            too_much = again is not None and _is_too_much(again.failure) and asked.days > 1
            if again is None or too_much:
                search.answered(days)
                self._waiting += halves(asked) if too_much else []
                rest = [replace(window, from_date=since, to_date=until) for since, until in search.rest()]
                self._waiting[:waiting], waiting = rest, len(rest)
                continue
            spent = together(spent, self._effort)
            if not is_refusal(again.failure):
                # It says nothing about edges: the days that are left fail, or wait, for its reason.
                problem, search = again, None
                break
            search.refused(days)
        else:
            await self._conclude(window, message, search)
        rest, self._waiting[:waiting] = self._waiting[:waiting], []
        for part in rest:
            if self._edge.is_before(part.to_date):
                await self.record.beyond(part, message, spent, started, self._edge.kept_from)
            elif search is not None and search.good is not None and part.from_date >= window.today:
                # The day has not begun where the platform is.
                await self.record.beyond(part, message, spent, started, None)
            else:
                await self.record.failed(part, problem, spent, started)
            spent = self._effort = Effort(attempts=0)
        if problem.failure.lost is not Scope.WINDOW:
            raise problem

    async def _conclude(self, window: Window, message: str, search: Search | None) -> None:
        """Land what a search has found of the edge."""
        if self._edge.conclude(window.to_date, window.today, message, search):
            await self._land_edge(window.today, message)

    async def _land_edge(self, today: date, message: str | None) -> None:
        row = edge_row(self.job.platform, self.job.account_id, self._edge.kept_from, today, message)
        row |= {"run_id": self.shared.run.run_id, "seen_at": clock.now()}
        await self.shared.sink.put(("retention_edges", [row]))

    async def _cut(self, window: Window, kept_from: date) -> None:
        """Leave out the days of ``window`` that the platform was just found not to keep."""
        older = replace(window, to_date=min(window.to_date, kept_from - timedelta(days=1)))
        newer = [replace(window, from_date=kept_from)] if window.to_date >= kept_from else []
        self._waiting[:1] = newer
        self._effort, self._started = Effort(attempts=0), clock.now()
        await self.record.beyond(older, self._edge.message, self._effort, self._started, kept_from)

    @contextmanager
    def _collection(self) -> Iterator[None]:
        """Begin to count what a collection costs."""
        self._started, self._effort = clock.now(), Effort(account_id=self.job.account_id)
        token = EFFORT.set(self._effort)
        try:
            yield
        finally:
            EFFORT.reset(token)


def collectable(facts: AccountFacts) -> AccountFacts:
    """Return ``facts``, or raise ``AnswerError`` for an account that has no figures of its own.

    An answer without currency or time zone was none: without them no figure has a meaning.
    """
    if facts.currency is None or facts.timezone is None:
        unknown = "the answer does not say which currency and time zone the account has"
        raise AnswerError("account", Failure.of(ErrorClass.TRANSIENT, unknown, lost=Scope.ACCOUNT))
    if not facts.manager:
        return facts
    accounts = "register the accounts below it instead"
    failure = Failure.of(ErrorClass.BAD_REQUEST, accounts, lost=Scope.ACCOUNT, cause=Cause.MANAGER_ACCOUNT)
    raise AnswerError("account", failure)


def _is_too_much(failure: Failure) -> bool:
    return failure.shrink or is_too_wide(failure)


def halves(window: Window) -> list[Window]:
    """Return the newer and the older half of ``window``."""
    middle = window.from_date + timedelta(days=window.days // 2)
    return [replace(window, from_date=middle), replace(window, to_date=middle - timedelta(days=1))]
