-- Gaps of the last week: one row. A gap is a client's platform-day that is not shown,
-- whatever the reason.
with gaps as (
    select
        day.client_id,
        day.platform,
        day.date,
        string_agg(distinct day.status, ', ' order by day.status) as status
    from {{ ref('int_account_days') }} as day
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'missing_days'
    where
        day.is_due and day.status not in ('whole', 'not_expected') and not day.waived
        and day.date > day.last_closed_date - setting.parameters['days']::integer
    group by day.client_id, day.platform, day.date
),

counted as (
    select
        count(*) as gaps,
        coalesce(list(
            {
                'client': client_id, 'platform': platform,
                'date': date, 'status': status
            }
            order by date desc, client_id asc, platform asc
        ), []) as details
    from gaps
)

select
    'missingDays' as name,
    case when gaps = 0 then 'pass' else 'fail' end as status,
    gaps::varchar as observed,
    '0' as expected,
    gaps || ' client-days of the last week are not whole and are left out' as message,
    to_json({ 'gaps': details }) as details
from counted
