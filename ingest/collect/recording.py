"""What is kept of how a window was collected: one row, a line for the log, and one for the terminal."""

from datetime import date, datetime
from typing import Any

import structlog

from core import clock
from ingest.client.caller import Effort
from ingest.client.errors import AnswerError, Cause, ErrorClass
from ingest.collect.jobs import (
    AccountJob,
    Collector,
    Outcome,
    PutOff,
    WindowResult,
)
from ingest.collect.planner import Window

# Our own reasons not to ask: they say less than why the platform failed the time before.
_NOT_ASKED = frozenset({ErrorClass.BREAKER, ErrorClass.BUDGET})

_log = structlog.get_logger()


class Recorder:
    """The record of one account's windows; what fails for a passing reason is put off once, and so on."""

    def __init__(self, job: AccountJob, shared: Collector) -> None:
        self._job = job
        self._shared = shared
        self._earlier = {str(one.window): one for one in job.earlier}
        self.outcome = Outcome()
        self.note = ""
        """What is to be known of the account, though it is collected."""

    def collection_id(self, window: Window) -> str:
        """Name the collection of ``window``; a window is collected once in a run."""
        run_id, job = self._shared.run.run_id, self._job
        return f"{run_id}:{job.platform}:{job.account_id}:{window.from_date}"

    async def failed(
        self,
        window: Window,
        problem: AnswerError,
        effort: Effort,
        started_at: datetime,
        *,
        final: bool = False,
    ) -> None:
        """Record that ``window`` failed, or put it off if it may be answered a little later."""
        earlier = self._earlier.get(str(window))
        if earlier is not None:
            effort = together(earlier.effort, effort)
            if problem.failure.error_class in _NOT_ASKED:
                problem = earlier.problem
            elif earlier.problem.failure.error_class not in _NOT_ASKED:
                final = True
        if problem.failure.passing and not final:
            self.outcome.put_off.append(PutOff(window, problem, effort, started_at))
            _log.info("window_put_off", window=str(window), error_class=problem.failure.error_class.value)
            return
        row, result = (
            self._row(window, effort, started_at),
            WindowResult(window, problem.failure, problem.answer),
        )
        # Without credentials no account is asked, and so no other account could say why.
        alone = problem.failure.cause is Cause.NOT_CONFIGURED
        row |= {
            "outcome": "failed" if effort.requests or alone else "skipped",
            "failed_answer": problem.answer,
            "error_class": problem.failure.error_class.value,
            "message": problem.failure.message,
        }
        await self._shared.sink.put(("collections", [row]))
        self._tell(row, result)

    async def beyond(
        self, window: Window, message: str, effort: Effort, started_at: datetime, kept_from: date | None
    ) -> None:
        """Record that the platform does not answer for the days of ``window``: they are not missing."""
        row = self._row(window, effort, started_at)
        boundary = ErrorClass.BOUNDARY.value
        row |= {"outcome": "skipped", "error_class": boundary, "message": message}
        await self._shared.sink.put(("collections", [row]))
        self._tell(row, WindowResult(window, note="", kept_from=kept_from))

    def puts_off(self, window: Window, problem: AnswerError) -> bool:
        """Say whether ``window`` would be asked for once more if it failed with ``problem``."""
        return problem.failure.passing and str(window) not in self._earlier

    async def collected(
        self, window: Window, effort: Effort, started_at: datetime, versions: Any, sightings: Any, rows: int
    ) -> None:
        """Land the days of ``window`` and the row about their collection, in one piece."""
        earlier = self._earlier.get(str(window))
        if earlier is not None:
            effort = together(earlier.effort, effort)
        row = self._row(window, effort, started_at) | {"outcome": "collected", "rows": rows}
        row["message"] = self.note or None
        await self._shared.sink.put(
            ("account_days", versions), ("sightings", sightings), ("collections", [row])
        )
        self._tell(row, WindowResult(window, None, None, versions.num_rows, sightings.num_rows, self.note))

    def _row(self, window: Window, effort: Effort, started_at: datetime) -> dict[str, Any]:
        return {
            "collection_id": self.collection_id(window),
            "run_id": self._shared.run.run_id,
            "platform": self._job.platform,
            "account_id": self._job.account_id,
            "from_date": window.from_date,
            "to_date": window.to_date,
            "data_source": window.data_source(window.to_date),
            "outcome": None,
            "failed_answer": None,
            "error_class": None,
            "message": None,
            "attempts": effort.attempts,
            "requests": effort.requests,
            "rows": 0,
            "started_at": started_at,
            "finished_at": clock.now(),
        }

    def _tell(self, row: dict[str, Any], result: WindowResult) -> None:
        self.outcome.results.append(result)
        self._shared.advance(result)
        _log.info(
            "window",
            window=str(result.window),
            outcome=row["outcome"],
            error_class=row["error_class"],
            failed_answer=row["failed_answer"],
            attempt=row["attempts"],
            requests=row["requests"],
            stored=result.stored,
            sighted=result.sighted,
        )


def together(first: Effort, second: Effort) -> Effort:
    """Return what two rounds have cost."""
    return Effort(
        requests=first.requests + second.requests,
        pages=first.pages + second.pages,
        attempts=first.attempts + second.attempts,
        account_id=second.account_id,
    )


async def give_up(put_off: list[PutOff], shared: Collector) -> list[WindowResult]:
    """Record the windows of one account that are not asked for once more."""
    recorder = Recorder(AccountJob.again(put_off), shared)
    for one in put_off:
        await recorder.failed(one.window, one.problem, Effort(attempts=0), one.started_at, final=True)
    return recorder.outcome.results
