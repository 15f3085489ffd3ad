"""How long a platform's credentials still hold, and when that is worth a warning."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.access import TokenFacts

WARN_DAYS = 14


@dataclass(frozen=True)
class Expiry:
    """``days_left`` counts whole days until the credentials stop working, None if never, or not told.

    ``status`` is ``pass``, ``warn`` (fewer than 14 days) or ``fail`` (they do not work), ``message`` one
    sentence about it without a secret.
    """

    status: str
    days_left: int | None
    expires_at: datetime | None
    message: str


def judge(facts: TokenFacts, now: datetime, warn_days: int = WARN_DAYS) -> Expiry:
    """Judge ``facts`` at ``now``; Meta's token and its access to data expire apart, the earlier counts."""
    if not facts.valid:
        return Expiry(
            "fail", 0, None, f"the platform refuses the credentials: {facts.problem or 'no reason'}"
        )
    ends = [
        (instant, what)
        for instant, what in (
            (facts.expires_at, "the token"),
            (facts.data_access_expires_at, "its access to data"),
        )
        if instant is not None
    ]
    if not ends:
        return Expiry(
            "pass", None, None, "valid" if facts.told else "works; the platform does not tell for how long"
        )
    instant, what = min(ends)
    left = instant - now
    days = max(left // timedelta(days=1), 0)
    status = "fail" if left <= timedelta(0) else "warn" if left < timedelta(days=warn_days) else "pass"
    verb = "expired" if status == "fail" else "expires"
    return Expiry(status, days, instant, f"{what} {verb} on {instant:%Y-%m-%d}, in {days} days")
