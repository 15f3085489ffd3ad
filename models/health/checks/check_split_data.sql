-- Days of the last week whose conversions are missing, not zero: one row.
with split_days as (
    select
        day.client_id,
        day.platform,
        day.account_id,
        day.date,
        day.reason
    from {{ ref('int_account_days') }} as day
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'split_data'
    where
        day.is_due and day.status = 'split' and not day.waived
        and day.date > day.last_closed_date - setting.parameters['days']::integer
),

counted as (
    select
        count(*) as issues,
        coalesce(list(
            {
                'client': client_id, 'platform': platform, 'account': account_id,
                'date': date, 'reason': reason
            }
            order by date desc, client_id asc, platform asc, account_id asc
        ), []) as details
    from split_days
)

select
    'splitData' as name,
    case when issues = 0 then 'pass' else 'fail' end as status,
    issues::varchar as observed,
    '0' as expected,
    issues || ' account-days of the last week lack their conversions and are left out'
        as message,
    to_json({ 'issueCount': issues, 'issues': details }) as details
from counted
