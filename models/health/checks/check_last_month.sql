-- Whether last month is complete for every client: one row, judged from its second day on.
with months as (
    select
        day.client_id,
        day.platform,
        date_trunc('month', day.date)::date as month,
        count(*) as expected,
        count(*) filter (where day.status = 'whole') as whole
    from {{ ref('int_account_days') }} as day
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'last_month'
    where
        day.is_due and day.status <> 'not_expected' and not day.waived
        -- The day after the last closed one is today, or about to be.
        and day.last_closed_date + 1 >= date_trunc('month', day.last_closed_date) + to_days(setting.parameters['day']::integer - 1)
        and date_trunc('month', day.date) = date_trunc('month', day.last_closed_date) - interval 1 month
    group by all
),

counted as (
    select
        count(*) as expected,
        count(*) filter (where whole = expected) as complete,
        coalesce(list(
            {'client': client_id, 'platform': platform, 'month': month, 'missing': expected - whole}
            order by client_id, platform
        ) filter (where whole < expected), []) as incomplete
    from months
)

select
    'lastMonth' as name,
    case when complete = expected then 'pass' else 'fail' end as status,
    complete::varchar as observed,
    expected::varchar as expected,
    complete || ' of ' || expected || ' client-months of last month are complete' as message,
    to_json({'incomplete': incomplete}) as details
from counted
