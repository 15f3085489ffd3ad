-- Money spent and nothing shown on an account's day: one row per version.
select
    'spend_without_impressions' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    'impressions' as metric,
    facts.impressions::varchar as observed,
    'more than 0 for a spend of ' || facts.spend as expected,
    facts.spend || ' ' || version.currency || ' were spent on no impression' as message
from {{ ref('int_version_facts') }} as facts
inner join {{ ref('int_versions') }} as version
    on facts.version_id = version.version_id
inner join {{ ref('int_rules') }} as setting
    on
        version.client_id = setting.client_id
        and setting.rule = 'spend_without_impressions'
where
    facts.impressions = 0
    and facts.spend
    >= setting.parameters['min_minor_units'] * {{ minor_unit('version.currency') }}
