"""How the platforms are reached: each source's settings as one frozen value, and the API of a run."""

import os
import tomllib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from core.errors import UserError
from core.platforms import Platform, platforms
from core.settings import ROOT
from ingest.client.errors import Cause, ErrorClass, Failure

_APIS = ("sandbox", "live")


@dataclass(frozen=True)
class SourceSettings:
    """One platform's settings; durations in seconds.

    ``account_seconds`` bounds one account's whole collection, ``timeout_seconds`` one request from connect to
    the last byte, ``max_requests`` a run (None: no limit). Days are looked at daily for ``lookback_days``,
    and for at most ``restatement_days`` if conversions can come later. ``credentials`` never shows in a repr.
    ``newest_version`` is the newest version of the API that wholeday knows.
    """

    platform: Platform
    base_url: str
    api_version: str
    token_url: str
    lookback_days: int
    restatement_days: int
    settling_hours: float
    retry_attempts: int
    retry_base_seconds: float
    timeout_seconds: float
    account_seconds: float
    breaker_failures: int
    breaker_seconds: float
    min_interval_seconds: float
    parallel_accounts: int
    max_requests: int | None
    credentials: dict[str, str] = field(repr=False)
    newest_version: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The environment variables of the required settings that are not set."""
        names = tuple(name for name in self.platform.required if not self.credentials.get(name))
        return self.platform.variables(names)

    @property
    def unusable(self) -> Failure | None:
        """Why the platform cannot be asked with these settings, if that is so."""
        if not self.missing:
            return None
        return Failure.of(ErrorClass.AUTH, f"set {', '.join(self.missing)}", cause=Cause.NOT_CONFIGURED)

    @property
    def loopback(self) -> bool:
        """Whether the platform is on this machine, where no proxy of the environment may come between."""
        return urlsplit(self.base_url).hostname in ("127.0.0.1", "localhost", "::1")


def api_mode() -> str:
    """Return ``WHOLEDAY_API``, or ``live`` if credentials of a platform are configured, else ``sandbox``."""
    chosen = os.environ.get("WHOLEDAY_API", "")
    if chosen and chosen not in _APIS:
        raise UserError(
            f"WHOLEDAY_API={chosen!r} is neither 'sandbox' nor 'live': set one of them, or nothing"
        )
    return chosen or ("live" if any(map(configured, platforms().values())) else "sandbox")


def configured(platform: Platform) -> bool:
    """Look for the required settings where dlt would, without the cost of importing it.

    A platform that requires none says nothing of what was configured.
    """
    secrets: dict[str, dict[str, str]] = {}
    path = ROOT / ".dlt" / "secrets.toml"
    if path.exists():
        try:
            secrets = tomllib.loads(path.read_text(encoding="utf-8")).get("sources", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            raise UserError(
                ".dlt/secrets.toml is not valid TOML, so no credentials can be read: correct it"
            ) from None
    stored = secrets.get(platform.section, {})
    return bool(platform.required) and all(
        os.environ.get(variable) or stored.get(name)
        for name, variable in zip(platform.required, platform.variables(platform.required), strict=True)
    )
