"""Google's access token: asked for once, renewed before it expires or when it is refused."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from core import clock
from core.log import hide
from ingest.client.caller import Caller
from ingest.client.http import Request

# A token is renewed when it has less than this left: longer than any one request takes.
TOKEN_MARGIN_SECONDS = 120.0
LIFETIME_SECONDS = 3600.0


def is_token(body: Any) -> str | None:
    """Say what is wrong with an answer that is to be an access token, if something is."""
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        return "it has no access_token"
    # It becomes a header.
    return None if token.isascii() and token.isprintable() else "its access_token is none"


@dataclass
class Tokens:
    """The access token, renewed once for all requests that wait, before it expires or when it is refused."""

    caller: Caller
    _token: str = field(default="", repr=False)
    _expires: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, refused_token: str = "") -> str:
        """Return a token that is not ``refused_token`` and is good for the next request."""
        async with self._lock:
            if not self._token or self._token == refused_token or time.monotonic() > self._expires:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        settings = self.caller.settings
        request = Request(
            "POST",
            settings.token_url,
            asked="token",
            shape=is_token,
            form={
                "grant_type": "refresh_token",
                "client_id": settings.credentials["client_id"],
                "client_secret": settings.credentials["client_secret"],
                "refresh_token": settings.credentials["refresh_token"],
            },
        )
        body = await self.caller.ask(request, refreshed=True)
        told = str(body.get("expires_in", ""))
        lifetime = float(told) if told.isdecimal() else LIFETIME_SECONDS
        # Google's OAuth answer: for access that the user granted for a time only.
        left = str(body.get("refresh_token_expires_in", ""))
        if left.isdecimal():
            self.caller.credentials_end = clock.now() + timedelta(seconds=int(left[:9]))
        hide(body["access_token"])
        self._token = body["access_token"]
        self._expires = time.monotonic() + lifetime - min(TOKEN_MARGIN_SECONDS, lifetime / 2)
