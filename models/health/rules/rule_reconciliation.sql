-- Campaigns that do not add up to the platform's own totals: one row per version and
-- metric. Counts agree exactly, money within half a minor unit for each campaign and
-- one more, conversions within 0.01.
with campaigns as (
    select
        version_id,
        count(*) as campaigns,
        sum(spend)::decimal(38, 6) as spend,
        sum(impressions)::decimal(38, 6) as impressions,
        sum(clicks)::decimal(38, 6) as clicks,
        sum(link_clicks)::decimal(38, 6) as link_clicks,
        sum(conversions)::decimal(38, 6) as conversions,
        sum(conversion_value)::decimal(38, 6) as conversion_value,
        sum(all_conversions)::decimal(38, 6) as all_conversions,
        sum(all_conversion_value)::decimal(38, 6) as all_conversion_value
    from {{ ref('int_delivery') }}
    group by version_id
),

versions as (
    select
        version.version_id,
        version.client_id,
        version.platform,
        version.account_id,
        version.date,
        version.currency,
        platform.totals_by_action,
        coalesce(campaigns.campaigns, 0) as campaigns
    from {{ ref('int_versions') }} as version
    inner join {{ ref('stg_platforms') }} as platform
        on version.platform = platform.platform
    left join campaigns
        on version.version_id = campaigns.version_id
),

-- Where a platform totals conversions without naming actions, all of them together make
-- its total.
actions as (
    select
        versions.version_id,
        case when versions.totals_by_action then fact.action_id else 'all actions' end
            as action,
        sum(fact.conversions)::decimal(38, 6) as conversions,
        sum(fact.conversion_value)::decimal(38, 6) as conversion_value,
        sum(fact.all_conversions)::decimal(38, 6) as all_conversions,
        sum(fact.all_conversion_value)::decimal(38, 6) as all_conversion_value
    from {{ ref('int_conversions') }} as fact
    inner join versions
        on fact.version_id = versions.version_id
    group by all
),

totals as (
    select
        version_id,
        spend::decimal(38, 6) as spend,
        impressions::decimal(38, 6) as impressions,
        clicks::decimal(38, 6) as clicks,
        link_clicks::decimal(38, 6) as link_clicks,
        conversions::decimal(38, 6) as conversions,
        conversion_value::decimal(38, 6) as conversion_value,
        all_conversions::decimal(38, 6) as all_conversions,
        all_conversion_value::decimal(38, 6) as all_conversion_value
    from {{ ref('int_control_totals') }}
    where action_id = ''
),

action_totals as (
    select
        versions.version_id,
        case when versions.totals_by_action then total.action_id else 'all actions' end
            as action,
        total.conversions::decimal(38, 6) as conversions,
        total.conversion_value::decimal(38, 6) as conversion_value,
        total.all_conversions::decimal(38, 6) as all_conversions,
        total.all_conversion_value::decimal(38, 6) as all_conversion_value
    from {{ ref('int_control_totals') }} as total
    inner join versions
        on total.version_id = versions.version_id
    where versions.totals_by_action = (total.action_id <> '')
),

{% set delivery -%}
unpivot (amount for metric in (
        spend, impressions, clicks, link_clicks,
        conversions, conversion_value, all_conversions, all_conversion_value
    ))
{%- endset %}
{% set by_action -%}
unpivot (amount for metric in (
        conversions, conversion_value, all_conversions, all_conversion_value
    ))
{%- endset %}

-- Both sides are added, never joined: what one of them lacks is zero.
sides as (
    select
        version_id,
        metric,
        amount as found,
        0 as total
    from campaigns {{ delivery }}
    union all
    select
        version_id,
        action || ': ' || metric as metric,
        amount as found,
        0 as total
    from actions {{ by_action }}
    union all
    select
        version_id,
        metric,
        0 as found,
        amount as total
    from totals {{ delivery }}
    union all
    select
        version_id,
        action || ': ' || metric as metric,
        0 as found,
        amount as total
    from action_totals {{ by_action }}
),

compared as (
    select
        version_id,
        metric,
        sum(found)::decimal(38, 6) as found,
        sum(total)::decimal(38, 6) as total
    from sides
    group by all
    having sum(found) <> sum(total)
)

select
    'reconciliation' as rule,
    versions.version_id,
    versions.client_id,
    versions.platform,
    versions.account_id,
    null::varchar as campaign_id,
    versions.date,
    compared.metric,
    compared.found::varchar as observed,
    compared.total::varchar as expected,
    format(
        '{}: the campaigns add up to {}, the account''s own total is {}',
        compared.metric, compared.found::double, compared.total::double
    ) as message
from compared
inner join versions
    on compared.version_id = versions.version_id
where
    abs(compared.found - compared.total) > case
        when compared.metric in ('impressions', 'clicks', 'link_clicks') then 0
        when suffix(compared.metric, 'conversions') then 0.01
        else (versions.campaigns + 1) * 0.5 * {{ minor_unit('versions.currency') }}
    end
