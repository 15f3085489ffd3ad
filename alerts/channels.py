"""Where messages go: addresses with the severities they are for."""

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.settings import ROOT
from core.severities import severities

# Told at once, each incident by itself; the others wait for the digest.
DIRECT = ("critical", "high")
QUIET = ("medium", "low")
_SECRETS = ROOT / ".dlt" / "secrets.toml"
_ENTRY = re.compile(r"(?P<severities>[a-z,]+)=(?P<url>[a-z0-9+]+://\S+)")


@dataclass(frozen=True)
class Channel:
    """One address (an apprise URL, a secret) and the severities that it gets."""

    url: str
    severities: frozenset[str]

    @property
    def key(self) -> str:
        """What the ledger knows it by."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """What a person knows it by, without anything secret."""
        told = [severity for severity in severities() if severity in self.severities]
        return f"{self.url.partition(':')[0]} ({', '.join(told)})"


@dataclass(frozen=True)
class Recipients:
    """The channels that are told something; ``heartbeat`` is the address of a dead man's switch."""

    channels: tuple[Channel, ...]
    heartbeat: str

    @classmethod
    def configured(
        cls, environment: Mapping[str, str] = os.environ, secrets: Path = _SECRETS
    ) -> "Recipients":
        """Read ``WHOLEDAY_ALERTS`` and ``WHOLEDAY_HEARTBEAT_URL``, or ``[alerts]`` of ``.dlt/secrets.toml``.

        An entry is ``critical,high=slack://…`` or ``all=mailto://…``. Raises ``UserError`` naming the
        position of a wrong one, never its text.
        """
        kept = _kept(secrets)
        entries = environment.get("WHOLEDAY_ALERTS", "").split() or [str(e) for e in kept.get("channels", ())]
        heartbeat = environment.get("WHOLEDAY_HEARTBEAT_URL") or str(kept.get("heartbeat_url", ""))
        if heartbeat and not heartbeat.startswith(("https://", "http://")):
            raise UserError("WHOLEDAY_HEARTBEAT_URL is not an http or https address")
        return cls(tuple(_channel(n, entry) for n, entry in enumerate(entries, start=1)), heartbeat)

    def keys(self, *severities: str) -> list[str]:
        """Return the channels that get messages of one of ``severities``."""
        return [channel.key for channel in self.channels if not channel.severities.isdisjoint(severities)]


def _kept(secrets: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(secrets.read_text(encoding="utf-8")).get("alerts", {})
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError:
        raise UserError(f"{secrets} is not TOML: look for a missing quote") from None
    return found if isinstance(found, dict) else {}


def _channel(number: int, entry: str) -> Channel:
    match = _ENTRY.fullmatch(entry)
    chosen = frozenset(match["severities"].split(",")) if match else frozenset()
    if match is None or not chosen <= {*severities(), "all"}:
        raise UserError(
            f"entry {number} of WHOLEDAY_ALERTS is not severities=address, such as critical,high=slack://… or"
            f" all=mailto://…; the severities are {', '.join(severities())}"
        )
    return Channel(match["url"], frozenset(severities()) if "all" in chosen else chosen)
