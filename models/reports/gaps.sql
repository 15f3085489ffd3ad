-- Closed days that are not whole: one row per client, platform, status, reason and
-- stretch of days that follow one another. Accounts that differ have rows of their own.
with refused as (
    -- Credentials that do not reach an account need a person before a command can help.
    select
        platform,
        account_id
    from {{ ref('collections') }}
    group by platform, account_id
    having
        arg_max(coalesce(error_class, ''), (started_at, run_id))
        in ('auth', 'permission')
),

days as (
    select
        day.client_id,
        day.platform,
        day.date,
        day.status,
        day.reason,
        day.waived,
        bool_or(refused.account_id is not null) as is_refused
    from {{ ref('account_days') }} as day
    left join refused
        on
            day.platform = refused.platform
            and day.account_id = refused.account_id
    where day.status not in ('whole', 'not_expected')
    group by all
),

-- Days that follow one another share the day that is left when their rank is taken off.
ranked as (
    select
        *,
        date - row_number() over (
            partition by client_id, platform, status, reason, waived, is_refused
            order by date
        )::integer as stretch
    from days
)

select
    client_id,
    platform,
    status,
    reason,
    waived,
    is_refused,
    min(date) as from_date,
    max(date) as to_date,
    count(*) as days
from ranked
group by client_id, platform, status, reason, waived, is_refused, stretch
