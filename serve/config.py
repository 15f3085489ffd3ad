"""The settings of the served site, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from limits import RateLimitItem, parse

from serve.access import Access
from wholeday.errors import UserError

PORT = 8420
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Config:
    """Where to listen, by which names, for whom, and how much one visitor may ask.

    ``names`` are the host names that requests may carry, without port; another one is refused, since a page
    elsewhere could have made it point here. ``rate`` is per visitor and address.
    """

    host: str
    port: int
    names: frozenset[str]
    rate: RateLimitItem
    access: Access

    @classmethod
    def from_env(cls, port: int | None = None, environment: Mapping[str, str] = os.environ) -> "Config":
        """Read ``WHOLEDAY_SERVE_HOST``, ``_NAMES`` and ``_RATE`` and the tokens. Raises ``UserError``."""
        host = environment.get("WHOLEDAY_SERVE_HOST") or _LOOPBACK[0]
        named = environment.get("WHOLEDAY_SERVE_NAMES", "").replace(",", " ").lower().split()
        rate = environment.get("WHOLEDAY_SERVE_RATE") or "1200/minute"
        access = Access.from_env(environment)
        if access.is_open and host not in _LOOPBACK:
            raise UserError(
                f"WHOLEDAY_SERVE_HOST={host} would show every client's figures to whoever reaches it:"
                " set WHOLEDAY_VIEWER_TOKENS and WHOLEDAY_OPERATOR_TOKENS first"
            )
        try:
            limit = parse(rate)
        except ValueError:
            raise UserError(f"WHOLEDAY_SERVE_RATE={rate!r} is not a rate such as 1200/minute") from None
        return cls(host, PORT if port is None else port, frozenset((*_LOOPBACK, host, *named)), limit, access)
