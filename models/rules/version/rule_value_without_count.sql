-- A value of conversions that were not counted: one row per version and action.
with actions as (
    {{ summed_actions(
        ['conversions', 'conversion_value'],
        condition='fact.conversion_value > 0 and coalesce(fact.conversions, 0) = 0'
    ) }}
)

select
    'value_without_count' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    actions.action_type as metric,
    actions.conversions::varchar as observed,
    'more than 0 for a value of ' || actions.conversion_value as expected,
    format(
        'a value of {} {} comes from no {}',
        actions.conversion_value, version.currency, actions.action_type
    ) as message
from actions
inner join {{ ref('int_versions') }} as version
    on actions.version_id = version.version_id
where
    coalesce(actions.conversions, 0) = 0
    and actions.conversion_value > {{ minor_unit('version.currency') }}
