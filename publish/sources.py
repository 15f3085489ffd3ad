"""What each platform was asked, and what is known of it beside its days."""

from typing import Any

from publish.picture import Check, Credentials, Source
from publish.verify import at

ASKED = """
select
    platform, accounts, windows, failed, requests, "rows", epoch_us(finished_at), is_own_run, api_version,
    usage_percent, days_asked_again, days_healed
from reports.platform_requests
order by platform
"""


def read(asked: list[tuple[Any, ...]], checks: tuple[Check, ...]) -> tuple[Source, ...]:
    """Bring together the rows of ``ASKED`` and what the checks say of the credentials."""
    credentials = _credentials(checks)
    found = []
    for platform, accounts, windows, failed, requests, rows, finished_at, is_own, version, usage, *_ in asked:
        finished = None if finished_at is None else at(finished_at)
        figures = (accounts, windows, failed, requests, rows)
        found.append(Source(platform, *figures, finished, is_own, version, usage, credentials.get(platform)))
    return tuple(found)


def healing(asked: list[tuple[Any, ...]]) -> tuple[int, int]:
    """Return how many account-days were asked for again in this run, and how many are whole now."""
    return sum(row[-2] for row in asked), sum(row[-1] for row in asked)


def _credentials(checks: tuple[Check, ...]) -> dict[str, Credentials]:
    """Return the credentials by platform; their check is judged by the clock, what was noted is not."""
    return {
        one["platform"]: Credentials(one["status"], one["daysLeft"], one["told"])
        for check in checks
        if check.name == "tokens"
        for one in check.details.get("platforms", [])
    }
