"""When a file is expected, and which days it should tell by then."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.files.account import Account
from ingest.files.format import Format


def expected_at(declared: Format, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the last instant until ``now`` at which a file was expected; None if none ever is.

    With a weekday once a week, with an hour alone every day. Such a file tells all days before its own.
    """
    if declared.expected_weekday is None and declared.expected_hour is None:
        return None
    local = now.astimezone(zone)
    at = time(declared.expected_hour or 0)
    day = local.date()
    if local.time().replace(tzinfo=None) < at:
        day -= timedelta(days=1)
    if declared.expected_weekday is not None:
        day -= timedelta(days=(day.isoweekday() - declared.expected_weekday) % 7)
    return datetime.combine(day, at, zone)


def overdue(account: Account, now: datetime) -> tuple[date, str] | None:
    """Return the last day that should be told by ``now``, and what to say of a day that is not."""
    zone = ZoneInfo(account.registrations[-1].timezone)
    at = expected_at(account.declared, zone, now)
    if at is None:
        return None
    said = f"{at:%A %Y-%m-%d %H:%M} ({zone.key})"
    return at.date() - timedelta(days=1), f"a file was expected by {said} and did not come"
