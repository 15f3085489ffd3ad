-- Accounts that cannot deliver: one row per account whose latest status says so, from
-- the day on which it was first seen. An account whose last expected day is over need
-- not deliver.
with statuses as (
    select
        platform,
        account_id,
        status,
        is_active,
        seen_at,
        max(seen_at) filter (where is_active) over (
            partition by platform, account_id
        ) as active_until
    from {{ ref('stg_ledger__accounts') }}
),

disabled as (
    select
        platform,
        account_id,
        arg_max(status, seen_at) as status,
        min(seen_at) as since
    from statuses
    where not is_active and seen_at > coalesce(active_until, seen_at - interval 1 day)
    group by all
),

expected as (
    select distinct
        platform,
        account_id
    from {{ ref('int_calendar') }}
    where not is_due
)

select
    'account_disabled' as rule,
    null::varchar as version_id,
    day.client_id,
    disabled.platform,
    disabled.account_id,
    null::varchar as campaign_id,
    day.date,
    'status' as metric,
    disabled.status as observed,
    'an active account' as expected,
    'the platform has disabled the account (status ' || disabled.status || ')'
        as message
from disabled
inner join {{ ref('int_calendar') }} as day
    on
        disabled.platform = day.platform
        and disabled.account_id = day.account_id
        and timezone(day.timezone, disabled.since)::date = day.date
semi join expected
    on
        disabled.platform = expected.platform
        and disabled.account_id = expected.account_id
