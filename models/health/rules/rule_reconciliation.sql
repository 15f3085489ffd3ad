-- Campaigns that do not add up to the platform's own totals: one row per version and metric.
-- Counts agree exactly, money within half a minor unit for each campaign and one more, conversions within 0.01.
with campaigns as (
    select
        version_id,
        count(*) as campaigns,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(link_clicks) as link_clicks,
        sum(conversions) as conversions,
        sum(conversion_value) as conversion_value,
        sum(all_conversions) as all_conversions,
        sum(all_conversion_value) as all_conversion_value
    from {{ ref('int_delivery') }}
    group by version_id
),

actions as (
    select
        version_id,
        action_id,
        sum(conversions) as conversions,
        sum(conversion_value) as conversion_value,
        sum(all_conversions) as all_conversions,
        sum(all_conversion_value) as all_conversion_value
    from {{ ref('int_conversions') }}
    group by version_id, action_id
),

account_actions as (
    select
        version_id,
        sum(conversions) as conversions,
        sum(conversion_value) as conversion_value,
        sum(all_conversions) as all_conversions,
        sum(all_conversion_value) as all_conversion_value
    from actions
    group by version_id
),

totals as (
    select * from {{ ref('int_control_totals') }} where action_id = ''
),

action_totals as (
    select * from {{ ref('int_control_totals') }} where action_id <> ''
),

versions as (
    select
        version.*,
        platform.totals_by_action
    from {{ ref('int_versions') }} as version
    inner join {{ ref('stg_platforms') }} as platform
        on version.platform = platform.platform
),

delivery as (
    select
        versions.version_id,
        coalesce(campaigns.campaigns, 0) as campaigns,
        unnest([
            {'metric': 'spend', 'kind': 'money', 'found': campaigns.spend, 'total': totals.spend},
            {'metric': 'impressions', 'kind': 'count', 'found': campaigns.impressions, 'total': totals.impressions},
            {'metric': 'clicks', 'kind': 'count', 'found': campaigns.clicks, 'total': totals.clicks},
            {'metric': 'link_clicks', 'kind': 'count', 'found': campaigns.link_clicks, 'total': totals.link_clicks},
            {'metric': 'conversions', 'kind': 'conversions', 'found': campaigns.conversions, 'total': totals.conversions},
            {'metric': 'conversion_value', 'kind': 'money', 'found': campaigns.conversion_value, 'total': totals.conversion_value},
            {'metric': 'all_conversions', 'kind': 'conversions', 'found': campaigns.all_conversions, 'total': totals.all_conversions},
            {'metric': 'all_conversion_value', 'kind': 'money', 'found': campaigns.all_conversion_value, 'total': totals.all_conversion_value}
        ], recursive := true)
    from versions
    left join campaigns
        on versions.version_id = campaigns.version_id
    left join totals
        on versions.version_id = totals.version_id
),

-- Where the platform totals conversions without naming actions, all actions together make the total.
conversions_in_total as (
    select
        versions.version_id,
        coalesce(campaigns.campaigns, 0) as campaigns,
        unnest([
            {'metric': 'conversions by action', 'kind': 'conversions', 'found': account_actions.conversions, 'total': totals.conversions},
            {'metric': 'conversion_value by action', 'kind': 'money', 'found': account_actions.conversion_value, 'total': totals.conversion_value},
            {'metric': 'all_conversions by action', 'kind': 'conversions', 'found': account_actions.all_conversions, 'total': totals.all_conversions},
            {'metric': 'all_conversion_value by action', 'kind': 'money', 'found': account_actions.all_conversion_value, 'total': totals.all_conversion_value}
        ], recursive := true)
    from versions
    left join campaigns
        on versions.version_id = campaigns.version_id
    left join account_actions
        on versions.version_id = account_actions.version_id
    left join totals
        on versions.version_id = totals.version_id
    where not versions.totals_by_action
),

paired_actions as (
    select
        coalesce(actions.version_id, action_totals.version_id) as version_id,
        coalesce(actions.action_id, action_totals.action_id) as action_id,
        actions.conversions as found,
        action_totals.conversions as total,
        actions.conversion_value as found_value,
        action_totals.conversion_value as total_value
    from actions
    full join action_totals
        on actions.version_id = action_totals.version_id and actions.action_id = action_totals.action_id
),

conversions_by_action as (
    select
        versions.version_id,
        coalesce(campaigns.campaigns, 0) as campaigns,
        unnest([
            {'metric': paired_actions.action_id, 'kind': 'conversions', 'found': paired_actions.found, 'total': paired_actions.total},
            {'metric': paired_actions.action_id || ' value', 'kind': 'money', 'found': paired_actions.found_value, 'total': paired_actions.total_value}
        ], recursive := true)
    from paired_actions
    inner join versions
        on paired_actions.version_id = versions.version_id
    left join campaigns
        on versions.version_id = campaigns.version_id
    where versions.totals_by_action
),

compared as (
    select * from delivery
    union all
    select * from conversions_in_total
    union all
    select * from conversions_by_action
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
    coalesce(compared.found, 0)::decimal(18, 6)::varchar as observed,
    coalesce(compared.total, 0)::decimal(18, 6)::varchar as expected,
    'the campaigns have ' || coalesce(compared.found, 0)::double || ' ' || compared.metric
    || ', the account''s own total has ' || coalesce(compared.total, 0)::double as message
from compared
inner join versions
    on compared.version_id = versions.version_id
where
    abs(coalesce(compared.found, 0) - coalesce(compared.total, 0)) > case compared.kind
        when 'money' then (compared.campaigns + 1) * 0.5 * {{ minor_unit('versions.currency') }}
        when 'conversions' then 0.01
        else 0
    end
