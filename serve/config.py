"""The settings of the served site, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from limits import RateLimitItem, parse

from core.errors import UserError
from serve.access import Access

PORT = 8420
CONNECTIONS = 4096
_MOST_CONNECTIONS = 100_000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Config:
    """Where to listen, by which names, for which viewers, and how much one visitor may ask.

    ``names`` are the host names that requests may carry, without port; another one is refused, since a page
    elsewhere could have made it point here. ``rate`` is per visitor and address. ``proxies`` are addresses
    whose ``X-Forwarded-For`` tells the visitor's address; without them the header means nothing.
    ``connections`` may be open at once.
    """

    host: str
    port: int
    names: frozenset[str]
    rate: RateLimitItem
    access: Access
    proxies: tuple[str, ...] = ()
    connections: int = CONNECTIONS

    @classmethod
    def from_env(cls, port: int | None = None, environment: Mapping[str, str] = os.environ) -> "Config":
        """Read the variables ``WHOLEDAY_SERVE_…`` and the tokens; raises ``UserError``."""
        host = environment.get("WHOLEDAY_SERVE_HOST") or _LOOPBACK[0]
        named = environment.get("WHOLEDAY_SERVE_NAMES", "").replace(",", " ").lower().split()
        rate = environment.get("WHOLEDAY_SERVE_RATE") or "1200/minute"
        access = Access.from_env(environment)
        if access.is_open and host not in _LOOPBACK:
            raise UserError(
                f"WHOLEDAY_SERVE_HOST={host} would show every client's figures to all machines that reach it:"
                " set WHOLEDAY_VIEWER_TOKENS and WHOLEDAY_OPERATOR_TOKENS first"
            )
        try:
            limit = parse(rate)
        except ValueError:
            raise UserError(f"WHOLEDAY_SERVE_RATE={rate!r} is not a rate such as 1200/minute") from None
        proxies = environment.get("WHOLEDAY_SERVE_PROXIES", "").replace(",", " ").split()
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise UserError(
                    f"WHOLEDAY_SERVE_PROXIES has {proxy!r}, which is no address or network such as 10.0.0.0/8"
                ) from None
        connections = environment.get("WHOLEDAY_SERVE_CONNECTIONS") or str(CONNECTIONS)
        if not connections.isdecimal() or not 0 < int(connections) <= _MOST_CONNECTIONS:
            raise UserError(
                f"WHOLEDAY_SERVE_CONNECTIONS={connections!r} is not a number from 1 to {_MOST_CONNECTIONS}"
            )
        names = frozenset((*_LOOPBACK, host, *named))
        return cls(
            host,
            PORT if port is None else port,
            names,
            limit,
            access,
            tuple(proxies),
            int(connections),
        )
