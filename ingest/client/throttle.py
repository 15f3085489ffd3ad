"""Slowing down before the platform says no: what its usage headers tell, for it and for each account."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from ingest.client.errors import Scope

# From this share of a quota on, in percent, requests are spaced.
SLOW_FROM_PERCENT = 75.0
# A reading counts for so long: the platform's own score decays in 300 s (Meta: rate limiting).
READING_SECONDS = 300.0
# Requests are never further apart than so many first waits of a request that is asked again.
SLOWEST = 5.0

_log = structlog.get_logger()


@dataclass(frozen=True)
class Usage:
    """How much of the platform's and of the account's quota is used, in percent; it can pass 100.

    ``told`` is False where an answer says nothing of either: 0 is a share too.
    """

    platform: float = 0.0
    account: float = 0.0
    told: bool = False


# Reads the usage out of the headers of an answer, whatever its status.
UsageIn = Callable[[Mapping[str, str]], Usage]


def no_usage(headers: Mapping[str, str]) -> Usage:
    """Return the usage that a platform tells which tells none."""
    del headers
    return Usage()


def spacing_seconds(percent: float, base_seconds: float) -> float:
    """Return how far apart requests are to be: half of ``base_seconds`` at 75 %, all of it at 100 %."""
    if percent < SLOW_FROM_PERCENT:
        return 0.0
    return base_seconds * min((percent - 50.0) / 50.0, SLOWEST)


@dataclass
class _Pace:
    """The pace of the platform, or of one account: ``free`` is when the next request may begin."""

    spacing: float = 0.0
    told_at: float = 0.0
    free: float = 0.0


@dataclass
class Throttle:
    """The pace of one platform and of each of its accounts; all times in seconds of ``timer``.

    ``highest`` is the largest share of a quota that was heard of, in percent, None where it is not told.
    """

    retry_base_seconds: float
    timer: Callable[[], float] = time.monotonic
    highest: float | None = None
    _paces: dict[str, _Pace] = field(default_factory=dict)

    def heard(self, account_id: str, usage: Usage) -> None:
        """Take note of what an answer about ``account_id`` said of the quotas."""
        if usage.told:
            self.highest = max(self.highest or 0.0, usage.platform, usage.account)
        self._note("", usage.platform)
        if account_id:
            self._note(account_id, usage.account)

    def refused(self, account_id: str, lost: Scope, seconds: float) -> None:
        """Stop all requests to the platform, or those for the account, for ``seconds``."""
        pace = self._paces.setdefault("" if lost is Scope.PLATFORM else account_id, _Pace())
        pace.free = max(pace.free, self.timer() + seconds)

    def reserve(self, account_id: str) -> float:
        """Return in how many seconds the next request about ``account_id`` may begin, and count on it."""
        if not self._paces:
            return 0.0
        now = self.timer()
        paces = [self._paces[key] for key in {"", account_id} if key in self._paces]
        begin = max([now, *(pace.free for pace in paces)])
        for pace in paces:
            if pace.spacing and now < pace.told_at + READING_SECONDS:
                pace.free = begin + pace.spacing
        return begin - now

    async def turn(self, account_id: str) -> None:
        """Wait until a request about ``account_id`` may begin."""
        if (seconds := self.reserve(account_id)) > 0:
            await asyncio.sleep(seconds)

    def _note(self, key: str, percent: float) -> None:
        spacing = spacing_seconds(percent, self.retry_base_seconds)
        pace = self._paces.get(key)
        if pace is None:
            if not spacing:
                return
            pace = self._paces[key] = _Pace()
        if spacing and not pace.spacing:
            _log.warning("slowing_down", account=key, percent=percent, spacing_seconds=spacing)
        now = self.timer()
        if spacing:
            pace.free = max(pace.free, now + spacing)
        pace.spacing, pace.told_at = spacing, now
