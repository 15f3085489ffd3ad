"""Google's token call: a refresh token becomes an access token that lives for an hour."""

import itertools
import time
from collections.abc import Callable

from sandbox import credentials
from sandbox.http import Answer, Ask

LIFE_SECONDS = 3599


class Tokens:
    """Access tokens given out by this process."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._expires: dict[str, float] = {}
        self._numbers = itertools.count(1)

    def grant(self) -> str:
        """Return a new access token."""
        token = f"ya29.sandbox-{next(self._numbers):06d}"
        self._expires[token] = self._timer() + LIFE_SECONDS
        return token

    def state(self, token: str) -> str:
        """Return ``valid``, ``expired`` or ``unknown``."""
        if token not in self._expires:
            return "unknown"
        return "valid" if self._timer() < self._expires[token] else "expired"


def respond(tokens: Tokens, ask: Ask) -> Answer:
    """Answer ``POST /token``; errors are strings here, unlike in the Ads API."""
    if ask.method != "POST":
        return _refused(400, "invalid_request", "Bad Request")
    given = ask.params
    if given.get("grant_type") != "refresh_token":
        return _refused(400, "unsupported_grant_type", f"Invalid grant_type: {given.get('grant_type', '')}")
    if given.get("client_id") != credentials.GOOGLE_CLIENT_ID:
        return _refused(401, "invalid_client", "The OAuth client was not found.")
    if given.get("client_secret") != credentials.GOOGLE_CLIENT_SECRET:
        return _refused(401, "invalid_client", "Unauthorized")
    if given.get("refresh_token") != credentials.GOOGLE_REFRESH_TOKEN:
        return _refused(400, "invalid_grant", "Token has been expired or revoked.")
    return Answer(
        payload={
            "access_token": tokens.grant(),
            "expires_in": LIFE_SECONDS,
            "scope": "https://www.googleapis.com/auth/adwords",
            "token_type": "Bearer",
        }
    )


def _refused(status: int, error: str, description: str) -> Answer:
    return Answer(status, {"error": error, "error_description": description})
