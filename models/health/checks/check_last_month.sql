-- Whether last month is complete for every client: one row, judged from its second day
-- on.
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
        -- Today is the day after the last closed one.
        and extract(day from day.last_closed_date) + 1 >= setting.parameters['day']
        and date_trunc('month', day.date)
        = date_trunc('month', day.last_closed_date) - interval 1 month
    group by all
),

counted as (
    select
        count(*) as expected,
        count(*) filter (where whole = expected) as complete,
        coalesce(list(
            {
                'client': client_id, 'platform': platform,
                'month': month, 'missing': expected - whole
            }
            order by client_id, platform
        ) filter (where whole < expected), []) as incomplete
    from months
)

select
    'lastMonth' as name,
    case when complete = expected then 'pass' else 'fail' end as status,
    complete::varchar as observed,
    expected::varchar as expected,
    format('last month is complete for {} of {} client-platforms', complete, expected)
        as message,
    to_json({ 'incomplete': incomplete }) as details
from counted
