-- Actions that were counted lately and that the agency's file does not name: one row
-- per account and action.
with actions as (
    select
        version.client_id,
        version.platform,
        version.account_id,
        conversion.action_type,
        min(version.date) as first_date,
        max(version.date) as last_date,
        sum(conversion.conversions) as conversions
    from {{ ref('int_conversions_mapped') }} as conversion
    inner join {{ ref('int_versions') }} as version
        on conversion.version_id = version.version_id
    where not conversion.is_mapped and conversion.conversions > 0 and version.is_current
    group by all
)

select
    'unmapped_action_types' as rule,
    null::varchar as version_id,
    actions.client_id,
    actions.platform,
    actions.account_id,
    null::varchar as campaign_id,
    actions.first_date as date,
    actions.action_type as metric,
    actions.conversions::varchar as observed,
    'a line in agency/conversion_actions.csv' as expected,
    format(
        'the action {} is counted and in no KPI, for {} does not name it',
        actions.action_type, 'agency/conversion_actions.csv'
    ) as message
from actions
inner join {{ ref('int_rules') }} as setting
    on actions.client_id = setting.client_id and setting.rule = 'unmapped_action_types'
inner join {{ ref('stg_run') }} as run
    on actions.last_date >= run.as_of::date - setting.parameters['days']::integer
