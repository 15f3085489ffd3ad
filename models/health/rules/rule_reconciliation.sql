-- Campaigns that do not add up to the platform's own totals: one row per version and
-- metric. Counts agree exactly, money within half a minor unit for each campaign and
-- one more, conversions within 0.01.
{% set delivered = ['spend', 'impressions', 'clicks', 'link_clicks'] %}
{% set converted = [
    'conversions', 'conversion_value', 'all_conversions', 'all_conversion_value'
] %}

with versions as (
    select
        version.version_id,
        version.client_id,
        version.platform,
        version.account_id,
        version.date,
        version.currency,
        platform.totals_by_action
    from {{ ref('int_versions') }} as version
    inner join {{ ref('stg_platforms') }} as platform
        on version.platform = platform.platform
),

totals as (
    select
        total.*,
        versions.totals_by_action
    from {{ ref('int_control_totals') }} as total
    inner join versions
        on total.version_id = versions.version_id
),

-- Both sides are added, never joined: what one of them lacks is zero.
sides as (
    select
        version_id,
        '' as part,
        1 as side,
        {{ (delivered + converted) | join(', ') }}
    from {{ ref('int_delivery') }}
    union all by name
    select
        version_id,
        '' as part,
        -1 as side,
        {{ (delivered + converted) | join(', ') }}
    from totals
    where action_id = ''
    union all by name
    -- Where a platform totals conversions without naming actions, all of them together
    -- make its total.
    select
        fact.version_id,
        if(versions.totals_by_action, fact.action_id, 'all actions') as part,
        1 as side,
        {{ converted | join(', ') }}
    from {{ ref('int_conversions') }} as fact
    inner join versions
        on fact.version_id = versions.version_id
    union all by name
    select
        version_id,
        if(totals_by_action, action_id, 'all actions') as part,
        -1 as side,
        {{ converted | join(', ') }}
    from totals
    where totals_by_action = (action_id <> '')
),

-- Almost all parts agree: only those that do not are looked at metric by metric.
differing as (
    select
        version_id,
        part
    from sides
    group by version_id, part
    having
        false
        {% for metric in delivered + converted %}
            or sum(side * {{ metric }}) <> 0
        {% endfor %}
),

amounts as (
    select sides.*
    from sides
    inner join differing
        on sides.version_id = differing.version_id and sides.part = differing.part
),

compared as (
    select
        version_id,
        concat_ws(': ', nullif(part, ''), metric) as metric,
        coalesce(sum(amount) filter (where side = 1), 0)::decimal(38, 6) as found,
        coalesce(sum(amount) filter (where side = -1), 0)::decimal(38, 6) as total,
        case
            when metric in ('impressions', 'clicks', 'link_clicks') then 'count'
            when suffix(metric, 'conversions') then 'conversions'
            else 'money'
        end as kind
    from amounts
    unpivot (amount for metric in ({{ (delivered + converted) | join(', ') }}))
    group by all
),

campaigns as (
    select
        version_id,
        count(*) as campaigns
    from {{ ref('int_delivery') }}
    group by version_id
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
left join campaigns
    on compared.version_id = campaigns.version_id
where
    abs(compared.found - compared.total) > case compared.kind
        when 'count' then 0
        when 'conversions' then 0.01
        else
            (coalesce(campaigns.campaigns, 0) + 1) * 0.5
            * {{ minor_unit('versions.currency') }}
    end
