-- More clicks than impressions on an account's day: one row per version.
with days as (
    select
        version_id,
        sum(clicks) as clicks,
        sum(impressions) as impressions
    from {{ ref('int_delivery') }}
    group by version_id
)

select
    'clicks_within_impressions' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    'clicks' as metric,
    days.clicks::varchar as observed,
    'at most ' || days.impressions as expected,
    days.clicks || ' clicks on ' || days.impressions || ' impressions' as message
from days
inner join {{ ref('int_versions') }} as version
    on days.version_id = version.version_id
inner join {{ ref('int_rules') }} as setting
    on
        version.client_id = setting.client_id
        and setting.rule = 'clicks_within_impressions'
where days.clicks > days.impressions and days.clicks >= setting.parameters['min_clicks']
