"""Coming in with a browser, leaving, and the first page of who is bound to clients."""

from pathlib import Path
from urllib.parse import parse_qs

import jinja2
import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serve import health, parameters
from serve.access import Visitor
from serve.authentication import Authenticator
from serve.pages import Site, locate
from serve.problems import RequestError
from serve.release import Releases
from serve.request_guard import with_policy
from serve.sessions import COOKIE, HOURS

_HTML = "text/html; charset=utf-8"


class LoginPages:
    """The pages that this room draws itself."""

    def __init__(self, authenticator: Authenticator, releases: Releases, site: Site) -> None:
        self._authenticator = authenticator
        self._releases = releases
        self._site = site
        self._pages = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def login(self, request: Request) -> Response:
        """Show the form; take the token from it, once, and give a session for it."""
        if request.method != "POST":
            return self._page(
                "login.html", 200, problem="", after=_inside(request.query_params.get("next", ""))
            )
        given = parse_qs((await request.body()).decode(errors="replace"))
        after = _inside(given.get("next", [""])[0])
        address = request.client.host if request.client else ""
        try:
            session = self._authenticator.begin_session(given.get("token", [""])[0].strip(), address)
        except RequestError as problem:
            return self._page("login.html", problem.status, problem=problem.sentence, after=after)
        answer = RedirectResponse(after, 303)
        answer.set_cookie(
            COOKIE,
            session,
            max_age=HOURS * 3600,
            httponly=True,
            samesite="strict",
            secure=_is_encrypted(request),
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session."""
        self._authenticator.end_session(request.headers)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    async def home(self, request: Request) -> Response:
        """Show the overview or the list of reports, to who is bound to clients a list of these."""
        visitor: Visitor = request.state.visitor
        if visitor.clients is None:
            return await self._site.page(request)
        release = self._releases.current
        if release is None:
            raise RequestError(404, "nothing is published yet: make run")
        bound, overdue = parameters.visible(None, visitor, release.clients), health.is_overdue(release)
        found = await self._releases.ask(release, lambda cursor: health.of_clients(cursor, bound, overdue))
        told = orjson.loads(found)
        for client in told["clients"]:
            report = f"reports/{client['client']}/index.html"
            client["report"] = report if locate(self._site.folder, report) else None
        return self._page("home.html", 200, health=told, visitor=visitor)

    def _page(self, template: str, status: int, **values: object) -> Response:
        text = self._pages.get_template(template).render(**values)
        headers = {"content-security-policy": with_policy(()), "cache-control": "no-store"}
        return Response(text, status, headers, _HTML)


def _inside(path: str) -> str:
    """Return where to go after the login: a path of this site, nowhere else."""
    is_inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_inside and not path.startswith(("/login", "/logout")) else "/"


def _is_encrypted(request: Request) -> bool:
    # A proxy that ends TLS says so; to believe a lie here only costs the liar the cookie.
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
