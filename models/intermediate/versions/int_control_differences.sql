-- Where campaigns do not add up to the platform's own totals, however little: one row
-- per version and metric that differs, one without a metric where none does. A version
-- never changes, so it is compared once: only those that are not here yet are added.
{{ config(materialized='incremental') }}
{% set measures = table_rows('measures') | rejectattr('additive', 'equalto', false)
    | list %}
{% set all = measures | map(attribute='name') | list %}
{% set converted = measures | selectattr('answer', 'equalto', 'conversions')
    | map(attribute='name') | list %}

with versions as (
    select
        version.version_id,
        platform.totals_by_action
    from {{ ref('stg_ledger__account_days') }} as version
    inner join {{ ref('stg_platforms') }} as platform
        on version.platform = platform.platform
    {% if is_incremental() %}
        where
            version.version_id not in (select known.version_id from {{ this }} as known)
    {% endif %}
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
        fact.version_id,
        '' as part,
        1 as side,
        {{ all | join(', ') }}
    from {{ ref('int_delivery') }} as fact
    inner join versions
        on fact.version_id = versions.version_id
    union all by name
    select
        version_id,
        '' as part,
        -1 as side,
        {{ all | join(', ') }}
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
        {% for metric in all %}
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
        case metric
            {% for measure in measures -%}
                when '{{ measure.name }}' then '{{ measure.kind }}'
            {% endfor %}
        end as kind
    from amounts
    unpivot (amount for metric in ({{ all | join(', ') }}))
    group by all
),

campaigns as (
    select
        version_id,
        count(*) as campaigns
    from {{ ref('int_delivery') }}
    where version_id in (select differing.version_id from differing)
    group by version_id
)

select
    versions.version_id,
    compared.metric,
    compared.kind,
    compared.found,
    compared.total,
    coalesce(campaigns.campaigns, 0) as campaigns
from versions
left join compared
    on versions.version_id = compared.version_id and compared.found <> compared.total
left join campaigns
    on versions.version_id = campaigns.version_id
