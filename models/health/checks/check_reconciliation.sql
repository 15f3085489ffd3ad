-- Days of the last 30 whose campaigns do not add up to the account's total: one row.
with days as (
    select
        day.client_id,
        day.platform,
        day.account_id,
        day.date
    from {{ ref('int_account_days') }} as day
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'reconciliation'
    where
        day.is_due and day.status = 'unreconciled' and not day.waived
        and day.date > day.last_closed_date - setting.parameters['days']::integer
),

counted as (
    select
        count(*) as issues,
        coalesce(list(
            {
                'client': client_id, 'platform': platform,
                'account': account_id, 'date': date
            }
            order by date desc, client_id asc, platform asc, account_id asc
        ), []) as issue_list
    from days
)

select
    'reconciliation' as name,
    case when issues = 0 then 'pass' else 'fail' end as status,
    issues::varchar as observed,
    '0' as expected,
    issues || ' account-days do not add up to the account''s total and are left out'
        as message,
    to_json({ 'issueCount': issues, 'issues': issue_list }) as details
from counted
