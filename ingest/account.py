"""Collecting one account: its facts, its campaigns, then window after window, each day in full or not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import structlog

from ingest.answers import AccountFacts, CampaignFacts
from ingest.asking import Asker, shaped
from ingest.caller import EFFORT, Effort
from ingest.days import Collected, landed_rows
from ingest.errors import AnswerError, Cause, ErrorClass, Failure, Scope
from ingest.jobs import AccountJob, Collector, Outcome
from ingest.planner import Window
from ingest.recording import Recorder
from wholeday import clock

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
        await shared.caller.thrift.done(job.account_id)
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

    async def give_up(self, problem: AnswerError) -> None:
        """Record every window that is still waiting as failed, or as skipped if nobody asked for it."""
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
        with self._collection():
            try:
                columns, rows = await self._ask.days(facts, window)
            except AnswerError as problem:
                self._waiting.remove(window)
                if problem.failure.shrink and window.days > 1:
                    self._waiting[:0] = halves(window)
                    _log.warning("window_halved", window=str(window), message=problem.failure.message)
                    return
                await self.record.failed(window, problem, self._effort, self._started)
                self._effort = Effort(attempts=0)
                if problem.failure.lost is not Scope.WINDOW:
                    raise
                return
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
            self._waiting.remove(window)

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


def halves(window: Window) -> list[Window]:
    """Return the newer and the older half of ``window``."""
    middle = window.from_date + timedelta(days=window.days // 2)
    return [replace(window, from_date=middle), replace(window, to_date=middle - timedelta(days=1))]
