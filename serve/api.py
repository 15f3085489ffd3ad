"""What the addresses under ``/api`` answer, and the two for machines beside them."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import duckdb
import orjson
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core import metrics
from core.platforms import platforms
from serve import badge, health, kpi, openapi, parameters
from serve.access import Visitor
from serve.answers import Answer, Answers, Make, is_known, negotiate, not_modified, respond, tag_of
from serve.jobs import Job, Jobs, Wanted
from serve.problems import RequestError
from serve.release import Release, Releases

JSON = "application/json"
_SVG = "image/svg+xml"
_EARLIEST = date(2000, 1, 1)


class Api:
    """The endpoints; every one answers for what the visitor may see."""

    def __init__(self, releases: Releases, reported: health.Reported, answers: Answers, jobs: Jobs) -> None:
        self._releases = releases
        self._reported = reported
        self._answers = answers
        self._jobs = jobs

    async def kpi(self, request: Request) -> Response:
        """``GET /api/kpi``: figures by day, week or month."""
        release = self._release()
        form = negotiate(request.headers.get("accept", ""), tuple(kpi.FORMS))
        query = request.scope["query_string"].decode("latin-1")
        visitor: Visitor = request.state.visitor
        question = "\0".join(("kpi", visitor.scope, form, query))
        tag = tag_of(release.tag, question, "")
        if is_known(request, tag):
            # A visitor that has the answer of this release has asked for it without a mistake.
            return not_modified(tag)

        async def make(release: Release) -> Answer:
            asked = parameters.figures(query, release.last_day)
            clients = parameters.visible(asked.clients, visitor, release.clients)

            def found(cursor: duckdb.DuckDBPyConnection) -> Answer:
                body = kpi.answer(cursor, asked, clients, form, release.run_id)
                return Answer.of(body, kpi.MEDIA_TYPES[form])

            return await self._releases.ask(release, found)

        return await self._answer(request, release, question, "", make)

    async def health(self, request: Request) -> Response:
        """``GET /api/health``: of the agency, or of the clients a visitor is bound to."""
        negotiate(request.headers.get("accept", ""), (JSON,))
        parameters.read(request.scope["query_string"].decode("latin-1"), ())
        release, visitor = self._release(), request.state.visitor
        overdue = health.is_overdue(release)
        question, state = f"health\0{visitor.scope}", f"{self._reported.tag}\0{overdue}"

        async def make(release: Release) -> Answer:
            if visitor.clients is None:
                return Answer.of(health.agency(self._reported, overdue), JSON)
            clients = parameters.visible(None, visitor, release.clients)
            return await self._releases.ask(
                release, lambda cursor: Answer.of(health.of_clients(cursor, clients, overdue), JSON)
            )

        return await self._answer(request, release, question, state, make)

    async def client_health(self, request: Request) -> Response:
        """``GET /api/health/{client}``: gaps, findings and score of one client."""
        negotiate(request.headers.get("accept", ""), (JSON,))
        parameters.read(request.scope["query_string"].decode("latin-1"), ())
        release = self._release()
        client = request.path_params["client"]
        parameters.visible([client], request.state.visitor, release.clients)
        overdue = health.is_overdue(release)
        question, state = f"client\0{client}", str(overdue)

        async def make(release: Release) -> Answer:
            return await self._releases.ask(
                release, lambda cursor: Answer.of(health.of_client(cursor, client, overdue), JSON)
            )

        return await self._answer(request, release, question, state, make)

    async def badge(self, request: Request) -> Response:
        """``GET /badge.svg``: one word, as a picture."""
        release, visitor = self._release(), request.state.visitor
        overdue = health.is_overdue(release)
        question, state = f"badge\0{visitor.scope}", f"{self._reported.tag}\0{overdue}"

        async def make(release: Release) -> Answer:
            word = await self._releases.ask(
                release,
                lambda cursor: health.status(self._reported, overdue, cursor, visitor, release.clients),
            )
            return Answer.of(badge.draw(word), _SVG)

        return await self._answer(request, release, question, state, make)

    async def metrics(self, request: Request) -> Response:
        """``GET /metrics``: for Prometheus; about every client, so not for who is bound to some."""
        if request.state.visitor.clients is not None:
            raise RequestError(403, "the metrics are about every client, and your token is bound to some")

        async def make(release: Release) -> Answer:
            return await self._releases.ask(
                release, lambda cursor: Answer.of(metrics.text(cursor), metrics.MEDIA_TYPE)
            )

        return await self._answer(request, self._release(), "metrics", "", make)

    async def openapi(self, request: Request) -> Response:
        """``GET /api/openapi.json``: what there is, for programs."""
        tag = tag_of("openapi", str(len(openapi.document())))

        async def make() -> Answer:
            return Answer.of(openapi.document(), JSON)

        return respond(request, await self._answers.get("openapi", tag, make), tag)

    async def backfill(self, request: Request) -> Response:
        """``POST /api/backfill``: collect days again, or join who does; ``GET``: what was asked lately."""
        _check_may_heal(request)
        if request.method != "POST":
            return _now({"backfills": [job.document() for job in self._jobs.all()]})
        wanted = self._wanted(await request.body(), request)
        job, joined = self._jobs.submit(wanted, request.state.visitor.name)
        return _now(job.document() | {"joined": joined}, 202, location=f"/api/backfill/{job.name}")

    async def backfill_state(self, request: Request) -> Response:
        """``GET /api/backfill/{id}``: how far one is."""
        _check_may_heal(request)
        return _now(self._jobs.get(request.path_params["id"]).document())

    async def backfill_events(self, request: Request) -> Response:
        """``GET /api/backfill/{id}/events``: the same, told at every change until it ends."""
        _check_may_heal(request)
        job = self._jobs.get(request.path_params["id"])
        return _Events(self._jobs, job)

    async def _answer(
        self, request: Request, release: Release, question: str, state: str, make: Make
    ) -> Response:
        answer = await self._answers.of_release(release, question, state, make)
        return respond(request, answer, tag_of(release.tag, question, state))

    def _release(self) -> Release:
        release = self._releases.current
        if release is None:
            raise RequestError(404, "nothing is published yet: make run")
        return release

    def _wanted(self, body: bytes, request: Request) -> Wanted:
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            given = None
        names = {"client", "platform", "from", "to"}
        if not isinstance(given, dict) or not {"client", "from", "to"} <= given.keys() <= names:
            raise RequestError(
                400, "the body is a JSON object with client, from, to and, if wanted, platform"
            )
        client, platform = given["client"], given.get("platform")
        if platform not in (None, *platforms()):
            raise RequestError(400, f"platform is one of {', '.join(platforms())}")
        first, last = (parameters.day(str(given[name]), name) for name in ("from", "to"))
        parameters.check_span(first, last)
        release = self._release()
        parameters.visible([str(client)], request.state.visitor, release.clients)
        if first < _EARLIEST or (release.last_day and first > release.last_day):
            raise RequestError(400, f"no day from {first} on is closed yet, or it is too long ago")
        return Wanted(str(client), platform, first, last)


class _Events(EventSourceResponse):
    """The progress of a job as events; it is counted from the request on, also before the first event."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        async def events() -> AsyncIterator[ServerSentEvent]:
            async for progress in job.watch():
                name = "end" if progress.is_over else "progress"
                yield ServerSentEvent(orjson.dumps(job.document()).decode(), event=name)

        super().__init__(events(), headers={"cache-control": "no-store"})
        self._jobs = jobs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._jobs.watched():
            await super().__call__(scope, receive, send)


def _now(told: dict[str, Any], status: int = 200, **headers: str) -> Response:
    """Return what is true at this moment only."""
    return Response(orjson.dumps(told), status, {"cache-control": "no-store", **headers}, JSON)


def _check_may_heal(request: Request) -> None:
    if not request.state.visitor.may_heal:
        raise RequestError(403, "having days collected again needs an operator's token")
