"""What every request passes before anything is done for it: host, origin, size, rate, and whose it is."""

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from limits.strategies import RateLimiter
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.authentication import Authenticator
from serve.config import Config
from serve.problems import RequestError, problem_response

MOST_BYTES = 16 * 1024
# Paths that need no token: the login page and its style.
_OPEN = ("/login", "/_serve/")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_QUERY = 4096

_POLICY = b"content-security-policy"
# Of what the application itself decides, only the policy: a page names its own scripts.
_SEAL = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)
_STRICTEST = (_POLICY, b"default-src 'none'; frame-ancestors 'none'")


class RequestGuard:
    """Middleware around the whole application; puts the visitor into the request's state."""

    def __init__(
        self, app: ASGIApp, config: Config, authenticator: Authenticator, limiter: RateLimiter
    ) -> None:
        self._app = app
        self._config = config
        self._authenticator = authenticator
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _sealed(message["headers"])
            await send(message)

        try:
            self._admit(scope, headers)
        except RequestError as problem:
            answer = problem_response(problem)
            if problem.status == 401 and "text/html" in headers.get("accept", ""):
                answer = RedirectResponse(f"/login?next={quote(scope['path'], safe='/')}", 303)
            await answer(scope, receive, sealed)
            return
        await self._app(scope, receive, sealed)

    def _admit(self, scope: Scope, headers: Headers) -> None:
        address = scope["client"][0] if scope.get("client") else ""
        if host_of(headers.get("host", "")) not in self._config.names:
            raise RequestError(
                421, "this is not the host you asked for: WHOLEDAY_SERVE_NAMES lists its names"
            )
        if len(scope["query_string"]) > LONGEST_QUERY:
            raise RequestError(414, f"the query string is longer than {LONGEST_QUERY} bytes: ask for less")
        _check_size(headers)
        visitor = self._authenticator.visitor(headers, address)
        name = visitor.name if visitor else ""
        if not self._limiter.hit(self._config.rate, address, name):
            raise RequestError(
                429, f"more than {self._config.rate} were asked for: wait a little", Retry_After="60"
            )
        if scope["method"] not in _READING:
            _check_origin(scope, headers)
        if visitor is None and not scope["path"].startswith(_OPEN):
            raise RequestError(
                401,
                "a token is needed: send it as Authorization: Bearer, or log in",
                WWW_Authenticate="Bearer",
            )
        scope.setdefault("state", {})["visitor"] = visitor


def host_of(authority: str) -> str:
    """Return the host of ``host:port`` in lower case, without the brackets of an IPv6 address."""
    try:
        return (urlsplit(f"//{authority}").hostname or "").lower()
    except ValueError:
        return ""


def _authority(origin: str) -> str | None:
    """Return ``host:port`` of an origin; None if it is no address."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def _check_size(headers: Headers) -> None:
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdecimal():
        raise RequestError(411, "the request does not say how long its body is: send Content-Length")
    if int(length) > MOST_BYTES:
        raise RequestError(413, f"the body is larger than {MOST_BYTES} bytes")


def _check_origin(scope: Scope, headers: Headers) -> None:
    """Refuse what another site's page makes a browser send; programs send no origin but a token."""
    origin = headers.get("origin")
    if origin is not None:
        own = f"{scope['scheme']}://{headers.get('host', '')}"
        # Behind a proxy that ends TLS the scheme differs, the host does not.
        if origin != own and _authority(origin) != headers.get("host", ""):
            raise RequestError(403, "the request comes from another site's page")
    elif headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise RequestError(403, "the request comes from another site's page")
    elif "authorization" not in headers and "sec-fetch-site" not in headers:
        raise RequestError(
            403, "the request has neither Origin nor Authorization, so another site may have made it"
        )


def _sealed(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    has_policy = any(name == _POLICY for name, _ in given)
    return [*given, *_SEAL] if has_policy else [*given, *_SEAL, _STRICTEST]


def with_policy(scripts: Iterable[str], *, evaluates: bool = False) -> str:
    """Return the content security policy of a page: own files, and inline ``scripts`` by their hash."""
    allowed = " ".join(
        ["'self'", *(f"'sha256-{script}'" for script in scripts), *["'unsafe-eval'"] * evaluates]
    )
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-src 'self'; frame-ancestors 'self'"
    )
