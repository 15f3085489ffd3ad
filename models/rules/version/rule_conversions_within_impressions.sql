-- More conversions than a tenth of the impressions: one row per version.
with converted as (
    select
        version_id,
        sum(conversions) as conversions
    from {{ ref('int_conversions_mapped') }}
    where kpi in ('click_to_call', 'email_contacts', 'reservations')
    group by version_id
),

days as (
    select
        version.version_id,
        version.client_id,
        version.platform,
        version.account_id,
        version.date,
        converted.conversions,
        coalesce(facts.impressions, 0) as impressions,
        setting.parameters['percent'] as percent,
        setting.parameters['min_conversions'] as min_conversions
    from converted
    inner join {{ ref('int_versions') }} as version
        on converted.version_id = version.version_id
    inner join {{ ref('int_rules') }} as setting
        on
            version.client_id = setting.client_id
            and setting.rule = 'conversions_within_impressions'
    left join {{ ref('int_version_facts') }} as facts
        on converted.version_id = facts.version_id
)

select
    'conversions_within_impressions' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    'conversions' as metric,
    conversions::varchar as observed,
    format('at most {} % of {} impressions', percent, impressions) as expected,
    format(
        '{} conversions on {} impressions are more than {} %',
        conversions::double, impressions, percent
    ) as message
from days
where
    impressions > 0
    and conversions >= min_conversions
    and 100 * conversions > percent * impressions
