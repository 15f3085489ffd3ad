-- Accounts that the login may not read: one row per account of which every collection
-- since its last good one was refused, from the day on which the first was. An account
-- whose last expected day is over need not be read.
with collections as (
    select
        platform,
        account_id,
        started_at,
        outcome,
        error_class,
        message
    from {{ ref('stg_ledger__collections') }}
    where
        outcome <> 'skipped'
        and finished_at <= (select as_of from {{ ref('stg_run') }})
),

last_collected as (
    select
        platform,
        account_id,
        max(started_at) as started_at
    from collections
    where outcome = 'collected'
    group by all
),

refused as (
    select
        collections.platform,
        collections.account_id,
        min(collections.started_at) as since,
        arg_max(collections.message, collections.started_at) as message
    from collections
    left join last_collected
        on
            collections.platform = last_collected.platform
            and collections.account_id = last_collected.account_id
    where
        last_collected.started_at is null
        or collections.started_at > last_collected.started_at
    group by all
    having arg_max(collections.error_class, collections.started_at) = 'permission'
),

expected as (
    select distinct
        platform,
        account_id
    from {{ ref('int_calendar') }}
    where not is_due
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
semi join expected
    on
        refused.platform = expected.platform
        and refused.account_id = expected.account_id
