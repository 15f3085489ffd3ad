-- A value of conversions that were not counted: one row per version and action.
with actions as (
    select
        version_id,
        action_type,
        sum(conversions) as conversions,
        sum(conversion_value) as conversion_value
    from {{ ref('int_conversions') }}
    -- Few have such a row at all: only those are added up.
    where
        version_id in (
            select fact.version_id
            from {{ ref('int_conversions') }} as fact
            where fact.conversion_value > 0 and coalesce(fact.conversions, 0) = 0
        )
    group by all
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
