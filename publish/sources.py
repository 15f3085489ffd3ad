"""What each platform was asked, and what is known of it beside its days."""

from typing import Any

from publish.picture import Check, Credentials, Source
from publish.verify import at

ASKED = """
with last_runs as (
    select platform, arg_max(run_id, (started_at, run_id)) as run_id from health.collections group by platform
)

select
    platform, count(distinct account_id), count(*), count(*) filter (where outcome = 'failed'),
    coalesce(sum(requests), 0)::bigint, coalesce(sum("rows"), 0)::bigint, max(epoch_us(finished_at)),
    run_id = (select any_value(run_id) from staging.stg_run)
from health.collections
inner join last_runs using (platform, run_id)
group by platform, run_id
order by platform
"""

# What the last run that asked a platform noted of it; an older ledger has nothing.
NOTED = """
select platform, arg_max_null(api_version, (seen_at, run_id)), arg_max_null(usage_percent, (seen_at, run_id))
from staging.stg_ledger__platforms
group by platform
"""


def read(
    asked: list[tuple[Any, ...]], noted: list[tuple[Any, ...]], checks: tuple[Check, ...]
) -> tuple[Source, ...]:
    """Bring together the rows of ``ASKED`` and ``NOTED`` and what the checks say of the credentials."""
    known = {platform: facts for platform, *facts in noted}
    credentials = _credentials(checks)
    found = []
    for platform, accounts, windows, failed, requests, rows, finished_at, is_own in asked:
        version, usage = known.get(platform, (None, None))
        finished = None if finished_at is None else at(finished_at)
        figures = (accounts, windows, failed, requests, rows)
        found.append(Source(platform, *figures, finished, is_own, version, usage, credentials.get(platform)))
    return tuple(found)


def _credentials(checks: tuple[Check, ...]) -> dict[str, Credentials]:
    """Return the credentials by platform; their check is judged by the clock, what was noted is not."""
    return {
        one["platform"]: Credentials(one["status"], one["daysLeft"], one["told"])
        for check in checks
        if check.name == "tokens"
        for one in check.details.get("platforms", [])
    }
