"""One circuit breaker per platform: when it is down, a few failures say so and nobody asks further."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from ingest.errors import ErrorClass, Failure, RequestError


def _says_nothing_of_the_platform(problem: RequestError) -> bool:
    return problem.failure.error_class is not ErrorClass.TRANSIENT


class Breaker:
    """Opens after ``failures`` transient failures in a row, for ``seconds``; then one trial decides.

    purgatory counts. On top of it, no more requests are under way than failures are left: parallel accounts
    would otherwise all fail at once, and all of them would be the trial.
    """

    def __init__(self, platform: str, failures: int, seconds: float) -> None:
        self._platform = platform
        self._failures = failures
        self._factory = AsyncCircuitBreakerFactory(
            default_threshold=failures,
            default_ttl=seconds,
            exclude=[asyncio.CancelledError, (RequestError, _says_nothing_of_the_platform)],
        )
        self._turn = asyncio.Condition()
        self._under_way = 0

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
                    await request.enter_async_context(breaker)
                except OpenedState:
                    raise RequestError(self._open()) from None
            yield

    async def _done(self) -> None:
        async with self._turn:
            self._under_way -= 1
            self._turn.notify_all()

    def _open(self) -> Failure:
        return Failure.of(
            ErrorClass.BREAKER,
            f"{self._platform} failed {self._failures} times in a row, so it is left alone for a while",
        )
