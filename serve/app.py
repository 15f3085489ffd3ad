"""The application: which address is answered by what, and what lives as long as the server."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import duckdb
import structlog
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from core.settings import Settings
from serve.answers import Answers
from serve.api import Api
from serve.authentication import Authenticator
from serve.backfill import Backfill
from serve.config import Config
from serve.health import Reported
from serve.jobs import Jobs
from serve.login import LoginPages
from serve.pages import Site
from serve.problems import RequestError, problem_response
from serve.release import Releases
from serve.request_guard import RequestGuard
from serve.sessions import Sessions

_HERE = Path(__file__).parent


def application(settings: Settings, config: Config) -> Starlette:
    """Return the application that serves one warehouse and its site."""
    answers = Answers()
    releases = Releases(settings.release, answers.warm)
    limiter = FixedWindowRateLimiter(MemoryStorage())
    authenticator = Authenticator(config.access, Sessions(), limiter)
    jobs = Jobs(Backfill(settings, releases).run)
    api = Api(releases, Reported(settings.site / "health.json"), answers, jobs)
    site = Site(settings.site, answers)
    login = LoginPages(authenticator, releases, site)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # It warns of each request that is no HTTP: many of these would fill a disk.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        await releases.refresh()
        following = [asyncio.create_task(releases.follow()), asyncio.create_task(jobs.work())]
        try:
            yield
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            releases.close()

    return Starlette(
        routes=[
            Route("/api/kpi", api.kpi),
            Route("/api/health", api.health),
            Route("/api/health/{client}", api.client_health),
            Route("/api/backfill", api.backfill, methods=["GET", "POST"]),
            Route("/api/backfill/{id}", api.backfill_state),
            Route("/api/backfill/{id}/events", api.backfill_events),
            Route("/api/openapi.json", api.openapi),
            Route("/metrics", api.metrics),
            Route("/badge.svg", api.badge),
            Route("/login", login.login, methods=["GET", "POST"]),
            Route("/logout", login.leave, methods=["POST"]),
            Mount("/_serve", StaticFiles(directory=_HERE / "static")),
            Route("/", login.home),
            Route("/index.html", login.home),
            Route("/reports/", login.home),
            Route("/reports/index.html", login.home),
            Route("/{path:path}", site.page),
        ],
        middleware=[Middleware(RequestGuard, config=config, authenticator=authenticator, limiter=limiter)],
        exception_handlers={
            RequestError: _problem,
            HTTPException: _routing,
            ClientDisconnect: _gone,
            duckdb.CatalogException: _earlier,
            duckdb.BinderException: _earlier,
            Exception: _defect,
        },
        lifespan=lifespan,
    )


async def _problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestError)
    return problem_response(problem)


async def _earlier(_: Request, __: Exception) -> Response:
    """Say that the release lacks what this wholeday reads: the next run builds it."""
    return problem_response(
        RequestError(404, "the published release was built by an earlier wholeday and lacks this: make run")
    )


async def _gone(_: Request, __: Exception) -> Response:
    """End a request whose client left before its body had come; no client reads this answer."""
    return Response(status_code=400)


async def _routing(request: Request, problem: Exception) -> Response:
    """Say what starlette's router found in the words of the others; answer OPTIONS from what it allows."""
    assert isinstance(problem, HTTPException)
    allowed = dict(problem.headers or {})
    if request.method == "OPTIONS" and problem.status_code == 405:
        return Response(status_code=204, headers={"allow": f"{allowed.get('Allow', 'GET, HEAD')}, OPTIONS"})
    sentences = {404: "there is no such page here", 405: f"{request.method} is not for this address"}
    sentence = sentences.get(problem.status_code, "the request cannot be answered")
    return problem_response(RequestError(problem.status_code, sentence, **allowed))


async def _defect(request: Request, defect: Exception) -> Response:
    structlog.get_logger().error("defect", path=request.scope["path"], exc_info=defect)
    return problem_response(RequestError(500, "stopped by a defect of its own; the log has the details"))
