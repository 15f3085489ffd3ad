"""Asking until there is an answer: at once, then after about 2, 4, 8 s; not where asking again does harm."""

import asyncio
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
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

from ingest.client.breaker import Breaker
from ingest.client.errors import (
    Cause,
    ErrorClass,
    Failure,
    RequestError,
    Scope,
)
from ingest.client.http import FailureIn, Request, fetch
from ingest.client.sources import SourceSettings
from ingest.client.throttle import Throttle, UsageIn, no_usage
from ingest.client.turns import Turns
from ingest.client.versions import what_to_set

# With so many requests left for each account that may be under way, accounts take turns: more than a window
# of a large one takes.
SCARCE = 25
# A platform that answered in this run is waited for until so many trials in a row have failed.
TRIALS = 3

_log = structlog.get_logger()


@dataclass
class Effort:
    """What a collection has cost so far: requests sent, pages read, the most attempts of one request."""

    requests: int = 0
    pages: int = 0
    attempts: int = 1
    account_id: str = ""


# The effort of the collection that the current task works on.
EFFORT: ContextVar[Effort] = ContextVar("effort")


@dataclass
class Caller:
    """The way to one platform, shared by all its accounts; ``lost`` says why asking has no use any more.

    ``credentials_end`` is when the credentials stop working, where an answer said so by itself.
    """

    settings: SourceSettings
    session: aiohttp.ClientSession
    breaker: Breaker
    failure_in: FailureIn
    usage_in: UsageIn = no_usage
    sent: int = 0
    answered: int = 0
    lost: Failure | None = None
    credentials_end: datetime | None = None
    throttle: Throttle = field(init=False)
    turns: Turns = field(default_factory=Turns)
    _refusals: int = 0

    def __post_init__(self) -> None:
        self.throttle = Throttle(self.settings.retry_base_seconds)
        self.lost = self.lost or self.settings.unusable

    @property
    def exhausted(self) -> bool:
        """Whether the requests of this run are used up."""
        return self.settings.max_requests is not None and self.sent >= self.settings.max_requests

    @property
    def scarce(self) -> bool:
        """Whether so few requests are left that not every account under way could finish a window."""
        limit, accounts = self.settings.max_requests, self.settings.parallel_accounts
        return limit is not None and limit - self.sent <= SCARCE * accounts

    @property
    def hopeless(self) -> bool:
        """Whether the platform is down: it never answered in this run, or one trial after another failed."""
        return self.breaker.openings > (TRIALS if self.answered else 0)

    async def patience(self) -> None:
        """Wait until the platform may be asked again, as long as there is hope that it will answer."""
        while (seconds := self.breaker.seconds_left) > 0 and self.lost is None and not self.hopeless:
            await asyncio.sleep(seconds + 0.01)

    async def ask(self, request: Request, *, refreshed: bool = False) -> Any:
        """Return the parsed body of ``request``'s answer, or raise ``RequestError`` when there is none.

        ``refreshed`` says that the access token is new, so that no other can help.
        """
        if request.optional:
            return await self._once(request, 1)
        backoff = self.settings.retry_base_seconds
        spread = wait_exponential(multiplier=backoff) + wait_random(0, backoff / 2)

        def wait(state: RetryCallState) -> float:
            problem = state.outcome.exception() if state.outcome else None
            failure = problem.failure if isinstance(problem, RequestError) else None
            told = failure.wait_seconds if failure else None
            seconds = told + wait_random(0, backoff / 2)(state) if told is not None else spread(state)
            if failure and failure.error_class is ErrorClass.THROTTLE:
                self.throttle.refused(_effort().account_id, failure.lost, seconds)
            return seconds

        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(self.settings.retry_attempts),
                wait=wait,
                retry=retry_if_exception(_worth_asking_again),
                reraise=True,
            ):
                with attempt:
                    body = await self._once(request, attempt.retry_state.attempt_number)
            if request.asked != "token":
                self._refusals = 0
                self.answered += 1
            return body
        except RequestError as problem:
            raise RequestError(self._weighed(problem.failure, refreshed)) from None

    async def _once(self, request: Request, attempt: int) -> Any:
        effort = _effort()
        # A token is renewed once, for all accounts.
        if self.scarce and effort.account_id and request.asked != "token":
            await self.turns.turn(effort.account_id)
        await self.throttle.turn(effort.account_id)
        if self.lost is not None:
            raise RequestError(self.lost)
        if request.optional and self.breaker.seconds_left > 0:
            raise RequestError(Failure.of(ErrorClass.BREAKER, "the platform is left alone for a while"))
        if self.exhausted:
            raise RequestError(
                Failure.of(
                    ErrorClass.BUDGET, f"the {self.settings.max_requests} requests of a run are used up"
                )
            )
        effort.attempts = max(effort.attempts, attempt)
        try:
            async with nullcontext() if request.optional else self.breaker.request():
                self.sent += 1
                effort.requests += 1
                return await fetch(self.session, request, self.failure_in, self._hears)
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

    def _hears(self, headers: Any) -> None:
        self.throttle.heard(_effort().account_id, self.usage_in(headers))

    def _weighed(self, failure: Failure, refreshed: bool) -> Failure:
        """Return ``failure`` with what it costs here and now; note when it costs the whole platform."""
        if failure is self.lost:
            return failure
        if failure.cause is Cause.VERSION_RETIRED:
            failure = replace(failure, message=what_to_set(self.settings, failure.message))
        if failure.lost is not Scope.PLATFORM or (failure.refresh and not refreshed):
            return failure
        if failure.error_class is ErrorClass.THROTTLE and not failure.long:
            return failure  # the breaker knows, and lets the platform rest
        if failure.refresh and self.answered:
            # A platform that has answered us, and refuses a token that is new, may have stumbled: once.
            self._refusals += 1
            if self._refusals == 1:
                return failure.costing(Scope.ACCOUNT)
        self.lost = self.lost or failure
        return failure


def _effort() -> Effort:
    return EFFORT.get(Effort())


def _worth_asking_again(problem: BaseException) -> bool:
    return isinstance(problem, RequestError) and problem.failure.again
