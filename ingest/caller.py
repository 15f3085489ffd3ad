"""Asking until there is an answer: at once, then after about 2, 4, 8 s; not where asking again does harm."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from ingest.breaker import Breaker
from ingest.errors import ErrorClass, Failure, RequestError, Scope
from ingest.http import FailureIn, Request, fetch
from ingest.sources import SourceSettings

# Longer than this nobody sleeps: the account, or the platform, is left for the next run.
LONGEST_WAIT_SECONDS = 60.0

_log = structlog.get_logger()


@dataclass
class Effort:
    """What a collection has cost so far: requests sent, pages read, the most attempts of one request."""

    requests: int = 0
    pages: int = 0
    attempts: int = 1


# The effort of the collection that the current task works on.
EFFORT: ContextVar[Effort] = ContextVar("effort")


@dataclass
class Caller:
    """The way to one platform, shared by all its accounts; ``lost`` says why nobody needs to ask any more."""

    settings: SourceSettings
    session: aiohttp.ClientSession
    breaker: Breaker
    failure_in: FailureIn
    sent: int = 0
    lost: Failure | None = None

    @property
    def exhausted(self) -> bool:
        """Whether the requests of this run are used up."""
        return self.settings.max_requests is not None and self.sent >= self.settings.max_requests

    async def ask(self, request: Request, *, refreshed: bool = False) -> Any:
        """Return the parsed body of ``request``'s answer, or raise ``RequestError`` when there is none.

        ``refreshed`` says that the access token is new, so that no other can help.
        """
        backoff = self.settings.retry_base_seconds
        spread = wait_exponential(multiplier=backoff) + wait_random(0, backoff / 2)

        def wait(state: RetryCallState) -> float:
            problem = state.outcome.exception() if state.outcome else None
            told = problem.failure.wait_seconds if isinstance(problem, RequestError) else None
            return told + wait_random(0, backoff / 2)(state) if told else spread(state)

        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(self.settings.retry_attempts),
                wait=wait,
                retry=retry_if_exception(_worth_asking_again),
                reraise=True,
            ):
                with attempt:
                    return await self._once(request, attempt.retry_state.attempt_number)
        except RequestError as problem:
            if problem.failure.lost is Scope.PLATFORM and (refreshed or not problem.failure.refresh):
                self.lost = self.lost or problem.failure
            raise
        raise AssertionError("tenacity ends with a result or an exception")

    async def _once(self, request: Request, attempt: int) -> Any:
        if self.lost is not None:
            raise RequestError(self.lost)
        if self.exhausted:
            raise RequestError(
                Failure.of(
                    ErrorClass.BUDGET, f"the {self.settings.max_requests} requests of a run are used up"
                )
            )
        effort = EFFORT.get(Effort())
        effort.attempts = max(effort.attempts, attempt)
        try:
            async with self.breaker.request():
                self.sent += 1
                effort.requests += 1
                return await fetch(self.session, request, self.failure_in)
        except RequestError as problem:
            failure = problem.failure
            _log.warning(
                "request_failed",
                asked=request.asked,
                attempt=attempt,
                error_class=failure.error_class.value,
                status=failure.status,
                wait_seconds=failure.wait_seconds,
                message=failure.message,
            )
            raise


def _worth_asking_again(problem: BaseException) -> bool:
    if not isinstance(problem, RequestError):
        return False
    failure = problem.failure
    return failure.again and not failure.restart and (failure.wait_seconds or 0.0) <= LONGEST_WAIT_SECONDS
