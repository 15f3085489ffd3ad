"""What a run finds of a platform beside its days: the quota it used, and how long the credentials hold."""

import asyncio
from dataclasses import replace
from typing import Any

import structlog

from core import clock
from core.log import scrub
from ingest.access import TokenFacts
from ingest.client.breaker import Breaker
from ingest.client.caller import Caller
from ingest.client.errors import ErrorClass
from ingest.client.http import MESSAGE_LIMIT
from ingest.registry import api_of

# A longer wait is not worth it for what costs no day.
TOKEN_SECONDS = 10.0

_log = structlog.get_logger()


async def platform_row(run_id: str, caller: Caller, *, asks: bool) -> dict[str, Any]:
    """Return the row of ``ledger.platforms`` for what ``caller`` was used for; never raises.

    ``asks``: ask the platform about the credentials too, if it can say something of them and is up. Columns
    of the credentials are NULL where nothing was said of them in this run.
    """
    facts = await _token(caller, asks)
    return {
        "run_id": run_id,
        "platform": caller.settings.platform.name,
        "api_version": caller.settings.api_version,
        "usage_percent": caller.throttle.highest,
        "token_valid": facts.valid if facts else None,
        "token_told": facts.told if facts else None,
        "token_expires_at": facts.ends_at if facts else None,
        "token_problem": (scrub(facts.problem)[:MESSAGE_LIMIT] or None) if facts else None,
        "seen_at": clock.now(),
    }


async def _token(caller: Caller, asks: bool) -> TokenFacts | None:
    """Return what is to be known of the credentials; None where nothing was told, or asking is vain."""
    if caller.lost is not None and caller.lost.error_class is ErrorClass.AUTH:
        return TokenFacts(valid=False, problem=caller.lost.message)
    is_down = caller.lost is not None or caller.exhausted or caller.breaker.openings > 0
    if not asks or is_down or not caller.answered:
        return None
    if not caller.settings.platform.tells_token:
        # It answered, so they hold; for how long, it mostly does not say.
        ends_at = caller.credentials_end
        return TokenFacts(valid=True, expires_at=ends_at, told=ends_at is not None)
    try:
        async with asyncio.timeout(TOKEN_SECONDS):
            return await _ask(caller)
    except Exception as problem:  # whatever it is, it costs no day
        name = caller.settings.platform.name
        _log.warning("token_unknown", platform=name, error=type(problem).__name__, message=str(problem))
        return None


async def _ask(caller: Caller) -> TokenFacts:
    """Ask once, in the pace of ``caller``, and beside its breaker: what comes of it says nothing of days."""
    settings = replace(caller.settings, retry_attempts=1)
    breaker = Breaker(settings.platform.name, settings.breaker_failures, settings.breaker_seconds)
    beside = Caller(settings, caller.session, breaker, caller.failure_in, caller.usage_in)
    beside.throttle = caller.throttle
    try:
        return await api_of(settings.platform).access(beside).token()
    finally:
        caller.sent += beside.sent
