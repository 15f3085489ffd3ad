"""The settings that every source takes, declared for dlt and resolved by it."""

from typing import Any, ClassVar

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.specs import BaseConfiguration

from core.errors import UserError
from core.log import hide
from core.platforms import Platform, platforms
from ingest.client.sources import SourceSettings
from ingest.registry import api_of

# Between two accounts, and for a whole run; the sandbox needs no pause.
LIVE_MIN_INTERVAL_SECONDS = 2.0
LIVE_MAX_REQUESTS = 2000


@configspec
class AdSource(BaseConfiguration):
    """What every ad platform's source can be told; durations in seconds. None: as the platform's row says.

    dlt resolves them from the environment, ``.dlt/secrets.toml`` and ``.dlt/config.toml``, in this order.
    """

    base_url: str = ""
    api_version: str = ""
    token_url: str = ""
    lookback_days: int | None = None
    restatement_days: int = 90
    settling_hours: float | None = None
    retry_attempts: int = 4
    retry_base_seconds: float = 2.0
    timeout_seconds: float = 30.0
    account_seconds: float = 600.0
    breaker_failures: int = 5
    breaker_seconds: float = 60.0
    min_interval_seconds: float | None = None
    parallel_accounts: int = 4
    max_requests_per_run: int | None = None

    SECRETS: ClassVar[tuple[str, ...]] = ()


def load_settings(api: str) -> dict[str, SourceSettings]:
    """Return the settings of every platform for ``api`` (``sandbox`` or ``live``).

    Raises ``UserError`` when a setting has a value that cannot be used.
    """
    return {name: resolve(platform, api) for name, platform in platforms().items()}


def resolve(platform: Platform, api: str) -> SourceSettings:
    """Return the settings of ``platform``, or raise ``UserError`` naming the one that cannot be used."""
    try:
        spec: Any = resolve_configuration(api_of(platform).settings(), sections=("sources", platform.section))
    except ConfigurationException as problem:
        reason = str(problem).strip().splitlines()[0]
        raise UserError(f"the settings [sources.{platform.section}] cannot be used: {reason}") from None
    live = api == "live"
    interval, budget = spec.min_interval_seconds, spec.max_requests_per_run
    settings = SourceSettings(
        platform=platform,
        base_url=spec.base_url.rstrip("/"),
        api_version=spec.api_version,
        token_url=spec.token_url,
        lookback_days=platform.lookback_days if spec.lookback_days is None else spec.lookback_days,
        restatement_days=spec.restatement_days,
        settling_hours=platform.settling_hours if spec.settling_hours is None else spec.settling_hours,
        retry_attempts=spec.retry_attempts,
        retry_base_seconds=spec.retry_base_seconds,
        timeout_seconds=spec.timeout_seconds,
        account_seconds=spec.account_seconds,
        breaker_failures=spec.breaker_failures,
        breaker_seconds=spec.breaker_seconds,
        min_interval_seconds=interval if interval is not None else LIVE_MIN_INTERVAL_SECONDS * live,
        parallel_accounts=spec.parallel_accounts,
        max_requests=budget if budget is not None else (LIVE_MAX_REQUESTS if live else None),
        credentials={name: str(spec[name]) for name in spec.SECRETS if spec[name]},
        newest_version=type(spec).api_version,
    )
    for name, value in settings.credentials.items():
        if name.endswith(("token", "secret")):
            hide(value)
    _check(settings)
    return settings


def _check(settings: SourceSettings) -> None:
    where = f"sources.{settings.platform.section}"
    for name in (
        "retry_attempts",
        "timeout_seconds",
        "account_seconds",
        "breaker_failures",
        "parallel_accounts",
    ):
        if not getattr(settings, name) > 0:
            raise UserError(f"{where}.{name} must be greater than 0, not {getattr(settings, name)}")
    for name in (
        "lookback_days",
        "restatement_days",
        "settling_hours",
        "retry_base_seconds",
        "min_interval_seconds",
    ):
        if getattr(settings, name) < 0:
            raise UserError(f"{where}.{name} must not be negative, as {getattr(settings, name)} is")
    for name in ("base_url", "token_url"):
        address = getattr(settings, name)
        if address and not address.startswith(("http://", "https://")):
            raise UserError(f"{where}.{name} must be an http(s) address")
