-- More clicks on links than clicks of all kinds: one row per version.
select
    'link_clicks_within_clicks' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    'link_clicks' as metric,
    facts.link_clicks::varchar as observed,
    'at most ' || facts.clicks as expected,
    format('{} link clicks among {} clicks', facts.link_clicks, facts.clicks) as message
from {{ ref('int_version_facts') }} as facts
inner join {{ ref('int_versions') }} as version
    on facts.version_id = version.version_id
inner join {{ ref('int_rules') }} as setting
    on
        version.client_id = setting.client_id
        and setting.rule = 'link_clicks_within_clicks'
where
    facts.link_clicks > facts.clicks
    and facts.link_clicks >= setting.parameters['min_clicks']
