"""One circuit breaker per platform: when it is down, a few failures say so and asking stops."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import Context, OpenedState

from ingest.client.errors import (
    ErrorClass,
    Failure,
    RequestError,
    Scope,
)


def _says_nothing_of_the_platform(problem: RequestError) -> bool:
    """Say whether the platform is up all the same: it judged a request, or failed at one report."""
    failure = problem.failure
    if failure.error_class is ErrorClass.THROTTLE:
        return failure.lost is not Scope.PLATFORM
    return failure.error_class is not ErrorClass.TRANSIENT or failure.restart


class Breaker:
    """Opens after ``failures`` failures in a row, for ``seconds``; then one trial decides.

    Failures are those that pass: an outage, and a quota of the whole platform that is used up. purgatory
    counts. On top of it, no more requests are under way than failures are left: parallel accounts would
    otherwise all fail at once, and all of them would be the trial.
    """

    def __init__(self, platform: str, failures: int, seconds: float) -> None:
        self._platform = platform
        self._failures = failures
        self._seconds = seconds
        self._factory = AsyncCircuitBreakerFactory(
            default_threshold=failures,
            default_ttl=seconds,
            exclude=[(RequestError, _says_nothing_of_the_platform)],
        )
        self._turn = asyncio.Condition()
        self._under_way = 0
        self._opened_at: float | None = None
        self.openings = 0
        """How often it has opened since the platform last answered."""

    @property
    def seconds_left(self) -> float:
        """In how many seconds a trial may be made; 0 while it is closed, or a trial is due."""
        return 0.0 if self._opened_at is None else max(0.0, self._opened_at + self._seconds - time.time())

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """Let one request pass and count how it ended; raises ``RequestError`` (breaker) while it is open."""
        breaker = await self._factory.get_breaker(self._platform)
        context = breaker.context

        def room() -> bool:
            left = 1 if context.state == "half-opened" else self._failures - (context.failure_count or 0)
            return context.state == "opened" or self._under_way < left

        async with AsyncExitStack() as request:
            async with self._turn:
                await self._turn.wait_for(room)
                self._under_way += 1
                request.push_async_callback(self._done)
                try:
                    await breaker.__aenter__()
                except OpenedState:
                    raise RequestError(self._open()) from None
            try:
                yield
            except asyncio.CancelledError:
                raise  # a request that was given up says nothing, not even that the platform is up
            except BaseException as problem:
                await breaker.__aexit__(type(problem), problem, problem.__traceback__)
                raise
            else:
                await breaker.__aexit__(None, None, None)
            finally:
                self._noted(context)

    def _noted(self, context: Context) -> None:
        if context.state == "closed":
            self._opened_at = None
            if not context.failure_count:
                self.openings = 0
        elif context.state == "opened" and context.opened_at != self._opened_at:
            self._opened_at = context.opened_at
            self.openings += 1

    async def _done(self) -> None:
        async with self._turn:
            self._under_way -= 1
            self._turn.notify_all()

    def _open(self) -> Failure:
        return Failure.of(
            ErrorClass.BREAKER,
            f"{self._platform} failed {self._failures} times in a row, so it is left alone for a while",
        )
