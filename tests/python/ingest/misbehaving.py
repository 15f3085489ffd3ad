"""A server of our own that misbehaves, and the way to it: the real client, retries and breaker included."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from ingest.client.breaker import Breaker
from ingest.client.caller import Caller
from ingest.client.http import http_session
from ingest.client.source_spec import load_settings
from ingest.client.throttle import no_usage
from ingest.google import source as google
from ingest.meta import source as meta
from ingest.meta.usage import usage_in
from sandbox.process import SandboxProcess

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ROWS = {"data": [{"campaign_id": "1"}]}


@dataclass
class Platform:
    """A server that answers in the order of ``script``, then with its last; ``seen`` is what was asked."""

    script: list[Handler]
    seen: list[web.Request] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        return await self.script[min(len(self.seen), len(self.script)) - 1](request)


def says(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, headers=headers, content_type="application/json")

    return handler


async def drips(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response


async def breaks_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"data":[')
    assert request.transport is not None
    request.transport.close()
    return response


GOOD = says(ROWS)
BUSY = says({"error": {"code": 2, "message": "Service temporarily unavailable"}}, 500)


@asynccontextmanager
async def platform(*script: Handler) -> AsyncIterator[Platform]:
    server = Platform(list(script))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def caller_of(server: Platform, name: str = "meta", **changes: Any) -> AsyncIterator[Caller]:
    settings = replace(
        load_settings("sandbox")[name],
        base_url=server.url,
        token_url=f"{server.url}/token",
        retry_base_seconds=0.01,
        timeout_seconds=0.5,
        credentials={
            "access_token": "meta-secret",
            "client_id": "id",
            "client_secret": "client-secret",
            "refresh_token": "refresh-secret",
        },
    )
    settings = replace(settings, **changes)
    failure_in, usage = (meta.failure_in, usage_in) if name == "meta" else (google.failure_in, no_usage)
    async with http_session(settings) as session:
        breaker = Breaker(name, settings.breaker_failures, settings.breaker_seconds)
        yield Caller(settings, session, breaker, failure_in, usage)


@asynccontextmanager
async def sandbox_caller(sandbox: SandboxProcess, name: str, **changes: Any) -> AsyncIterator[Caller]:
    """Yield the way to ``sandbox``, with the credentials that it takes."""
    section = f"SOURCES__{name.upper()}_ADS__"
    credentials = {
        variable.removeprefix(section).lower(): value
        for variable, value in sandbox.env.items()
        if variable.startswith(section)
    }
    async with caller_of(Platform([], url=sandbox.url), name, credentials=credentials, **changes) as caller:
        yield caller
