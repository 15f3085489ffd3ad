-- Actions that were counted lately and that the agency's file does not name: one row
-- per account and action. What took the name of an action that is named by its id, the
-- rule action_name_moved tells.
{% set overlap = platform_has('types_overlap') %}

select
    'unmapped_action_types' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    first_date as date,
    if(
        has_namesakes or {{ overlap }},
        action_id, coalesce(name, action_type)
    ) as metric,
    conversions::varchar as observed,
    'a line in agency/conversion_actions.csv' as expected,
    format(
        'the action {} is counted and belongs to no KPI, '
        'because agency/conversion_actions.csv does not name it; {}',
        action_id || coalesce(' (called ' || name || ')', ''), advice
    ) as message
from {{ ref('int_unnamed_action_lines') }}
where former_ids is null
