-- Accounts that the login may not read: one row per account of which every collection
-- since its last good one was refused, from the day on which the first was.
with collections as (
    select
        platform,
        account_id,
        started_at,
        outcome,
        error_class,
        message,
        max(started_at) filter (where outcome = 'collected') over (
            partition by platform, account_id
        ) as collected_at
    from {{ ref('stg_ledger__collections') }}
    where
        outcome <> 'skipped'
        and finished_at <= (select as_of from {{ ref('stg_run') }})
),

refused as (
    select
        platform,
        account_id,
        min(started_at) as since,
        arg_max(message, started_at) as message
    from collections
    where started_at > coalesce(collected_at, started_at - interval 1 day)
    group by all
    having arg_max(error_class, started_at) = 'permission'
)

select
    'access_lost' as rule,
    null::varchar as version_id,
    day.client_id,
    refused.platform,
    refused.account_id,
    null::varchar as campaign_id,
    day.date,
    'access' as metric,
    refused.message as observed,
    'an answer' as expected,
    'the login may not read the account any more (' || refused.message || ')' as message
from refused
inner join {{ ref('int_calendar') }} as day
    on
        refused.platform = day.platform
        and refused.account_id = day.account_id
        and timezone(day.timezone, refused.since)::date = day.date
