-- Figures of account-days outside the usual bounds: one row per version and metric,
-- with what is usual for the account; money in zlotys. They lower the score of the day.
with rates as (
    select
        currency,
        arg_max(pln, date)::double as pln
    from {{ ref('stg_agency__rates') }}
    group by currency
),

figures as (
    select
        series.version_id,
        series.client_id,
        series.platform,
        series.account_id,
        series.date,
        series.clicks,
        setting.parameters as bounds,
        unnest([
            {
                'metric': 'ctr', 'figure': 100 * clicks / nullif(impressions, 0),
                'usual': 100 * exp(usual_ctr[2])
            },
            {
                'metric': 'cpc', 'figure': rates.pln * spend / nullif(clicks, 0),
                'usual': rates.pln * exp(usual_cpc[2])
            },
            {
                'metric': 'spend', 'figure': rates.pln * spend,
                'usual': rates.pln * highest_spend
            },
            { 'metric': 'clicks', 'figure': clicks, 'usual': null }
        ], recursive := true)
    from {{ ref('int_series') }} as series
    inner join rates
        on series.currency = rates.currency
    inner join {{ ref('int_rules') }} as setting
        on series.client_id = setting.client_id and setting.rule = 'usual_bounds'
    where series.impressions > 0
),

bounded as (
    select
        * exclude (bounds),
        coalesce(bounds['min_' || metric], 0) as lowest,
        coalesce(bounds['max_' || metric], 'infinity'::double) as highest
    from figures
)

select *
from bounded
where figure < lowest or figure > highest
