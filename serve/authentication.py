"""The visitor of a request, by token or by session; an address has few guesses at tokens."""

import ipaddress
from http.cookies import CookieError, SimpleCookie

from limits import RateLimitItemPerMinute
from limits.strategies import RateLimiter
from starlette.datastructures import Headers

from serve.access import LOOPBACK, Access, Visitor
from serve.problems import RequestError
from serve.sessions import COOKIE, Sessions

GUESSES = RateLimitItemPerMinute(20)


class Authenticator:
    """Knows the tokens, the sessions, and how often an address guessed."""

    def __init__(self, access: Access, sessions: Sessions, limiter: RateLimiter) -> None:
        self._access = access
        self._sessions = sessions
        self._limiter = limiter

    def visitor(self, headers: Headers, address: str) -> Visitor | None:
        """Return the visitor; None without token and session. Raises ``RequestError``."""
        if self._access.is_open:
            if not _is_loopback(address):
                raise RequestError(
                    403, "without tokens only this machine may look: set WHOLEDAY_VIEWER_TOKENS"
                )
            return LOOPBACK
        scheme, _, token = headers.get("authorization", "").strip().partition(" ")
        # Another scheme is a proxy's own login, and no guess at a token of ours.
        if scheme.lower() == "bearer":
            return self.by_token(token.strip(), address)
        return self._sessions.visitor(session_of(headers))

    def by_token(self, token: str, address: str) -> Visitor:
        """Return whose token it is; raises ``RequestError``: 401, or 429 after too many guesses.

        A right token works although its address sent wrong ones: others may share the address.
        """
        visitor = self._access.visitor(token)
        if visitor is not None:
            return visitor
        if not self._limiter.hit(GUESSES, "guess", address):
            raise RequestError(429, "too many wrong tokens: wait a minute", Retry_After="60")
        raise RequestError(401, "this token is not known here", WWW_Authenticate="Bearer")

    def begin_session(self, token: str, address: str) -> str:
        """Return the name of a session for ``token``; raises ``RequestError`` as ``by_token`` does."""
        return self._sessions.begin(self.by_token(token, address))

    def end_session(self, headers: Headers) -> None:
        """Forget the session that the request belongs to."""
        self._sessions.end(session_of(headers))


def session_of(headers: Headers) -> str:
    """Return the name of the session in the cookie; empty without one."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
