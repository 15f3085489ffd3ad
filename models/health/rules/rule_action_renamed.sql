-- Conversion actions that are counted by a name they no longer have: one row per
-- account and action.
with actions as (
    select
        version.client_id,
        version.platform,
        version.account_id,
        conversion.action_id,
        conversion.kpi,
        conversion.mapped_by as former_name,
        arg_max(conversion.action_type, version.started_at) as action_name,
        min(version.date) as first_date
    from {{ ref('int_conversions_mapped') }} as conversion
    inner join {{ ref('int_versions') }} as version
        on conversion.version_id = version.version_id
    where
        conversion.mapped_by not in (conversion.action_id, conversion.action_type)
        and version.is_current
    group by all
)

select
    'action_renamed' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    first_date as date,
    action_id as metric,
    action_name as observed,
    'a line for ' || action_id || ' in agency/conversion_actions.csv' as expected,
    format(
        'the conversion action {} is called {} now; it still counts as {}, by its '
        'former name {} in agency/conversion_actions.csv',
        action_id, action_name, coalesce(kpi, 'ignore'), former_name
    ) as message
from actions
