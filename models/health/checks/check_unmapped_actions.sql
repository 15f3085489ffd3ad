-- Actions that are counted and that no line of the agency names: one row.
with actions as (
    select
        client_id,
        platform,
        account_id,
        metric as action_type
    from {{ ref('int_rule_rows') }}
    where rule = 'unmapped_action_types' and mode = 'live' and not waived
),

counted as (
    select
        count(*) as issues,
        coalesce(list(
            {
                'client': client_id, 'platform': platform,
                'account': account_id, 'actionType': action_type
            }
            order by client_id, platform, account_id, action_type
        ), []) as issue_list
    from actions
)

select
    'unmappedActions' as name,
    case when issues = 0 then 'pass' else 'warn' end as status,
    issues::varchar as observed,
    '0' as expected,
    issues || ' actions are counted that agency/conversion_actions.csv does not name'
        as message,
    to_json({ 'issueCount': issues, 'issues': issue_list }) as details
from counted
