-- Amounts below zero: one row per version, campaign and metric.
{% set measures = table_rows('measures', answer='delivery') %}

with amounts as (
    select
        version_id,
        campaign_id,
        unnest([
            {% for measure in measures -%}
                {
                    'metric': '{{ measure.name }}',
                    'amount': {{ measure.name }}::double
                }{{ ',' if not loop.last }}
            {% endfor %}
        ], recursive := true)
    from {{ ref('int_delivery') }}
    where least({{ measures | join(', ', 'name') }}) < 0
    union all
    select
        version_id,
        campaign_id,
        action_type as metric,
        least(conversions, all_conversions)::double as amount
    from {{ ref('int_conversions') }}
    where conversions < 0 or all_conversions < 0
)

select
    'no_negatives' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    nullif(amounts.campaign_id, '') as campaign_id,
    version.date,
    amounts.metric,
    amounts.amount::varchar as observed,
    '0 or more' as expected,
    format('campaign {} has {} {}', amounts.campaign_id, amounts.amount, amounts.metric)
        as message
from amounts
inner join {{ ref('int_versions') }} as version
    on amounts.version_id = version.version_id
where amounts.amount < 0
