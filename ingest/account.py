"""Collecting one account: its facts, its campaigns, then window after window, each day in full or not."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import structlog

from ingest.answers import AccountFacts, CampaignFacts, refused
from ingest.caller import EFFORT, Effort
from ingest.days import Collected, DayColumns, landed_rows
from ingest.errors import AnswerError, ErrorClass, Failure, Scope
from ingest.jobs import AccountJob, Collector, WindowResult
from ingest.names import changed_account, changed_campaigns
from ingest.planner import Window
from ingest.reconcile import disagreeing
from wholeday import clock

# The platforms restate between two requests: so often a day is asked for again whose answers disagree.
RECONCILE_AGAIN = 2

_log = structlog.get_logger()


async def collect_account(job: AccountJob, shared: Collector) -> list[WindowResult]:
    """Collect the windows of one account within its time; failures are recorded and returned, not raised."""
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
    return one.results


class _Account:
    def __init__(self, job: AccountJob, shared: Collector) -> None:
        self.job = job
        self.shared = shared
        self.results: list[WindowResult] = []
        self._waiting = list(job.windows)
        self._latest = shared.latest.get((job.platform, job.account_id), {})
        self._named: set[str] = set()
        # Whether campaigns are known that the platform leaves out unless everything is asked for.
        self._everything = False
        self._started = clock.now()
        self._effort = Effort()

    async def collect(self) -> None:
        """Ask for everything, window after window; raises ``AnswerError`` when the account is lost."""
        with self._collection():
            with shaped("account"):
                facts = await self.shared.source.account(self.job.account_id)
            listed = await self._listed_campaigns()
        self._everything = any(campaign.status in self.shared.source.left_out for campaign in listed)
        await self._land_account(facts)
        await self._land_campaigns(listed)
        while self._waiting:
            await self._window(facts, self._waiting[0])

    async def give_up(self, problem: AnswerError) -> None:
        """Record every window that is still waiting as failed, or as skipped if nobody asked for it."""
        for window in self._waiting:
            await self._record(window, problem)
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
                columns, off, rows = await self._answers(facts, window, everything=self._everything)
                columns = await self._agreeing(facts, window, columns, off)
            except AnswerError as problem:
                self._waiting.remove(window)
                if problem.failure.shrink and window.days > 1:
                    self._waiting[:0] = halves(window)
                    _log.warning("window_halved", window=str(window), message=problem.failure.message)
                    return
                await self._record(window, problem)
                self._effort = Effort(attempts=0)
                if problem.failure.lost is not Scope.WINDOW:
                    raise
                return
            collected = Collected(
                collection_id=self._collection_id(window),
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
            await self.shared.sink.put("account_days", versions)
            await self.shared.sink.put("sightings", sightings)
            self._waiting.remove(window)
            await self._record(window, None, rows, versions.num_rows, sightings.num_rows)

    async def _answers(
        self, facts: AccountFacts, window: Window, *, everything: bool
    ) -> tuple[DayColumns, frozenset[date], int]:
        """Return the window's days, those of them that disagree, and the number of rows they came in."""
        with shaped("delivery"):
            answers = await self.shared.source.window(
                self.job.account_id, window.from_date, window.to_date, everything=everything
            )
            columns = DayColumns.of(answers, facts)
        await self._land_campaigns(answers.campaigns.values())
        return columns, disagreeing(self.shared.source.measures, answers, facts.currency), answers.rows

    async def _agreeing(
        self, facts: AccountFacts, window: Window, columns: DayColumns, off: frozenset[date]
    ) -> DayColumns:
        """Ask again, in full, for days whose campaigns and totals disagree; what comes last is what lands."""
        for _ in range(RECONCILE_AGAIN):
            if not off:
                break
            part = replace(window, from_date=min(off), to_date=max(off))
            _log.info("days_disagree", days=len(off), window=str(part))
            try:
                newer, still_off, _ = await self._answers(facts, part, everything=True)
            except AnswerError as problem:
                if problem.failure.lost is not Scope.WINDOW:
                    raise
                break
            columns = columns.replaced(newer, off)
            self._everything = True
            off &= still_off
        return columns

    async def _record(
        self, window: Window, problem: AnswerError | None, rows: int = 0, stored: int = 0, sighted: int = 0
    ) -> None:
        """Land the row about this collection, and tell the log and whoever watches."""
        failure = problem.failure if problem else None
        answer = problem.answer if problem else None
        outcome = "collected" if failure is None else "failed" if self._effort.requests else "skipped"
        row = {
            "collection_id": self._collection_id(window),
            "run_id": self.shared.run.run_id,
            "platform": self.job.platform,
            "account_id": self.job.account_id,
            "from_date": window.from_date,
            "to_date": window.to_date,
            "data_source": window.data_source(window.to_date),
            "outcome": outcome,
            "failed_answer": answer,
            "error_class": failure.error_class.value if failure else None,
            "message": failure.message if failure else None,
            "attempts": self._effort.attempts,
            "requests": self._effort.requests,
            "rows": rows,
            "started_at": self._started,
            "finished_at": clock.now(),
        }
        await self.shared.sink.put("collections", [row])
        result = WindowResult(window, failure, answer, stored, sighted)
        self.results.append(result)
        self.shared.advance(result)
        _log.info(
            "window",
            window=str(window),
            outcome=outcome,
            error_class=row["error_class"],
            failed_answer=answer,
            attempt=self._effort.attempts,
            requests=self._effort.requests,
            stored=stored,
            sighted=sighted,
        )

    def _collection_id(self, window: Window) -> str:
        return f"{self.shared.run.run_id}:{self.job.platform}:{self.job.account_id}:{window.from_date}"

    @contextmanager
    def _collection(self) -> Iterator[None]:
        """Begin to count what a collection costs."""
        self._started, self._effort = clock.now(), Effort()
        token = EFFORT.set(self._effort)
        try:
            yield
        finally:
            EFFORT.reset(token)

    async def _land_account(self, facts: AccountFacts) -> None:
        run_id, known = self.shared.run.run_id, self.shared.named
        rows = changed_account(self.job.platform, facts, known, run_id, clock.now())
        await self.shared.sink.put("accounts", rows)

    async def _land_campaigns(self, campaigns: Iterable[CampaignFacts]) -> None:
        """Land what is new of the campaigns; what the list said comes first, and rows only add to it."""
        unnamed = [campaign for campaign in campaigns if campaign.campaign_id not in self._named]
        self._named |= {campaign.campaign_id for campaign in unnamed}
        run_id, known, job = self.shared.run.run_id, self.shared.named, self.job
        rows = changed_campaigns(job.platform, job.account_id, unnamed, known, run_id, clock.now())
        await self.shared.sink.put("campaigns", rows)


@contextmanager
def shaped(answer: str) -> Iterator[None]:
    """Refuse an answer whose objects are not what the platform says they are."""
    try:
        yield
    except (TypeError, AttributeError, KeyError, ValueError) as problem:
        _log.warning("unknown_shape", exc_info=True)
        raise refused(answer, f"it has an unknown shape ({type(problem).__name__})") from None


def halves(window: Window) -> list[Window]:
    """Return the newer and the older half of ``window``."""
    middle = window.from_date + timedelta(days=window.days // 2)
    return [replace(window, from_date=middle), replace(window, to_date=middle - timedelta(days=1))]
