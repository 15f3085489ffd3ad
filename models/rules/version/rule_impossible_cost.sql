-- Clicks that cost what no click costs, a wrong unit: one row per version. The bounds
-- are a hundred times the usual upper and a tenth of the usual lower one, in zlotys.
with rates as (
    select
        currency,
        arg_max(pln, date) as pln
    from {{ ref('stg_agency__rates') }}
    group by currency
),

days as (
    select
        version.*,
        facts.spend,
        facts.clicks,
        facts.spend / facts.clicks as cost_per_click,
        setting.parameters['min_cpc_pln'] / rates.pln as lowest,
        setting.parameters['max_cpc_pln'] / rates.pln as highest,
        setting.parameters['min_clicks'] as min_clicks
    from {{ ref('int_version_facts') }} as facts
    inner join {{ ref('int_versions') }} as version
        on facts.version_id = version.version_id
    inner join rates
        on version.currency = rates.currency
    inner join {{ ref('int_rules') }} as setting
        on version.client_id = setting.client_id and setting.rule = 'impossible_cost'
    where facts.clicks > 0
)

select
    'impossible_cost' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    'spend' as metric,
    spend::varchar as observed,
    format('{:.4f} to {:.2f} for each of {} clicks', lowest, highest, clicks)
        as expected,
    format('{} clicks cost {} {}, which no click costs', clicks, spend, currency)
        as message
from days
where
    cost_per_click > highest
    or (cost_per_click < lowest and clicks >= min_clicks)
