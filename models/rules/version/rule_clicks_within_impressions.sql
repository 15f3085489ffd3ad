-- More clicks than impressions on an account's day: one row per version.
select
    'clicks_within_impressions' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    'clicks' as metric,
    facts.clicks::varchar as observed,
    'at most ' || facts.impressions as expected,
    facts.clicks || ' clicks on ' || facts.impressions || ' impressions' as message
from {{ ref('int_version_facts') }} as facts
inner join {{ ref('int_versions') }} as version
    on facts.version_id = version.version_id
inner join {{ ref('int_rules') }} as setting
    on
        version.client_id = setting.client_id
        and setting.rule = 'clicks_within_impressions'
where
    facts.clicks > facts.impressions
    and facts.clicks >= setting.parameters['min_clicks']
