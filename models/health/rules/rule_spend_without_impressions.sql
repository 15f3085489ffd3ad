-- Money spent and nothing shown on an account's day: one row per version.
with days as (
    select
        version_id,
        sum(spend) as spend,
        sum(impressions) as impressions
    from {{ ref('int_delivery') }}
    group by version_id
)

select
    'spend_without_impressions' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    'impressions' as metric,
    days.impressions::varchar as observed,
    'more than 0 for a spend of ' || days.spend as expected,
    days.spend || ' ' || version.currency || ' were spent on no impression' as message
from days
inner join {{ ref('int_versions') }} as version
    on days.version_id = version.version_id
inner join {{ ref('int_rules') }} as setting
    on
        version.client_id = setting.client_id
        and setting.rule = 'spend_without_impressions'
where
    days.impressions = 0
    and days.spend
    >= setting.parameters['min_minor_units'] * {{ minor_unit('version.currency') }}
