-- Versions of days that had not begun when they were collected: one row per version.
select
    'future_days' as rule,
    version.version_id,
    account.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    'date' as metric,
    version.date::varchar as observed,
    'at most ' || timezone(account.timezone, version.finished_at)::date as expected,
    'the platform answered for a day that had not begun' as message
from {{ ref('stg_ledger__account_days') }} as version
inner join {{ ref('stg_agency__accounts') }} as account
    on
        version.platform = account.platform
        and version.account_id = account.account_id
        and version.date >= coalesce(account.started_on, version.date)
        and version.date <= coalesce(account.ended_on, version.date)
where
    version.delivery_rows > 0
    -- Almost none is: the calendar of the time zone is asked for those alone.
    and version.date >= version.finished_at::date
    and version.date > timezone(account.timezone, version.finished_at)::date
    and version.finished_at <= (select as_of from {{ ref('stg_run') }})
