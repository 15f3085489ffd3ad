-- Accounts of which days are told only otherwise than the agency registered them: one
-- row.
with accounts as (
    select distinct
        row.client_id,
        row.platform,
        row.account_id,
        row.metric,
        row.observed,
        row.expected
    from {{ ref('int_rule_rows') }} as row
    where
        row.rule = 'registered' and row.mode = 'live' and not row.waived
        -- The account's own row: a day that is whole has no need of its versions.
        and row.version_id is null
),

counted as (
    select
        count(*) as issues,
        coalesce(list(
            {
                'client': client_id, 'platform': platform, 'account': account_id,
                'metric': metric, 'reported': observed, 'registered': expected
            }
            order by client_id, platform, account_id, metric
        ), []) as issue_list
    from accounts
)

select
    'registered' as name,
    case when issues = 0 then 'pass' else 'fail' end as status,
    issues::varchar as observed,
    '0' as expected,
    issues || ' facts differ from agency/accounts.csv; those days are left out'
        as message,
    to_json({ 'issueCount': issues, 'issues': issue_list }) as details
from counted
