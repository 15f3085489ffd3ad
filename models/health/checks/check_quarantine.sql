-- Versions that arrived and are held back, also of days that are shown: one row. A
-- whole day that is told in another currency since is no trouble.
with held as (
    select
        version.client_id,
        version.platform,
        version.account_id,
        version.date,
        version.broken_rule
    from {{ ref('int_versions_judged') }} as version
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'quarantine'
    cross join {{ ref('stg_run') }} as run
    left join {{ ref('int_account_days') }} as day
        on
            version.platform = day.platform
            and version.account_id = day.account_id
            and version.date = day.date
    where
        (version.broken_rule <> 'registered' or day.status is distinct from 'whole')
        and version.is_current and version.is_due and version.broken_rule is not null
        and version.date > run.as_of::date - setting.parameters['days']::integer
),

counted as (
    select
        count(*) as issues,
        coalesce(list(
            {
                'client': client_id, 'platform': platform, 'account': account_id,
                'date': date, 'rule': broken_rule
            }
            order by date desc, client_id asc, platform asc, account_id asc
        ), []) as issue_list
    from held
)

select
    'quarantine' as name,
    case when issues = 0 then 'pass' else 'warn' end as status,
    issues::varchar as observed,
    '0' as expected,
    issues || ' account-days arrived and are held back by a rule' as message,
    to_json({ 'issueCount': issues, 'issues': issue_list[:50] }) as details
from counted
