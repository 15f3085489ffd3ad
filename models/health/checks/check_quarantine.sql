-- Versions that arrived and are held back, whatever is shown of their days: one row.
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
    where
        version.is_current and version.is_due and version.broken_rule is not null
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
